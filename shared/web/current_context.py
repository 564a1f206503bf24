"""The context of the service that answers the current request."""

from __future__ import annotations

from flask import current_app

from shared.runtime.context import Context

EXTENSION = "motcua"
"""The key of the context in ``app.extensions``."""


def context() -> Context:
    """The context of the service that answers the current request."""
    found: Context = current_app.extensions[EXTENSION]
    return found
