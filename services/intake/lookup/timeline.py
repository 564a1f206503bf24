"""The way of a dossier as the citizen sees it: what is behind, where it is, what is ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.dossiers.domain import State

MAIN_WAY = (State.RECEIVED, State.PROCESSING, State.RESOLVED, State.RETURNED)

BADGES: Mapping[State, str] = {
    State.REGISTERED: "plain",
    State.RECEIVED: "busy",
    State.REFUSED: "late",
    State.PROCESSING: "busy",
    State.SUPPLEMENT_REQUESTED: "waiting",
    State.OBLIGATION_REQUESTED: "waiting",
    State.WITHDRAWAL_REQUESTED: "plain",
    State.STOPPED: "late",
    State.RESOLVED: "good",
    State.RETURNED: "good",
}


def timeline(dossier: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps for the template's timeline.

    Args:
        dossier: as :func:`services.intake.lookup.queries.public_view` gives it.

    Returns:
        mappings with title, time, note and state (``done``, ``now`` or ``ahead``).
    """
    passed = [(State.RECEIVED, dossier["received_at"])]
    passed += [(State(change["state"]), change["at"]) for change in dossier["history"]]
    steps = [{"title": state.vi, "time": at, "state": "done", "note": ""} for state, at in passed]
    last = passed[-1][0]
    if last is not State.RETURNED:
        steps[-1]["state"] = "now"
        steps[-1]["note"] = _whereabouts(dossier, last)
    return steps + [{"title": state.vi, "time": None, "state": "ahead", "note": ""} for state in _ahead(last)]


def _ahead(last: State) -> list[State]:
    """What is still to come on the main way; nothing for a dossier that was refused or stopped."""
    if last in MAIN_WAY:
        return list(MAIN_WAY[MAIN_WAY.index(last) + 1 :])
    if last in (State.SUPPLEMENT_REQUESTED, State.OBLIGATION_REQUESTED):
        return list(MAIN_WAY[MAIN_WAY.index(State.PROCESSING) :])
    return []


def _whereabouts(dossier: Mapping[str, Any], last: State) -> str:
    place = dossier["place"]
    if last is State.RESOLVED:
        return f"Mời đến nhận kết quả tại {place['agency_name']}."
    if last in (State.REFUSED, State.STOPPED, State.WITHDRAWAL_REQUESTED):
        return ""
    if last is State.SUPPLEMENT_REQUESTED:
        return f"Chờ bổ sung giấy tờ tại {dossier['receiving_agency_name']}."
    return f"Đang ở {place['agency_name']}" + (f": {place['step']}." if place["step"] else ".")
