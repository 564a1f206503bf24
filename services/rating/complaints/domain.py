"""What a complaint is, and which acts its state allows.

People report (phản ánh) and recommend (kiến nghị) here. A formal complaint (khiếu nại, Luật Khiếu nại 2011) and a denunciation (tố cáo,
Luật Tố cáo 2018) have procedures of their own: who chooses one of them is told where it belongs, and nothing is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from enum import StrEnum

PREFIX = "PA"
"""Of codes: phản ánh, kiến nghị."""
CODE = re.compile(r"PA-[A-Z0-9.]{1,50}-[0-9]{4}-[0-9]{5,7}")
MAX_NAME, MAX_ADDRESS, MAX_EMAIL, MAX_PHONE, MAX_ABOUT = 200, 300, 200, 20, 300


class Kind(StrEnum):
    """feedback: phản ánh, what went wrong. recommendation: kiến nghị, what should change."""

    FEEDBACK = "feedback"
    RECOMMENDATION = "recommendation"


class Redirected(StrEnum):
    """What is not handled here: formal_complaint is khiếu nại, denunciation is tố cáo."""

    FORMAL_COMPLAINT = "formal_complaint"
    DENUNCIATION = "denunciation"


class Channel(StrEnum):
    """How it came."""

    WEB = "web"
    HOTLINE = "hotline"
    MAILBOX = "mailbox"
    SMS = "sms"
    KIOSK = "kiosk"
    PAPER = "paper"


class State(StrEnum):
    """Where a complaint stands; docs/complaints.md draws the moves."""

    LODGED = "lodged"
    MORE_REQUESTED = "more_requested"
    ASSIGNED = "assigned"
    DRAFTED = "drafted"
    ANSWERED = "answered"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class Act(StrEnum):
    """What somebody does with it."""

    LODGE = "lodge"
    ASSIGN = "assign"
    FORWARD = "forward"
    NAME = "name"
    REQUEST_MORE = "request_more"
    SUPPLY = "supply"
    STOP_WAITING = "stop_waiting"
    REJECT = "reject"
    DRAFT = "draft"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


_S, _A = State, Act
MOVES: Mapping[tuple[State, Act], State] = {
    (_S.LODGED, _A.ASSIGN): _S.ASSIGNED,
    (_S.REOPENED, _A.ASSIGN): _S.ASSIGNED,
    (_S.ASSIGNED, _A.ASSIGN): _S.ASSIGNED,
    (_S.DRAFTED, _A.ASSIGN): _S.ASSIGNED,
    (_S.LODGED, _A.FORWARD): _S.LODGED,
    (_S.ASSIGNED, _A.FORWARD): _S.LODGED,
    (_S.DRAFTED, _A.FORWARD): _S.LODGED,
    (_S.REOPENED, _A.FORWARD): _S.REOPENED,
    (_S.LODGED, _A.NAME): _S.LODGED,
    (_S.MORE_REQUESTED, _A.NAME): _S.MORE_REQUESTED,
    (_S.ASSIGNED, _A.NAME): _S.ASSIGNED,
    (_S.DRAFTED, _A.NAME): _S.DRAFTED,
    (_S.REOPENED, _A.NAME): _S.REOPENED,
    (_S.LODGED, _A.REQUEST_MORE): _S.MORE_REQUESTED,
    (_S.ASSIGNED, _A.REQUEST_MORE): _S.MORE_REQUESTED,
    (_S.MORE_REQUESTED, _A.SUPPLY): _S.LODGED,  # or assigned again, see after()
    (_S.MORE_REQUESTED, _A.STOP_WAITING): _S.LODGED,
    (_S.LODGED, _A.REJECT): _S.REJECTED,
    (_S.ASSIGNED, _A.REJECT): _S.REJECTED,
    (_S.REOPENED, _A.REJECT): _S.REJECTED,
    (_S.ASSIGNED, _A.DRAFT): _S.DRAFTED,
    (_S.DRAFTED, _A.DRAFT): _S.DRAFTED,
    (_S.DRAFTED, _A.SEND_BACK): _S.ASSIGNED,
    (_S.DRAFTED, _A.APPROVE): _S.ANSWERED,
    (_S.ANSWERED, _A.PUBLISH): _S.PUBLISHED,
    (_S.LODGED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.MORE_REQUESTED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ASSIGNED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.DRAFTED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.REOPENED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ANSWERED, _A.REOPEN): _S.REOPENED,
    (_S.PUBLISHED, _A.REOPEN): _S.REOPENED,
    (_S.REJECTED, _A.REOPEN): _S.REOPENED,
}
"""All moves there are; what is not here is refused."""

IN_HAND = frozenset({_S.LODGED, _S.MORE_REQUESTED, _S.ASSIGNED, _S.DRAFTED, _S.REOPENED})
"""Waits for its answer."""
ENDED = frozenset({_S.ANSWERED, _S.PUBLISHED, _S.REJECTED, _S.WITHDRAWN})


class ComplaintError(Exception):
    """A complaint does not allow this."""


class UnknownComplaint(ComplaintError):
    """There is none of this code, or the secret is not its own."""


class NotAllowedNow(ComplaintError):
    """The state does not allow the act."""

    def __init__(self, state: State, act: Act) -> None:
        super().__init__(f"{act} is not possible in state {state}")
        self.state, self.act = state, act


class ChangedSince(ComplaintError):
    """Somebody has changed it since the caller has read it."""


class ConflictOfInterest(ComplaintError):
    """An official may not take part in what is about them, or about their own work."""


class TooManyTimes(ComplaintError):
    """More was asked for, or it was reopened, as often as the rules allow."""


class TooLate(ComplaintError):
    """The time to reopen it is over."""


class OtherComplaint(ComplaintError):
    """Another complaint was lodged under the same identifier."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field.

    Attributes:
        field: its name in :class:`NewComplaint` or in the act's form.
        vi, en: the sentence for the person.
    """

    field: str
    vi: str
    en: str


class Unacceptable(ComplaintError):
    """Some fields are not acceptable; `faults` names them."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Complainant:
    """Who complains; all empty for somebody who gives no name.

    Attributes:
        name, address: as written.
        phone: in national form, or with + and the country's code.
        email: an address.
    """

    name: str = attribute(default="", repr=False)
    address: str = attribute(default="", repr=False)
    phone: str = attribute(default="", repr=False)
    email: str = attribute(default="", repr=False)

    @property
    def anonymous(self) -> bool:
        """Whether they give no name."""
        return not self.name


