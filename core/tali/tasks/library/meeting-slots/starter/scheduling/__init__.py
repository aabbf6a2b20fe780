"""Proposes times for meetings."""

from scheduling.model import Event, Person, Request, Slot
from scheduling.proposals import propose

__all__ = ["Event", "Person", "Request", "Slot", "propose"]
