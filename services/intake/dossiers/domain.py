"""A dossier (hồ sơ), its states with the national portal's numbers, and the closed table of transitions."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cache
from types import MappingProxyType

from shared.catalogue.text import fold, slug
from shared.text import clean_code


class State(IntEnum):
    """A dossier's state (trạng thái hồ sơ), with the numbers of the national public service portal."""

    REGISTERED = 1
    RECEIVED = 2
    REFUSED = 3
    PROCESSING = 4
    SUPPLEMENT_REQUESTED = 5
    OBLIGATION_REQUESTED = 6
    WITHDRAWAL_REQUESTED = 7
    STOPPED = 8
    RESOLVED = 9
    RETURNED = 10

    @property
    def vi(self) -> str:
        """The Vietnamese label, in the portal's words."""
        return _LABELS[self][0]

    @property
    def en(self) -> str:
        """The English label."""
        return _LABELS[self][1]

    @property
    def final(self) -> bool:
        """Whether nothing can follow."""
        return not TRANSITIONS[self]


_LABELS: Mapping[State, tuple[str, str]] = MappingProxyType(
    {
        State.REGISTERED: ("Mới đăng ký", "Newly registered"),
        State.RECEIVED: ("Được tiếp nhận", "Received"),
        State.REFUSED: ("Không được tiếp nhận", "Refused"),
        State.PROCESSING: ("Đang xử lý", "Being processed"),
        State.SUPPLEMENT_REQUESTED: ("Yêu cầu bổ sung giấy tờ", "More papers requested"),
        State.OBLIGATION_REQUESTED: ("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment of an obligation requested"),
        State.WITHDRAWAL_REQUESTED: ("Công dân yêu cầu rút hồ sơ", "Withdrawal requested by the citizen"),
        State.STOPPED: ("Dừng giải quyết", "Stopped"),
        State.RESOLVED: ("Đã xử lý xong", "Resolved, result ready"),
        State.RETURNED: ("Đã trả kết quả", "Result returned"),
    }
)

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
"""The kind of badge that pages show a state as."""

TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.REGISTERED: frozenset({State.RECEIVED, State.REFUSED}),
        State.RECEIVED: frozenset({State.PROCESSING, State.WITHDRAWAL_REQUESTED}),
        State.REFUSED: frozenset(),
        State.PROCESSING: frozenset(
            {
                State.SUPPLEMENT_REQUESTED,
                State.OBLIGATION_REQUESTED,
                State.WITHDRAWAL_REQUESTED,
                State.STOPPED,
                State.RESOLVED,
            }
        ),
        State.SUPPLEMENT_REQUESTED: frozenset({State.PROCESSING, State.WITHDRAWAL_REQUESTED, State.STOPPED}),
        State.OBLIGATION_REQUESTED: frozenset({State.PROCESSING, State.WITHDRAWAL_REQUESTED, State.STOPPED}),
        # A withdrawal counts only before the result (NĐ 118/2025, article 21). The result may exist before routing learns of it.
        State.WITHDRAWAL_REQUESTED: frozenset({State.STOPPED, State.RESOLVED}),
        State.STOPPED: frozenset(),
        State.RESOLVED: frozenset({State.RETURNED}),
        State.RETURNED: frozenset(),
    }
)
"""What may follow each state directly. Nothing else can happen, however late or often an event arrives."""

IN_PROGRESS = frozenset({State.RECEIVED, State.PROCESSING, State.SUPPLEMENT_REQUESTED, State.OBLIGATION_REQUESTED})
"""States in which agencies still work on the dossier or wait for the citizen."""

PAYABLE = IN_PROGRESS | {State.RESOLVED, State.RETURNED}
"""States in which payments are taken: the dossier was received and not refused, withdrawn or stopped."""

REFUSED_OUTCOME = "refused"
"""The outcome of a dossier that the handling agency refused to resolve; its result is the written refusal."""

RESULT_EXISTS = frozenset({State.RESOLVED, State.RETURNED})
"""States with a result; a dossier can no longer be withdrawn (NĐ 118/2025, article 21)."""