@dataclass(frozen=True, slots=True)
class NewComplaint:
    """A complaint as it comes in.

    Attributes:
        id: UUID made by the sender: the same one again is a repeat.
        kind: of what the law calls it.
        channel: how it came.
        agency: code of the agency that it is addressed to.
        text: cleaned, several lines.
        topic: one of the topics in ``data/complaints.json``.
        by: who complains.
        language: in which they want to be told, ``vi`` or ``en``.
        dossier: code of the dossier that it is about; empty for none. Whether there is one is never told to the sender.
        procedure, field: that it is about, where known; empty otherwise.
        about: whom it is about, in the sender's words; empty for nobody.
        about_leader: whether that is a leader of the agency; then the agency above it answers.
        officials: subjects of the officials whom it is about, where whoever enters it knows them.
        entered_by: subject of the clerk who enters it for somebody; empty otherwise.
        received_at: when the SMS, call or letter came, if that was before now.
    """

    id: str
    kind: Kind
    channel: Channel
    agency: str
    text: str = attribute(repr=False)
    topic: str = "other"
    by: Complainant = Complainant()
    language: str = "vi"
    dossier: str = ""
    procedure: str = ""
    field: str = ""
    about: str = attribute(default="", repr=False)
    about_leader: bool = False
    officials: tuple[str, ...] = ()
    entered_by: str = ""
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lodged:
    """What the complainant is told.

    Attributes:
        id: of the complaint, as given.
        code: by which it is found.
        secret: with the code it opens the look-up; the same for a repeat.
        answer_by: when the answer is due.
        repeated: whether it was lodged before.
    """

    id: str
    code: str
    secret: str = attribute(repr=False)
    answer_by: datetime
    repeated: bool = False


def make_code(agency: str, year: int, number: int) -> str:
    """The code of a complaint, such as PA-H12.31.01-2026-00007."""
    return f"{PREFIX}-{agency}-{year}-{number:05d}"


def after(state: State, act: Act, assigned: bool) -> State:
    """The state after an act.

    Args:
        state: before it.
        act: what is done.
        assigned: whether an official has the complaint; then it returns to them once the complainant has replied.

    Raises:
        NotAllowedNow: the state does not allow it.
    """
    new = MOVES.get((state, act))
    if new is None:
        raise NotAllowedNow(state, act)
    if act in (Act.SUPPLY, Act.STOP_WAITING) and assigned:
        return State.ASSIGNED
    return new
