"""Turns what stands in a cell into a value; ValueError where that cannot be done."""

import datetime


def parse_email(text):
    if "@" not in text:
        raise ValueError(text)
    return text


def parse_date(text):
    return datetime.date.fromisoformat(text)


def parse_cents(text):
    return int(float(text) * 100)
