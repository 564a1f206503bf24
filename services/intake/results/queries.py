"""What staff read of a result that was handed over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake.results.domain import IdentityCheck, Method
from services.intake.results.store import hand_over_of


def hand_over_view(connection: Connection, code: str) -> dict[str, Any] | None:
    """How a result was handed over, with the labels of its codes; None before it was.

    Args:
        connection: any.
        code: the dossier's.
    """
    found = hand_over_of(connection, code)
    if found is None:
        return None
    identity = found["identity"]
    labels = {"identity_label": IdentityCheck(identity).label if identity else ("", "")}
    return found | labels | {"method_label": Method(found["method"]).label}
