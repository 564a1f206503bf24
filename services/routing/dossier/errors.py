"""What can go wrong while a dossier is moved."""

from __future__ import annotations


class StaleState(RuntimeError):
    """A row was not in the state in which it had just been read under lock; a fault of the program."""
