"""Checks of what a program says: decision, correlation, idempotency, unknown fields, Vietnamese text, time limit."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from shared.contracts import ContractViolation, read_data
from shared.messaging.event import AGENCY_PREFIX, CONTENT_TYPE, Event, Undecodable, event_type
from shared.messaging.sender_identity import AGENCY_EVENTS, agency_name, agency_source
from shared.plugin_sdk.conformance.check_context import Failed, Trial, require
from shared.plugin_sdk.conformance.collector import Seen
from shared.plugin_sdk.conformance.fixtures import FakeEvent, enveloped

TIMED_STEPS = 5
PERSISTENT = 2
REPLACEMENT = "\ufffd"


def decision(trial: Trial) -> str:
    """Each step is decided by an event that keeps its contract."""
    steps = [trial.step(), trial.step(obligation_outcome="obligation"), trial.step(outcomes=["completed"])]
    trial.send(*steps)
    kinds = []
    for number, step in enumerate(steps, 1):
        for seen in trial.decided(step, f"step {number} of {len(steps)}"):
            _check_decision(seen, step, trial.bench.agency)
            kinds.append(seen.event(trial.bench.agency))
    return f"{len(steps)} steps decided: {', '.join(kinds)}"


def _check_decision(seen: Seen, step: FakeEvent, agency: str) -> None:
    kind = seen.event(agency)
    require(
        kind in AGENCY_EVENTS, f"Published under {seen.routing_key}; the contract knows {', '.join(AGENCY_EVENTS)}."
    )
    try:
        event = Event.from_json(seen.body)
        data = read_data(event)
    except (Undecodable, ContractViolation) as error:
        raise Failed(f"{error}\nThe message was: {_shown(seen.body)}") from error
    require(
        event.type == event_type(AGENCY_PREFIX + kind), f"type {event.type!r} under the routing key {seen.routing_key}"
    )
    outcome = data.get("outcome")
    require(
        outcome is None or outcome in step.outcomes, f"outcome {outcome!r}, which is none of {sorted(step.outcomes)}"
    )
    require(
        seen.properties.content_type == CONTENT_TYPE,
        f"content_type {seen.properties.content_type!r} instead of {CONTENT_TYPE!r}",
    )
    require(
        seen.properties.delivery_mode == PERSISTENT,
        f"delivery_mode {seen.properties.delivery_mode!r}: the message is lost when the broker restarts",
    )


def correlation(trial: Trial) -> str:
    """Each decision says which event, dossier and task it answers, and who says it."""
    steps = [trial.step() for _ in range(3)]
    trial.send(*steps)
    for step in steps:
        for seen in trial.decided(step):
            wrong = [f"{name}: {found!r} instead of {right!r}" for name, found, right in _references(seen, step, trial)]
            require(not wrong, "\n".join(wrong))
    return f"{len(steps)} decisions refer to their own steps"


def _references(seen: Seen, step: FakeEvent, trial: Trial) -> Iterator[tuple[str, Any, Any]]:
    agency, envelope, properties = trial.bench.agency, seen.envelope, seen.properties
    pairs = {
        "data.in_reply_to": (seen.data.get("in_reply_to"), step.id),
        "data.dossier": (seen.data.get("dossier"), step.dossier),
        "data.task": (seen.data.get("task"), step.data["task"]),
        "data.agency": (seen.data.get("agency"), agency),
        "source": (envelope.get("source"), agency_source(agency)),
        "partitionkey": (envelope.get("partitionkey"), step.dossier),
        "header partitionkey": ((properties.headers or {}).get("partitionkey"), step.dossier),
        "property message_id": (properties.message_id, envelope.get("id")),
        "property user_id": (properties.user_id, agency_name(agency)),
    }
    return ((name, found, right) for name, (found, right) in pairs.items() if found != right)


def idempotency(trial: Trial) -> str:
    """The same event gets the same answer's id, however often and to whichever process it comes; another event another."""
    step, other = trial.step(), trial.step()
    trial.send(step, step, other)
    trial.decided(other, "the step after a repeated one")
    first = _ids(trial.decided(step))
    require(len(first) == 1, f"One event, delivered twice, was answered under {len(first)} ids: {', '.join(first)}")
    before = len(trial.bench.collector.about(step))
    trial.program.stop()
    trial.program.start()
    marker = trial.step()
    trial.send(step, marker)
    trial.decided(marker, "a step after a restart")
    ids = _ids(trial.decided(step))
    require(len(ids) == 1, f"After a restart the same event was answered under another id: {', '.join(ids)}")
    foreign = _ids(trial.decided(other)) | _ids(trial.decided(marker))
    require(ids.isdisjoint(foreign), f"Different events were answered under the same id {', '.join(ids & foreign)}")
    return f"delivered 3 times, answered {len(trial.bench.collector.about(step))} times ({before} before a restart), one id"


