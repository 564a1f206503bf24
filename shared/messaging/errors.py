"""Errors that handlers raise on purpose. They decide whether an event waits for another one or is parked at once."""

from __future__ import annotations


class HandlerError(Exception):
    """Base of the errors that handlers raise on purpose; any other exception is a fault, and the event is retried."""


class NotYet(HandlerError):
    """The event depends on one that has not arrived. It waits, and is retried when another event of its key has been applied."""


class Permanent(HandlerError):
    """Retrying cannot help; the event is parked at once, for a person to decide."""


class Conflict(Permanent):
    """The event is new, but gives other contents to a record that is known: the sender has given a number twice, as after a restore from a
    backup that nobody noticed. The event is parked and the sender told; what is known is never overwritten."""
