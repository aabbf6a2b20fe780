"""Reads log lines such as `2026-03-02T08:00:00Z ERROR checkout payment declined`."""

from dataclasses import dataclass

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class UnreadableLine(ValueError):
    """The line does not have the shape that we agreed on."""


@dataclass(frozen=True)
class Entry:
    """One log line."""

    at: str
    level: str
    service: str
    message: str


def parse_line(line: str) -> Entry:
    """Parse one line; raises UnreadableLine."""
    parts = line.strip().split(" ", 3)
    if len(parts) < 3 or parts[1] not in LEVELS:
        raise UnreadableLine(line)
    at, level, service, *message = parts
    return Entry(at, level, service, message[0] if message else "")
