"""The import: bytes of a file in, customers out."""

from crm.model import Customer, Rejected, Result
from crm.values import parse_cents, parse_date, parse_email


def import_customers(data: bytes) -> Result:
    """Read one file.

    Raises NotACustomerFile when it has no column for the e-mail.
    """
    result = Result()
    lines = data.decode("utf-8").split("\n")
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        email, name, since, revenue = line.split(",")
        try:
            email = parse_email(email)
        except ValueError:
            result.rejected.append(Rejected(number, "email", email))
            continue
        result.customers.append(Customer(email, name, parse_date(since), parse_cents(revenue)))
    return result