def _ids(decisions: list[Seen]) -> set[str]:
    return {seen.id for seen in decisions}


def unknown_fields(trial: Trial) -> str:
    """Fields and attributes of a newer platform do no harm."""
    plain = trial.step()
    newer = {"priority": 3, "tags": ["a", None], "office": {"floor": 2, "rooms": [{"number": "201"}]}, "reserved": None}
    step = enveloped(
        "agency.step.assigned",
        {**plain.data, **newer},
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        severity=7,
    )
    trial.send(step)
    seen = trial.decided(step, "a step with fields that the contract does not know (data.priority, data.office, …)")[0]
    return f"decided: {seen.event(trial.bench.agency)}"


OUTCOME = "Đủ điều kiện – chuyển Chi cục Thuế"
TEXTS = {
    "name": "Thẩm định hồ sơ, trích lục bản đồ địa chính",
    "procedure_name": "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất",
    "note": "Ông Nguyễn Hữu Nghĩa đã nộp đủ; thửa số 27, ấp Rạch Gốc, xã Phước Long",
}


def vietnamese(trial: Trial) -> str:
    """Vietnamese text comes back byte for byte, and the program's own text is composed Unicode (NFC)."""
    step = trial.step(**TEXTS, outcomes=[OUTCOME, "completed"])
    trial.send(step)
    for seen in trial.decided(step, "a step with Vietnamese text"):
        outcome = seen.data.get("outcome")
        require(
            outcome is None or outcome in step.outcomes,
            f"outcome {outcome!r} ({_points(outcome)})\ninstead of {OUTCOME!r} ({_points(OUTCOME)})",
        )
        for text in _texts(seen.data):
            require(unicodedata.is_normalized("NFC", text), f"{text!r} is not in NFC ({_points(text)})")
            require(REPLACEMENT not in text, f"{text!r} holds letters that could not be read (U+FFFD)")
            garbled = _garbled(text)
            require(not garbled, f"{text!r} is {garbled!r}, read in the wrong encoding")
    return f"{OUTCOME!r} and all other text came back as it was sent"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _garbled(text: str) -> str:
    """What the text was before UTF-8 was read as Latin-1 or Windows-1252; empty if it was not."""
    for encoding in ("latin-1", "cp1252"):
        try:
            before = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if before != text:
            return before
    return ""


def _points(text: object) -> str:
    return " ".join(f"{ord(letter):04X}" for letter in str(text)[:12]) + (" …" if len(str(text)) > 12 else "")


def time_limit(trial: Trial) -> str:
    """A running program decides each step within the limit."""
    warm = trial.step()
    trial.send(warm)
    trial.decided(warm)
    taken = []
    for _ in range(TIMED_STEPS):
        step = trial.step()
        sent = trial.send(step)
        taken.append(trial.decided(step)[0].at - sent)
    longest = max(taken)
    shown = ", ".join(f"{seconds:.3f}" for seconds in taken)
    require(longest <= trial.time_limit, f"{longest:.3f} s (all: {shown} s)")
    return f"{TIMED_STEPS} decisions, the longest after {max(longest, 0):.3f} s"


def _shown(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)[:1000]
    except ValueError:
        return repr(body[:500])
