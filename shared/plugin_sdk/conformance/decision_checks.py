"""Checks of a program's decisions: decision, correlation, idempotency, unknown fields, Vietnamese text, time limit."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from shared.contracts import ContractViolation, read_data
from shared.messaging.event import AGENCY_PREFIX, CONTENT_TYPE, Event, Undecodable, event_type
from shared.messaging.sender_identity import AGENCY_EVENTS, agency_name, agency_source
from shared.plugin_sdk.conformance.check_context import CheckContext, CheckFailed, require
from shared.plugin_sdk.conformance.collector import AgencyMessage
from shared.plugin_sdk.conformance.fixtures import FakeEvent, make_event

TIMED_STEPS = 5
PERSISTENT = 2
REPLACEMENT = "\ufffd"


def decision(context: CheckContext) -> str:
    """Each step is decided with an event that follows its contract."""
    steps = [context.step(), context.step(obligation_outcome="obligation"), context.step(outcomes=["completed"])]
    context.send(*steps)
    kinds = []
    for number, step in enumerate(steps, 1):
        for message in context.wait_for_decisions(step, f"step {number} of {len(steps)}"):
            _check_decision(message, step, context.harness.agency)
            kinds.append(message.event_name(context.harness.agency))
    return f"{len(steps)} steps decided: {', '.join(kinds)}"


def _check_decision(message: AgencyMessage, step: FakeEvent, agency: str) -> None:
    kind = message.event_name(agency)
    require(
        kind in AGENCY_EVENTS, f"Published under {message.routing_key}; the contract allows {', '.join(AGENCY_EVENTS)}."
    )
    try:
        event = Event.from_json(message.body)
        data = read_data(event)
    except (Undecodable, ContractViolation) as error:
        raise CheckFailed(f"{error}\nThe message was: {_shown(message.body)}") from error
    require(
        event.type == event_type(AGENCY_PREFIX + kind),
        f"type {event.type!r} under the routing key {message.routing_key}",
    )
    outcome = data.get("outcome")
    require(
        outcome is None or outcome in step.outcomes, f"outcome {outcome!r}, which is none of {sorted(step.outcomes)}"
    )
    require(
        message.properties.content_type == CONTENT_TYPE,
        f"content_type {message.properties.content_type!r} instead of {CONTENT_TYPE!r}",
    )
    require(
        message.properties.delivery_mode == PERSISTENT,
        f"delivery_mode {message.properties.delivery_mode!r}: the message is lost if the broker restarts",
    )


def correlation(context: CheckContext) -> str:
    """Each decision names the event, dossier and task that it answers, and its sender."""
    steps = [context.step() for _ in range(3)]
    context.send(*steps)
    for step in steps:
        for message in context.wait_for_decisions(step):
            wrong = [
                f"{name}: {actual!r} instead of {expected!r}"
                for name, actual, expected in _wrong_references(message, step, context)
            ]
            require(not wrong, "\n".join(wrong))
    return f"{len(steps)} decisions refer to their own steps"


def _wrong_references(message: AgencyMessage, step: FakeEvent, context: CheckContext) -> Iterator[tuple[str, Any, Any]]:
    agency, envelope, properties = context.harness.agency, message.envelope, message.properties
    pairs = {
        "data.in_reply_to": (message.data.get("in_reply_to"), step.id),
        "data.dossier": (message.data.get("dossier"), step.dossier),
        "data.task": (message.data.get("task"), step.data["task"]),
        "data.agency": (message.data.get("agency"), agency),
        "source": (envelope.get("source"), agency_source(agency)),
        "partitionkey": (envelope.get("partitionkey"), step.dossier),
        "header partitionkey": ((properties.headers or {}).get("partitionkey"), step.dossier),
        "property message_id": (properties.message_id, envelope.get("id")),
        "property user_id": (properties.user_id, agency_name(agency)),
    }
    return ((name, actual, expected) for name, (actual, expected) in pairs.items() if actual != expected)


def idempotency(context: CheckContext) -> str:
    """Redelivered, even to a new process, an event is answered under the same id; other events under other ids."""
    step, other = context.step(), context.step()
    context.send(step, step, other)
    context.wait_for_decisions(other, "the step after a repeated one")
    first = _ids(context.wait_for_decisions(step))
    require(len(first) == 1, f"One event, delivered twice, was answered under {len(first)} ids: {', '.join(first)}")
    before = len(context.harness.collector.decisions_on(step))
    context.program.stop()
    context.program.start()
    marker = context.step()
    context.send(step, marker)
    context.wait_for_decisions(marker, "a step after a restart")
    ids = _ids(context.wait_for_decisions(step))
    require(len(ids) == 1, f"After a restart the same event was answered under another id: {', '.join(ids)}")
    other_ids = _ids(context.wait_for_decisions(other)) | _ids(context.wait_for_decisions(marker))
    require(ids.isdisjoint(other_ids), f"Different events were answered under the same id {', '.join(ids & other_ids)}")
    return f"delivered 3 times, answered {len(context.harness.collector.decisions_on(step))} times ({before} before a restart), one id"


def _ids(decisions: list[AgencyMessage]) -> set[str]:
    return {message.id for message in decisions}


def unknown_fields(context: CheckContext) -> str:
    """The program ignores fields and attributes of a newer platform."""
    plain = context.step()
    newer = {"priority": 3, "tags": ["a", None], "office": {"floor": 2, "rooms": [{"number": "201"}]}, "reserved": None}
    step = make_event(
        "agency.step.assigned",
        {**plain.data, **newer},
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        severity=7,
    )
    context.send(step)
    message = context.wait_for_decisions(
        step, "a step with fields that are not in the contract (data.priority, data.office, …)"
    )[0]
    return f"decided: {message.event_name(context.harness.agency)}"


OUTCOME = "Đủ điều kiện – chuyển Chi cục Thuế"
TEXTS = {
    "name": "Thẩm định hồ sơ, trích lục bản đồ địa chính",
    "procedure_name": "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất",
    "note": "Ông Nguyễn Hữu Nghĩa đã nộp đủ; thửa số 27, ấp Rạch Gốc, xã Phước Long",
}


def vietnamese(context: CheckContext) -> str:
    """Vietnamese text comes back unchanged, byte for byte, and all text is composed Unicode (NFC)."""
    step = context.step(**TEXTS, outcomes=[OUTCOME, "completed"])
    context.send(step)
    for message in context.wait_for_decisions(step, "a step with Vietnamese text"):
        outcome = message.data.get("outcome")
        require(
            outcome is None or outcome in step.outcomes,
            f"outcome {outcome!r} ({_code_points(outcome)})\ninstead of {OUTCOME!r} ({_code_points(OUTCOME)})",
        )
        for text in _texts(message.data):
            require(unicodedata.is_normalized("NFC", text), f"{text!r} is not in NFC ({_code_points(text)})")
            require(REPLACEMENT not in text, f"{text!r} contains characters that could not be decoded (U+FFFD)")
            garbled = _garbled(text)
            require(not garbled, f"{text!r} is {garbled!r} decoded with the wrong encoding")
    return f"{OUTCOME!r} and all other text came back unchanged"


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
    """The original text, if its UTF-8 was decoded as Latin-1 or Windows-1252; otherwise empty."""
    for encoding in ("latin-1", "cp1252"):
        try:
            original = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if original != text:
            return original
    return ""


def _code_points(text: object) -> str:
    return " ".join(f"{ord(letter):04X}" for letter in str(text)[:12]) + (" …" if len(str(text)) > 12 else "")


def time_limit(context: CheckContext) -> str:
    """A running program decides each step within the limit."""
    first = context.step()
    context.send(first)
    context.wait_for_decisions(first)
    taken = []
    for _ in range(TIMED_STEPS):
        step = context.step()
        sent = context.send(step)
        taken.append(context.wait_for_decisions(step)[0].received_at - sent)
    longest = max(taken)
    shown = ", ".join(f"{seconds:.3f}" for seconds in taken)
    require(longest <= context.time_limit, f"{longest:.3f} s (all: {shown} s)")
    return f"{TIMED_STEPS} decisions, the longest after {max(longest, 0):.3f} s"


def _shown(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)[:1000]
    except ValueError:
        return repr(body[:500])
