"""An application: its statuses, what may follow each, and the papers and the way of delivery that it names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from services.intake.dossiers.domain import State
from services.intake.filing.domain.applicant import InvalidField
from services.intake.filing.domain.assessment import FiledPaper
from shared.text import clean_code

CHANNELS = ("online", "post")
"""How an application may come; at the counter a dossier is received at once."""

DELIVERIES = ("desk", "electronic", "post")
"""How the result may be delivered."""


class Status(StrEnum):
    """Where an application stands."""

    WAITING = "waiting"
    SUPPLEMENT_REQUESTED = "supplement_requested"
    SUPPLEMENTED = "supplemented"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"

    @property
    def vi(self) -> str:
        """The Vietnamese label."""
        return _LABELS[self][0]

    @property
    def en(self) -> str:
        """The English label."""
        return _LABELS[self][1]

    @property
    def over(self) -> bool:
        """Whether nothing more follows. What was accepted goes on as a dossier."""
        return not TRANSITIONS[self]

    @property
    def state(self) -> State:
        """The state of the national portal that it counts as: an application is newly registered until the desk has decided."""
        return _STATES.get(self, State.REGISTERED)


_LABELS: Mapping[Status, tuple[str, str]] = MappingProxyType(
    {
        Status.WAITING: ("Chờ tiếp nhận", "Waiting to be received"),
        Status.SUPPLEMENT_REQUESTED: ("Chờ người nộp bổ sung", "Waiting for the applicant's papers"),
        Status.SUPPLEMENTED: ("Đã bổ sung, chờ tiếp nhận", "Supplemented, waiting to be received"),
        Status.ACCEPTED: ("Được tiếp nhận", "Accepted"),
        Status.REFUSED: ("Không được tiếp nhận", "Refused"),
        Status.WITHDRAWN: ("Người nộp đã rút", "Withdrawn by the applicant"),
        Status.CLOSED: ("Đã đóng vì không bổ sung", "Closed, since the papers never came"),
    }
)
_STATES = {
    Status.ACCEPTED: State.RECEIVED,
    Status.REFUSED: State.REFUSED,
    Status.WITHDRAWN: State.STOPPED,
    Status.CLOSED: State.STOPPED,
}

UNDECIDED = frozenset({Status.WAITING, Status.SUPPLEMENT_REQUESTED, Status.SUPPLEMENTED})
"""Statuses in which the application is not over: neither accepted nor refused, withdrawn or closed."""

FOR_THE_OFFICER = frozenset({Status.WAITING, Status.SUPPLEMENTED})
"""Statuses in which the desk must accept, refuse or ask within its time limit (NĐ 118/2025, article 17.2c)."""

TRANSITIONS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.WAITING: frozenset({Status.SUPPLEMENT_REQUESTED, Status.ACCEPTED, Status.REFUSED, Status.WITHDRAWN}),
        # Refused without an answer too: the applicant may have asked for it.
        Status.SUPPLEMENT_REQUESTED: frozenset({Status.SUPPLEMENTED, Status.REFUSED, Status.WITHDRAWN, Status.CLOSED}),
        # No second request: papers are asked for once (NĐ 118/2025, articles 11.2c and 16.3).
        Status.SUPPLEMENTED: frozenset({Status.ACCEPTED, Status.REFUSED, Status.WITHDRAWN}),
        Status.ACCEPTED: frozenset(),
        Status.REFUSED: frozenset(),
        Status.WITHDRAWN: frozenset(),
        Status.CLOSED: frozenset(),
    }
)
"""What may follow each status."""


class UnknownApplication(LookupError):
    """There is no application of this code."""


class WrongStatus(ValueError):
    """What was asked for cannot follow the application's status.

    Args:
        status: the present one.
        asked: the one asked for.
    """

    def __init__(self, status: Status, asked: Status) -> None:
        super().__init__(f"{asked} cannot follow {status}")
        self.status = status
        self.asked = asked


class SupplementTooLate(ValueError):
    """The time for the papers that were asked for is over (NĐ 118/2025, article 19.5); it ended at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"the papers could be sent until {until}")
        self.until = until


class ParcelRegistered(ValueError):
    """The parcel was registered before, for the same procedure and applicant; `code` is the application's."""

    def __init__(self, code: str) -> None:
        super().__init__(f"registered before as {code}")
        self.code = code


