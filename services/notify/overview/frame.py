"""What the lists of notify share: who looks, as the frame of officials' pages shows it, and where the next page begins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.auth import Principal


def caller(known: Principal) -> dict[str, Any]:
    """Who looks."""
    role = next((one for one in ("leader", "clerk", "operator") if known.has(one)), "")
    return {"subject": known.subject, "agency": known.agency, "role": role}


def place_after(typed: str) -> tuple[datetime, str] | None:
    """After which row a page of a list begins: time and id of the last row of the page before; None for the first page."""
    at, _, id_ = typed.partition(" ")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, id_[:36]) if moment.tzinfo is not None else None
