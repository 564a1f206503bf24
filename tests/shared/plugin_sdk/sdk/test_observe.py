"""Observing: the platform's own events, separate from events that are addressed to the agency."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.contracts.observers import OBSERVED
from shared.plugin_sdk.sdk import (
    AgencyService,
    InvalidDecision,
    Observation,
    Step,
    UnreadableMessage,
    completed,
    retry_later,
)
from shared.plugin_sdk.sdk.events import parse_event
from tests.support.events import event

ALL = frozenset(OBSERVED)


def changed(name: str, **envelope: Any) -> bytes:
    return json.dumps({**json.loads(event(name).to_json()), **envelope}).encode()


@pytest.mark.parametrize("name", OBSERVED)
def test_every_observable_event_is_parsed(name: str) -> None:
    seen = parse_event(event(name).to_json(), observed=ALL)
    assert isinstance(seen, Observation)
    assert (seen.event, seen.event_id, seen.dossier) == (name, event(name).id, event(name).key)
    assert (dict(seen.data), seen.time) == (event(name).data, event(name).time)
    assert seen.task == event(name).data.get("task", "")


def test_unobserved_events_are_ignored() -> None:
    assert parse_event(event("dossier.received").to_json()) is None
    assert parse_event(event("dossier.received").to_json(), observed={"fee.paid"}) is None
    assert parse_event(changed("dossier.received", type="vn.motcua.dossier.received.v2"), observed=ALL) is None
    assert parse_event(changed("dossier.received", type="com.example.dossier.received.v1"), observed=ALL) is None


def test_own_step_and_observed_step_have_different_types() -> None:
    own = parse_event(event("agency.step.assigned").to_json(), observed=ALL)
    seen = parse_event(event("step.assigned").to_json(), observed=ALL)
    assert isinstance(own, Step)
    assert isinstance(seen, Observation)


@pytest.mark.parametrize(
    "envelope", [{"time": "yesterday"}, {"time": "2025-11-20T08:00:00"}, {"data": {"task": "t"}}, {"data": []}]
)
def test_malformed_observation_is_unreadable(envelope: dict[str, Any]) -> None:
    with pytest.raises(UnreadableMessage):
        parse_event(changed("step.assigned", **envelope), observed=ALL)


def test_one_observer_handles_several_events_beside_the_step_handler() -> None:
    service = AgencyService.from_environment({})
    observed: list[str] = []

    @service.on("step.assigned")
    def decide(step: Step) -> Any:
        return completed(step.outcomes[0])

    @service.observe("dossier.received", "step.assigned")
    def record(observation: Observation) -> None:
        observed.append(observation.event)

    for name in ("dossier.received", "step.assigned"):
        seen = parse_event(event(name).to_json(), observed=ALL)
        assert isinstance(seen, Observation)
        assert service.decide(seen) is None
    assert observed == ["dossier.received", "step.assigned"]
    assert service.decide(Step.example()) is not None


def test_observer_may_retry_later_but_not_decide() -> None:
    service = AgencyService.from_environment({})
    results: list[Any] = [retry_later(1.0), completed("completed")]
    service.observe("fee.paid")(lambda _seen: results.pop(0))
    seen = parse_event(event("fee.paid").to_json(), observed=ALL)
    assert isinstance(seen, Observation)
    assert service.decide(seen) == retry_later(1.0)
    with pytest.raises(InvalidDecision, match="takes no decision"):
        service.decide(seen)


@pytest.mark.parametrize("events", [(), ("agency.step.assigned",), ("fee.paid", "dossier.received")])
def test_invalid_observers_are_refused(events: tuple[str, ...]) -> None:
    service = AgencyService.from_environment({})
    service.observe("dossier.received")(lambda _seen: None)
    with pytest.raises(ValueError, match="cannot be observed"):
        service.observe(*events)


def test_own_metrics_are_appended_to_the_sdks() -> None:
    service = AgencyService.from_environment({})
    service.metrics.include(lambda: "own 1\n")
    assert service.metrics.text().endswith("\nown 1\n")
