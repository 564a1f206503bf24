"""The three kinds of handler errors. They decide whether an event is tried again soon, waits for another, or is parked."""

from __future__ import annotations


class HandlerError(Exception):
    """What a handler may raise on purpose; anything else it raises counts as a fault to retry."""


class NotYet(HandlerError):
    """What this event builds on has not arrived; it waits, and wakes when another event of its key is applied."""


class Permanent(HandlerError):
    """Trying again cannot help; the event is parked at once for a person to look at."""
