"""Errors while a dossier is changed."""

from __future__ import annotations


class StaleState(RuntimeError):
    """A row is not in the state in which it was just read under its lock: a bug."""
