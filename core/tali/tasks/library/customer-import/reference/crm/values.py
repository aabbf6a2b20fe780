"""Turns what stands in a cell into a value; ValueError where that cannot be done."""

import datetime
import re

_DATES = (
    re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"),
    re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})"),
    re.compile(r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})"),
)
_CURRENCY = re.compile(r"€|EUR|\s", re.IGNORECASE)


def parse_email(text: str) -> str:
    """An address in lower case."""
    user, at, domain = text.lower().partition("@")
    if not (user and at and "." in domain) or "@" in domain or domain.startswith(".") or domain.endswith("."):
        raise ValueError(f"{text!r} is no e-mail address")
    if re.search(r"\s", text):
        raise ValueError(f"{text!r} has white space in it")
    return text.lower()


def parse_name(text: str) -> str:
    """A name on one line."""
    return " ".join(text.split())


def parse_date(text: str) -> datetime.date | None:
    """A date in one of the three ways in which they are written; None for an empty cell."""
    if not text:
        return None
    for pattern in _DATES:
        if found := pattern.fullmatch(text):
            return datetime.date(**{name: int(value) for name, value in found.groupdict().items()})
    raise ValueError(f"{text!r} is no date")


def parse_cents(text: str) -> int:
    """An amount in cents. What could mean two amounts means none."""
    amount = _CURRENCY.sub("", text)
    if not amount:
        return 0
    decimal = _decimal_sign(amount)
    whole, _, fraction = amount.partition(decimal) if decimal else (amount, "", "")
    if not re.fullmatch(r"[0-9]+|[0-9]{1,3}([.,])[0-9]{3}(\1[0-9]{3})*", whole):
        raise ValueError(f"{text!r} is no amount")
    if decimal and not re.fullmatch(r"[0-9]{1,2}", fraction):
        raise ValueError(f"{text!r} has no one or two decimals")
    return int(re.sub("[.,]", "", whole)) * 100 + int(fraction.ljust(2, "0"))


def _decimal_sign(amount: str) -> str:
    """The sign before the decimals, or nothing."""
    signs = re.findall("[.,]", amount)
    if len(set(signs)) == 2:
        return signs[-1]
    if len(signs) != 1:
        return ""
    if re.search(r"[.,][0-9]{3}$", amount):
        raise ValueError(f"{amount!r} may mean two amounts")
    return signs[0]
