"""What a request for a supplement names, when the supplement may be handed in, and the states that follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.dossiers.domain import State
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text

MAX_NAMES = 20
"""Most papers that one request names."""


class NoSupplementAsked(ValueError):
    """No papers are requested in this state, so none can be handed in."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no supplement in state {state.value}")
        self.state = state


@dataclass(frozen=True, slots=True)
class SupplementRequest:
    """A row of `supplement_request`; the fields are the columns, in their order.

    Attributes:
        task: the step that waits.
        dossier: its code.
        agency: who requests.
        reason: in words.
        papers: JSON list of texts.
        requested_at: business time.
        until: the end of the wait; None if the regulation sets none.
        first_until: the same as it was requested; `until` moves when its day is declared off.
        supplemented_at: when the papers were handed in; None while the dossier waits.
        note: the clerk's remark at the supplement.
        received_by: the clerk who took the papers; None where the citizen sent them online.
    """

    task: str
    dossier: str
    agency: str
    reason: str
    papers: str
    requested_at: datetime
    until: datetime | None
    first_until: datetime | None
    supplemented_at: datetime | None
    note: str | None
    received_by: str | None


def moved_end(until: datetime | None, moves: Mapping[datetime, datetime]) -> datetime | None:
    """When a wait ends, if moves of its end became known before the request.

    Args:
        until: as requested.
        moves: a former end → the later one.
    """
    while until is not None and (later := moves.get(until)) is not None and later > until:
        until = later
    return until


def check_supplement(state: State) -> None:
    """Checks that papers may be handed in: only where they were requested, at the one-stop desk (NĐ 118/2025, article 19.5).

    Raises:
        NoSupplementAsked: the dossier is in any other state.
    """
    if state is not State.SUPPLEMENT_REQUESTED:
        raise NoSupplementAsked(state)


def states_after_supplement(unpaid: bool) -> tuple[State, ...]:
    """The states that follow a supplement: being processed, and then waiting for payment if an obligation is unpaid.

    Args:
        unpaid: whether an obligation requested meanwhile is unpaid.
    """
    return (State.PROCESSING, State.OBLIGATION_REQUESTED) if unpaid else (State.PROCESSING,)


def requested_papers(names: Sequence[str]) -> list[str]:
    """The papers that a request names, each once.

    Raises:
        InvalidField: there is none, or too many, or one cannot be printed or is too long.
    """
    papers = list(dict.fromkeys(filter(None, (plain_text(name, "papers", MAX_NOTE) for name in names))))
    if not 0 < len(papers) <= MAX_NAMES:
        raise InvalidField("papers", "Nêu ít nhất một giấy tờ, mỗi dòng một giấy tờ.", "Name at least one paper.")
    return papers


def required_reason(text: str) -> str:
    """A reason that the applicant reads.

    Raises:
        InvalidField: it is missing, too long, or cannot be printed.
    """
    reason = plain_text(text, "reason", MAX_NOTE)
    if not reason:
        raise InvalidField("reason", "Phải nêu rõ lý do.", "The reason is missing.")
    return reason