def state_fields(state: State) -> dict[str, int | str]:
    """A state as every JSON answer shows it: the portal's number and the labels."""
    return {"state": int(state), "state_label": state.vi, "state_label_en": state.en}


def may_follow(now: State, new: State) -> bool:
    """Whether a dossier may pass directly from one state to another."""
    return new in TRANSITIONS[now]


@cache
def leads_to(now: State, new: State) -> bool:
    """Whether a dossier may pass from one state to another, directly or through states whose events have not arrived.

    Nothing follows a final state, so a late event cannot reopen a dossier.

    Args:
        now: the present state.
        new: the state asked for. False for the present state, since that is no change.
    """
    waiting, seen = deque([now]), {now}
    while waiting:
        for state in TRANSITIONS[waiting.popleft()] - seen:
            if state is new:
                return True
            seen.add(state)
            waiting.append(state)
    return False


def search_form(name: str) -> str:
    """A name as it is compared and searched for: lower case, without diacritics, one space between words."""
    return slug(fold(name)).replace("_", " ")


def search_words(name: str) -> list[str]:
    """The words of a name as they are searched for."""
    return search_form(name).split()


def id_search_words(number: str) -> list[str]:
    """The number of an identity document as it is searched for, as the only word: digits and capitals without separators."""
    found = "".join(char for char in clean_code(number).upper() if char.isalnum())
    return [found] if found else []


def party_numbers(parties: str) -> list[str]:
    """The numbers of the identity documents of those beside the applicant, each as a word to search for.

    Args:
        parties: JSON of :class:`services.intake.filing.domain.parties.Parties`; empty for nobody; or one number that is searched for.
    """
    if not parties.startswith("{"):
        return id_search_words(parties)
    people = json.loads(parties)
    known = [people["representative"]] if people["representative"] else []
    return [word for one in [*known, *people["co_applicants"]] for word in id_search_words(one["id_number"])]


class UnknownDossier(LookupError):
    """There is no dossier of this code."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A row of `dossier`; the fields are the columns, in their order."""

    code: str
    state: State
    procedure: str
    procedure_version: int
    case_code: str
    chosen: str
    field: str
    channel: str
    remote: bool
    receiving_agency: str
    regulation: str
    received_at: datetime
    promised_at: datetime
    explanation: str
    due_at: datetime
    paused: bool
    due_changed_at: datetime | None
    clock_changed_at: datetime | None
    place_agency: str
    place_step: str
    place_due_at: datetime | None
    place_since: datetime | None
    fee: int
    fee_items: str
    fee_paid_at: datetime | None
    resolved_at: datetime | None
    outcome: str | None
    result_notified_at: datetime | None
    result_notified_by: str | None
    returned_at: datetime | None
    supplemented_at: datetime | None
    withdrawn_at: datetime | None
    withdrawal_reason: str | None
    stopped_at: datetime | None
    stop_cause: str | None
    stop_reason: str | None
    refusal_agency: str | None
    refusal_document: str | None
    refusal_reason: str | None
    papers: str
    applicant_name: str
    applicant_search: str
    applicant_id_number: str
    applicant_id_index: str
    applicant_id_kind: str
    applicant_phone: str
    applicant_email: str
    applicant_address: str
    applicant_birth_date: str
    applicant_sex: str
    applicant_old_id_number: str
    applicant_preferences: str | None
    parties: str
    parties_index: str
    originals_kept: int
    receiver_name: str | None
    return_note: str | None
    received_by: str
    secret_hash: str
    record_id: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a dossier is: the columns that handlers of events look at, without what the citizen has handed in.

    To read and decrypt all columns of a dossier takes several times as long.
    """

    code: str
    state: State
    receiving_agency: str
    due_changed_at: datetime | None
    clock_changed_at: datetime | None
    place_since: datetime | None
    resolved_at: datetime | None
    outcome: str | None
    result_notified_at: datetime | None
    supplemented_at: datetime | None
    stopped_at: datetime | None
    stop_cause: str | None
    refusal_agency: str | None
    refusal_document: str | None
    refusal_reason: str | None
    record_id: str

    @property
    def is_over(self) -> bool:
        """Whether no result can follow: it is there already, or the dossier was stopped or refused."""
        return not leads_to(self.state, State.RESOLVED)
