"""The import: bytes of a file in, customers out."""

from crm.model import Customer, Rejected, Result
from crm.reader import read_rows
from crm.values import parse_cents, parse_date, parse_email, parse_name

_PARSERS = {"email": parse_email, "name": parse_name, "since": parse_date, "revenue": parse_cents}


def import_customers(data: bytes) -> Result:
    """Read one file.

    Raises NotACustomerFile when it has no column for the e-mail.
    """
    result = Result()
    customers: dict[str, Customer] = {}
    for line, row in read_rows(data):
        parsed = _parse(line, row)
        if isinstance(parsed, Rejected):
            result.rejected.append(parsed)
        elif parsed.email in customers:
            customers[parsed.email] = _merge(customers[parsed.email], parsed)
            result.merged += 1
        else:
            customers[parsed.email] = parsed
    result.customers = list(customers.values())
    return result


def _parse(line: int, row: dict[str, str]) -> Customer | Rejected:
    values = {}
    for column, parse in _PARSERS.items():
        text = row.get(column, "")
        try:
            values[column] = parse(text)
        except ValueError:
            return Rejected(line, column, text)
    return Customer(values["email"], values["name"], values["since"], values["revenue"])


def _merge(former: Customer, later: Customer) -> Customer:
    dates = [date for date in (former.since, later.since) if date is not None]
    return Customer(
        email=former.email,
        name=later.name or former.name,
        since=min(dates, default=None),
        revenue_cents=former.revenue_cents + later.revenue_cents,
    )
