"""Imports export.csv and prints what came of it."""

from pathlib import Path

from crm import import_customers


def main():
    try:
        result = import_customers(Path("export.csv").read_bytes())
    except Exception as error:
        print(f"the import crashed: {type(error).__name__}: {error}")
        return
    for customer in result.customers:
        since = customer.since.isoformat() if customer.since else "unknown"
        print(f"{customer.email:<28} {customer.name:<28} {since:<10} {customer.revenue_cents / 100:>12,.2f}")
    print(f"{len(result.customers)} customers, {result.merged} rows merged, {len(result.rejected)} rejected:")
    for row in result.rejected:
        print(f"  line {row.line}: {row.column}: {row.value!r}")


if __name__ == "__main__":
    main()
