"""The timeline of a dossier on the citizen's page: past states, the present one, and those to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.dossiers.domain import State
from shared.web.language import text, vietnamese

MAIN_STATES = (State.RECEIVED, State.PROCESSING, State.RESOLVED, State.RETURNED)


def timeline(dossier: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of the template's timeline.

    Args:
        dossier: the result of :func:`services.intake.lookup.queries.public_view`.

    Returns:
        mappings with title, time, note and state (``done``, ``now`` or ``ahead``).
    """
    passed = [(State.RECEIVED, dossier["received_at"])]
    passed += [(State(change["state"]), change["at"]) for change in dossier["history"]]
    steps = [{"title": text(state.vi, state.en), "time": at, "state": "done", "note": ""} for state, at in passed]
    last = passed[-1][0]
    if last is not State.RETURNED:
        steps[-1]["state"] = "now"
        steps[-1]["note"] = _place_note(dossier, last)
    return steps + [
        {"title": text(state.vi, state.en), "time": None, "state": "ahead", "note": ""} for state in _ahead(last)
    ]


def _ahead(last: State) -> list[State]:
    """The main states to come; none for a dossier that was refused or stopped."""
    if last in MAIN_STATES:
        return list(MAIN_STATES[MAIN_STATES.index(last) + 1 :])
    if last in (State.SUPPLEMENT_REQUESTED, State.OBLIGATION_REQUESTED):
        return list(MAIN_STATES[MAIN_STATES.index(State.PROCESSING) :])
    return []


def _place_note(dossier: Mapping[str, Any], last: State) -> str:
    place, desk = dossier["place"], vietnamese(dossier["receiving_agency_name"])
    agency = vietnamese(place["agency_name"])
    if last is State.RESOLVED:
        return text("Mời ông/bà đến nhận kết quả tại {agency}.", "Please fetch the result at {agency}.", agency=agency)
    if last in (State.REFUSED, State.STOPPED, State.WITHDRAWAL_REQUESTED):
        return ""
    if last is State.SUPPLEMENT_REQUESTED:
        return text("Chờ bổ sung giấy tờ tại {desk}.", "Awaiting papers at {desk}.", desk=desk)
    if not place["step"]:
        return text("Đang ở {agency}.", "Now at {agency}.", agency=agency)
    step = vietnamese(place["step"])
    return text("Đang ở {agency}: {step}.", "Now at {agency}: {step}.", agency=agency, step=step)
