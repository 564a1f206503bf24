"""The events that the platform sends to an agency, read from CloudEvents 1.0 in JSON."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .papers import DossierDetails, Paper

PLATFORM_PREFIX, AGENCY_PREFIX, TYPE_SUFFIX = "vn.motcua.", "vn.motcua.agency.", ".v1"
HANDLED_EVENTS = ("step.assigned", "step.cancelled", "decision.rejected")
"""Short names of the events that are addressed to an agency."""


class UnreadableMessage(ValueError):
    """The bytes are not an event of the platform, or a field that its type requires is missing or malformed."""


def _no_details() -> DossierDetails:
    raise RuntimeError(
        "this step was not received from the platform: read it with AgencyService.read_dossier, "
        "or pass what it shall give to Step.example(papers=…, details=…)"
    )


@dataclass(frozen=True)
class DossierEvent:
    """An event about a dossier: a cancelled step or a rejected decision. Base class of `Step` and `Observation`.

    Attributes:
        event: its short name, such as ``step.cancelled``.
        event_id: the CloudEvents id; ids of decisions are derived from it.
        dossier: the dossier's code.
        task: identifies the step within the platform.
        data: all fields of the event, including those that this SDK does not know.
    """

    event: str
    event_id: str
    dossier: str
    task: str
    data: Mapping[str, Any] = dataclasses.field(repr=False)


@dataclass(frozen=True)
class Observation(DossierEvent):
    """An event that the platform publishes to all subscribers; only an agency with the right to observe receives it.

    Attributes:
        event: its short name, such as ``dossier.received``.
        task: identifies the step; empty if the event is not about a step.
        time: when it happened, with a time zone.
    """

    time: datetime


@dataclass(frozen=True)
class Step(DossierEvent):
    """A step that is assigned to the agency. Times have a time zone; unknown fields are in `data`.

    Attributes:
        step: the step's identifier in its route.   name: its name for people.
        agency: this agency's code.                 official_role: who does it there: officer, leader …
        procedure, procedure_name, case, field: what the dossier is about.
        receiving_agency: the agency whose desk received the dossier.
        outcomes: how the step can end; `completed` takes one of them.
        obligation_outcome: the outcome to use in `obligation`, if the step can ask for money.
        due_at: when it must be done; None if it has no time of its own, as a tax step.
        counted: whether the legal clock runs.
        wait_until: do not complete it earlier (public posting).
        note: from the previous step; may be empty. regulation: the version of the rules.
    """

    outcomes: tuple[str, ...] = ()
    step: str = ""
    name: str = ""
    agency: str = ""
    official_role: str = ""
    procedure: str = ""
    procedure_name: str = ""
    case: str = ""
    field: str = ""
    receiving_agency: str = ""
    counted: bool = True
    assigned_at: datetime | None = None
    due_at: datetime | None = None
    wait_until: datetime | None = None
    obligation_outcome: str | None = None
    note: str = ""
    regulation: str = ""
    _details: Callable[[], DossierDetails] = dataclasses.field(default=_no_details, repr=False, compare=False)

    def papers(self) -> list[Paper]:
        """The dossier's papers, from `read_dossier`."""
        return list(self._details().papers)

    def read_dossier(self) -> DossierDetails:
        """Reads the dossier's papers and applicant from the platform; only while the step is assigned to the agency.

        Raises:
            PapersRefused: the step is not, or no longer, the agency's.
            PapersUnavailable: the platform gives none now; let it out of the handler, which is then called again later.
        """
        return self._details()

    def to_json(self) -> str:
        """Serialises the step for storage; `from_json` restores it; read its papers with `AgencyService.read_dossier`."""
        return json.dumps({"id": self.event_id, "data": dict(self.data)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Step:
        """Restores a step from the text of `to_json`."""
        stored = json.loads(text)
        return make_step(stored["id"], stored["data"])

    @classmethod
    def example(cls, papers: list[Paper] | None = None, details: DossierDetails | None = None, **changes: Any) -> Step:
        """A step for an agency's own tests.

        Args:
            papers: what `papers()` returns.
            details: what `read_dossier()` returns; by default only the papers.
            changes: fields of the event that differ from the example, such as ``outcomes=["completed", "refused"]``.
        """
        data = {**EXAMPLE, **changes}
        if details is None and papers is not None:
            details = DossierDetails(data["dossier"], tuple(papers))
        return make_step(str(uuid.uuid4()), data, (lambda: details) if details is not None else _no_details)


EXAMPLE: Mapping[str, Any] = {
    "dossier": "H12.20-251120-0118",
    "task": "0198f0a2-5a3c-7c11-8d60-0c6f2a8a2b11",
    "step": "assess",
    "name": "Thẩm định hồ sơ",
    "agency": "H12.14.01",
    "official_role": "officer",
    "procedure": "1.012756",
    "procedure_name": "Đăng ký biến động quyền sử dụng đất",
    "case": "default",
    "field": "land",
    "receiving_agency": "H12.20",
    "counted": True,
    "assigned_at": "2025-11-20T10:00:00+07:00",
    "due_at": "2025-11-21T10:00:00+07:00",
    "outcomes": ["completed", "refused"],
    "obligation_outcome": None,
    "wait_until": None,
    "note": "",
    "regulation": "nd118-2025",
}


def parse_event(
    body: bytes, details: Callable[[str], DossierDetails] | None = None, observed: Container[str] = ()
) -> DossierEvent | None:
    """Reads a message.

    Args:
        body: the message body.
        details: reads the dossier of a task from the platform.
        observed: short names of the platform's own events to return as `Observation`.

    Returns:
        the event, or None if its type is not known to this SDK and not observed.

    Raises:
        UnreadableMessage: it can never be handled.
    """
    try:
        envelope = json.loads(body)
        type_, event_id, data = envelope["type"], _required_text(envelope, "id"), envelope["data"]
        if not isinstance(type_, str) or not isinstance(data, dict):
            raise TypeError("type must be a text and data an object")
        platform_event = type_.removeprefix(PLATFORM_PREFIX).removesuffix(TYPE_SUFFIX)
        if type_ == f"{PLATFORM_PREFIX}{platform_event}{TYPE_SUFFIX}" and platform_event in observed:
            return _make_observation(platform_event, event_id, data, _required_text(envelope, "time"))
        event = type_.removeprefix(AGENCY_PREFIX).removesuffix(TYPE_SUFFIX)
        if type_ != f"{AGENCY_PREFIX}{event}{TYPE_SUFFIX}" or event not in HANDLED_EVENTS:
            return None
        if event == "step.assigned":
            return make_step(event_id, data, (lambda: details(data["task"])) if details else _no_details)
        return DossierEvent(event, event_id, _required_text(data, "dossier"), _required_text(data, "task"), data)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableMessage(f"{type(error).__name__}: {error}") from error


def _make_observation(event: str, event_id: str, data: Mapping[str, Any], time: str) -> Observation:
    happened_at = datetime.fromisoformat(time)
    if happened_at.tzinfo is None:
        raise ValueError("time must have an offset")
    task = _required_text(data, "task") if "task" in data else ""
    return Observation(event, event_id, _required_text(data, "dossier"), task, data, happened_at)


def make_step(event_id: str, data: Mapping[str, Any], details: Callable[[], DossierDetails] = _no_details) -> Step:
    """Makes a step from an event's data; unknown fields stay in `data` only.

    Raises:
        KeyError, TypeError, ValueError: a required field is missing or has the wrong type.
    """
    outcomes = data["outcomes"]
    if not isinstance(outcomes, list) or not all(isinstance(outcome, str) for outcome in outcomes):
        raise TypeError("outcomes must be a list of texts")
    values = {name: data[name] for name in _COPIED_FIELDS if name in data}
    values.update({name: datetime.fromisoformat(data[name]) for name in _TIME_FIELDS if data.get(name)})
    return Step(
        "step.assigned",
        event_id,
        _required_text(data, "dossier"),
        _required_text(data, "task"),
        data,
        tuple(outcomes),
        _details=details,
        **values,
    )


_TIME_FIELDS = ("assigned_at", "due_at", "wait_until")
_COPIED_FIELDS = tuple(
    spec.name
    for spec in dataclasses.fields(Step)
    if spec.name not in {"event", "event_id", "dossier", "task", "data", "outcomes", "_details", *_TIME_FIELDS}
)


def _required_text(source: Mapping[str, Any], name: str) -> str:
    value = source[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} must be a text that is not empty")
    return value
