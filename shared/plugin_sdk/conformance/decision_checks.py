"""Checks of a program's decisions: their form, their references and their times."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from shared.contracts import ContractViolation, read_data
from shared.messaging.event import AGENCY_PREFIX, CONTENT_TYPE, Event, Undecodable, event_type
from shared.messaging.sender_identity import AGENCY_EVENTS, agency_name, agency_source
from shared.plugin_sdk.conformance.check_context import CheckContext, CheckFailed, require
from shared.plugin_sdk.conformance.collector import AgencyMessage
from shared.plugin_sdk.conformance.fixtures import FakeEvent

TIMED_STEPS = 5
PERSISTENT = 2
SETTLE_SECONDS = 0.3
CLOCK_TOLERANCE = 60.0
"""Seconds that the program's clock may differ from this machine's."""


def decision(context: CheckContext) -> str:
    """Each step is decided with an event that follows its contract."""
    steps = [context.step(), context.step(obligation_outcome="obligation"), context.step(outcomes=["completed"])]
    context.send(*steps)
    kinds = []
    for number, step in enumerate(steps, 1):
        for message in context.wait_for_answers(step, f"step {number} of {len(steps)}"):
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
        for message in context.wait_for_answers(step):
            wrong = [
                f"{name}: {actual!r} instead of {expected!r}"
                for name, actual, expected in _wrong_references(message, step, context)
            ]
            require(not wrong, "\n".join(wrong))
    _check_foreign(context)
    return f"{len(steps)} decisions refer to their own steps"


def _check_foreign(context: CheckContext) -> None:
    time.sleep(SETTLE_SECONDS)  # a decision on another step may follow the last one that is expected
    own = {str(event.data["task"]) for event in context.sent.values()}
    foreign = [message for message in context.harness.collector.messages() if message.data.get("task") not in own]
    require(
        not foreign,
        f"{len(foreign)} decisions are about tasks that were never assigned to this agency: decide only what you receive. "
        f"The first one was: {_shown(foreign[0].body) if foreign else ''}",
    )


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


def times(context: CheckContext) -> str:
    """The times of a decision are those at which it was made."""
    steps = [context.step() for _ in range(2)]
    sent = datetime.now(UTC)
    context.send(*steps)
    for step in steps:
        for message in context.wait_for_answers(step):
            received = datetime.fromtimestamp(time.time() - (time.monotonic() - message.received_at), UTC)
            for name, text in (("data.decided_at", message.data.get("decided_at")), ("time", message.envelope["time"])):
                fault = _time_fault(str(text), sent, received)
                require(not fault, f"{name} {text!r} {fault}")
    return f"{len(steps)} decisions have the time at which they were made"


def _time_fault(text: str, earliest: datetime, latest: datetime) -> str:
    at = datetime.fromisoformat(text)
    early, late = (earliest - at).total_seconds(), (at - latest).total_seconds()
    if max(early, late) <= CLOCK_TOLERANCE:
        return ""
    hours = round(max(early, late) / 3600)
    side = "in the past" if early > late else "in the future"
    if 0 < hours <= 14 and abs(max(early, late) - 3600 * hours) < 15 * 60:
        return f"is {hours} hours {side}: a local time with the offset of another zone. Write the offset that belongs to the time."
    return f"is not the time of the decision: the step was sent at {earliest:%Y-%m-%dT%H:%M:%SZ}. Write the present time with its offset."


def time_limit(context: CheckContext) -> str:
    """A running program decides each step within the limit."""
    first = context.step()
    context.send(first)
    context.wait_for_decisions(first)
    taken = []
    for _ in range(TIMED_STEPS):
        step = context.step()
        sent = context.send(step)
        taken.append(context.wait_for_answers(step)[0].received_at - sent)
    longest = max(taken)
    shown = ", ".join(f"{seconds:.3f}" for seconds in taken)
    require(longest <= context.time_limit, f"{longest:.3f} s (all: {shown} s)")
    return f"{TIMED_STEPS} decisions, the longest after {max(longest, 0):.3f} s"


def _shown(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)[:1000]
    except ValueError:
        return repr(body[:500])
