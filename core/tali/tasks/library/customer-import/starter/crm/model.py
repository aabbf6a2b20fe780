"""What an import brings about. The CRM uses these."""

import datetime
from dataclasses import dataclass, field


class NotACustomerFile(ValueError):
    """There is no column for the e-mail."""


@dataclass(frozen=True)
class Customer:
    """One customer; `since` is None where nobody knows."""

    email: str
    name: str
    since: datetime.date | None
    revenue_cents: int


@dataclass(frozen=True)
class Rejected:
    """A row for sales to correct: the line on which it begins, the column at fault, and the value as it stood there."""

    line: int
    column: str
    value: str


@dataclass
class Result:
    """The outcome of an import."""

    customers: list[Customer] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    merged: int = 0