def check_transition(status: Status, new: Status) -> None:
    """Checks that a status may follow another.

    Raises:
        WrongStatus: it may not.
    """
    if new not in TRANSITIONS[status]:
        raise WrongStatus(status, new)


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file: a reference to the storage, never the file itself.

    Attributes:
        key: under which the storage keeps it.
        sha256: of its content, in hex.
        size: in bytes.
        media_type: as found in its content.
        name: as the applicant's device called it; shown to the desk.
    """

    key: str
    sha256: str
    size: int
    media_type: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SubmittedPaper:
    """A paper of an application.

    Attributes:
        paper: code or name as in the catalogue, and the number of copies.
        uploads: its files; empty for a paper that comes by post.
    """

    paper: str
    copies: int = 1
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationPaper:
    """A paper of a stored application: as the receipt will show it, and its files."""

    filed: FiledPaper
    uploads: tuple[Upload, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The paper as it is stored as JSON."""
        return {**self.filed.as_dict(), "uploads": [asdict(upload) for upload in self.uploads]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ApplicationPaper:
        """The paper from what :meth:`as_dict` returns."""
        return cls(FiledPaper.from_dict(data), tuple(Upload(**upload) for upload in data["uploads"]))


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the applicant wants to get the result.

    Attributes:
        by: one of :data:`DELIVERIES`.
        address: where to, for a delivery by public post; else empty.
    """

    by: str = "desk"
    address: str = ""


_PARCEL = re.compile(r"[A-Z0-9]{5,40}")


def parcel_number(text: str, field: str) -> str:
    """The number of a parcel, such as ``RB123456789VN``: capitals and digits without separators.

    Args:
        text: as typed or scanned.
        field: the form's field, for the error.

    Raises:
        InvalidField: it cannot be one.
    """
    number = clean_code(text).replace("-", "").upper()
    if not _PARCEL.fullmatch(number):
        raise InvalidField(
            field,
            "Phải là số hiệu bưu gửi, gồm 5 đến 40 chữ cái và chữ số (ví dụ RB123456789VN).",
            "Must be the number of a parcel, 5 to 40 letters and digits, such as RB123456789VN.",
        )
    return number


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel of the public post (bưu chính công ích, QĐ 45/2016/QĐ-TTg) in which papers came.

    Attributes:
        number: of the parcel.
        sender: as written on it; personal data.
    """

    number: str
    sender: str


@dataclass(frozen=True, slots=True)
class Application:
    """A row of `application`; the fields are the columns, in their order.

    Attributes not named as in :class:`services.intake.dossiers.domain.Dossier`:
        submission: by which a repeated submission is recognised.
        filed_at: when it was submitted, or when its parcel was registered.
        papers: JSON list of :class:`ApplicationPaper`.
        parties: JSON of :class:`services.intake.filing.domain.parties.Parties`.
        submitter: the keyed hash of the signed-in citizen's subject; empty for a parcel.
        delivery, delivery_address: see :class:`Delivery`.
        answer_from: since when the desk's time to answer runs: `filed_at`, then `supplemented_at`.
        supplement_until: the end of the wait as last counted; None where the regulation has none.
        supplement_papers: JSON list of the names of the papers asked for.
        supplement_channel: how they came, `online`, `post` or `counter`.
        decided_at, decided_by: when and by whom it was accepted or refused; when it was withdrawn or closed, by nobody.
        withdrawal_reason: the applicant's, may be empty; it does not leave intake.
        parcel_number, parcel_sender: see :class:`Parcel`; empty for an application filed online.
        return_parcel: number of the parcel in which a refused dossier went back; empty while there is none.
    """

    code: str
    submission: str
    status: Status
    procedure: str
    procedure_version: int
    case_code: str
    chosen: str
    field: str
    channel: str
    remote: bool
    receiving_agency: str
    regulation: str
    filed_at: datetime
    answer_from: datetime
    fee: int
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
    submitter: str
    delivery: str
    delivery_address: str
    note: str
    supplement_requested_at: datetime | None
    supplement_until: datetime | None
    supplement_papers: str
    supplement_reason: str
    supplement_by: str
    supplemented_at: datetime | None
    supplement_channel: str
    decided_at: datetime | None
    decided_by: str
    refusal_reason: str
    withdrawal_reason: str
    parcel_number: str
    parcel_sender: str
    return_parcel: str
    registered_by: str
    secret_hash: str
