"""What the platform tells an agency, and the agency's answers, as CloudEvents 1.0 in JSON."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from .decisions import Decision
from .papers import Paper

CONTENT_TYPE = "application/cloudevents+json"
PLATFORM, PREFIX, SUFFIX = "vn.motcua.", "vn.motcua.agency.", ".v1"
NO_SEQUENCE = "0" * 20  # agencies do not number their events


class Unreadable(ValueError):
    """The bytes are not an event of the platform, or it lacks what its type promises."""


def _no_papers() -> list[Paper]:
    raise RuntimeError("this step was not received from the platform: give Step.example(papers=…) what it shall answer")


@dataclass(frozen=True)
class Notice:
    """An event about a dossier; the base of `Step`, and by itself a cancelled step or a refused decision.

    Attributes:
        event: its short name, such as ``step.cancelled``.
        event_id: the CloudEvents id; answers derive theirs from it.
        dossier: the dossier's code.
        task: the step's own identifier within the platform.
        data: every field of the event, also those that this kit does not know.
    """

    event: str
    event_id: str
    dossier: str
    task: str
    data: Mapping[str, Any] = dataclasses.field(repr=False)


@dataclass(frozen=True)
class Observation(Notice):
    """Something that the platform says to all who listen, and to this agency because it is an observer.

    Attributes:
        event: the event's short name, such as ``dossier.received``.
        task: the step's identifier; empty where the event is about no step.
        time: when it happened, aware.
    """

    time: datetime


@dataclass(frozen=True)
class Step(Notice):
    """A step that the agency is asked to do. Times are aware; unknown fields are in `data`.

    Attributes:
        step: the step's identifier in its route.   name: its name for people.
        agency: this agency's code.                 official_role: who does it there: officer, leader …
        procedure, procedure_name, case, field: what the dossier is about.
        receiving_agency: the agency whose desk received the dossier.
        outcomes: how the step can end; `completed` takes one of them.
        obligation_outcome: the outcome to use in `obligation`, if the step can ask for money.
        due_at: when it must be done, if that is known.   counted: whether the legal clock runs.
        wait_until: not to be completed earlier (public posting).
        note: of the step before; may be empty.           regulation: the rules' version.
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
    _papers: Callable[[], list[Paper]] = dataclasses.field(default=_no_papers, repr=False, compare=False)

    def papers(self) -> list[Paper]:
        """The dossier's papers, from the platform; only while the step is the agency's.

        Raises:
            PapersRefused: the token is not good for this step.
            PapersUnavailable: no answer; the step is tried again when a handler lets this out.
        """
        return self._papers()

    def to_json(self) -> str:
        """A text to store and to make the same step from again (`from_json`), without access to the papers."""
        return json.dumps({"id": self.event_id, "data": dict(self.data)}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Step:
        """The step that `to_json` made the text from."""
        stored = json.loads(text)
        return step_of(stored["id"], stored["data"])

    @classmethod
    def example(cls, papers: list[Paper] | None = None, **changes: Any) -> Step:
        """A step for an agency's own tests.

        Args:
            papers: what `papers()` answers.
            changes: fields of the event that differ from the example, such as ``outcomes=["completed", "refused"]``.
        """
        answer = _no_papers if papers is None else lambda: list(papers)
        return step_of(str(uuid.uuid4()), {**EXAMPLE, **changes}, answer)


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


def read(
    body: bytes, papers: Callable[[str], list[Paper]] | None = None, observed: Container[str] = ()
) -> Notice | None:
    """Reads a message.

    Args:
        body: the message as it came.
        papers: gives the papers for a task.
        observed: short names of the platform's own events that are looked at.

    Returns:
        the step or notice, or None for a type of event that this kit does not know.

    Raises:
        Unreadable: it can never be handled.
    """
    try:
        envelope = json.loads(body)
        type_, event_id, data = envelope["type"], _text(envelope, "id"), envelope["data"]
        if not isinstance(type_, str) or not isinstance(data, dict):
            raise TypeError("type must be a text and data an object")
        said = type_.removeprefix(PLATFORM).removesuffix(SUFFIX)
        if type_ == f"{PLATFORM}{said}{SUFFIX}" and said in observed:
            return _observation(said, event_id, data, _text(envelope, "time"))
        event = type_.removeprefix(PREFIX).removesuffix(SUFFIX)
        if type_ != f"{PREFIX}{event}{SUFFIX}" or event not in KNOWN:
            return None
        if event == "step.assigned":
            return step_of(event_id, data, (lambda: papers(data["task"])) if papers else _no_papers)
        return Notice(event, event_id, _text(data, "dossier"), _text(data, "task"), data)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _observation(event: str, event_id: str, data: Mapping[str, Any], time: str) -> Observation:
    happened = datetime.fromisoformat(time)
    if happened.tzinfo is None:
        raise ValueError("time must have an offset")
    task = _text(data, "task") if "task" in data else ""
    return Observation(event, event_id, _text(data, "dossier"), task, data, happened)


KNOWN = ("step.assigned", "step.cancelled", "decision.rejected")


def step_of(event_id: str, data: Mapping[str, Any], papers: Callable[[], list[Paper]] = _no_papers) -> Step:
    """Makes a step of an event's data; what is not known stays in `data` alone.

    Raises:
        KeyError, TypeError, ValueError: something required is missing or of the wrong kind.
    """
    outcomes = data["outcomes"]
    if not isinstance(outcomes, list) or not all(isinstance(outcome, str) for outcome in outcomes):
        raise TypeError("outcomes must be a list of texts")
    values = {name: data[name] for name in _PLAIN if name in data}
    values.update({name: datetime.fromisoformat(data[name]) for name in _TIMES if data.get(name)})
    return Step(
        "step.assigned",
        event_id,
        _text(data, "dossier"),
        _text(data, "task"),
        data,
        tuple(outcomes),
        _papers=papers,
        **values,
    )


_TIMES = ("assigned_at", "due_at", "wait_until")
_PLAIN = tuple(
    spec.name
    for spec in dataclasses.fields(Step)
    if spec.name not in {"event", "event_id", "dossier", "task", "data", "outcomes", "_papers", *_TIMES}
)


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} must be a text that is not empty")
    return value


@dataclass(frozen=True)
class Answer:
    """A decision as it goes over the wire.

    Attributes:
        id: derived from the id of the event answered, so that a repeated answer is known for the same.
    """

    id: str
    type: str
    routing_key: str
    dossier: str
    body: bytes


def answer(code: str, notice: Notice, decision: Decision) -> Answer:
    """Puts a decision into its envelope.

    Args:
        code: the agency's code.
        notice: the event that is answered.
    """
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{notice.event_id}/{decision.event}"))
    envelope = {
        "specversion": "1.0",
        "id": identifier,
        "source": f"/agency/{code}",
        "type": f"{PREFIX}{decision.event}{SUFFIX}",
        "time": now,
        "datacontenttype": "application/json",
        "partitionkey": notice.dossier,
        "sequence": NO_SEQUENCE,
        "data": {
            "dossier": notice.dossier,
            "task": notice.task,
            "agency": code,
            "in_reply_to": notice.event_id,
            "decided_at": now,
            "by": decision.by,
            "note": decision.note,
            **decision.fields,
        },
    }
    body = json.dumps(envelope, ensure_ascii=False).encode()
    return Answer(identifier, str(envelope["type"]), f"agency.{code}.{decision.event}", notice.dossier, body)
