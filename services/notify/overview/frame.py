"""Who looks at a page of notify, as the frame of officials' pages shows it."""

from __future__ import annotations

from typing import Any

from shared.auth import Principal


def caller(known: Principal) -> dict[str, Any]:
    """Who looks."""
    role = next((one for one in ("leader", "clerk", "operator") if known.has(one)), "")
    return {"subject": known.subject, "agency": known.agency, "role": role}
