"""Observing with the kit: the platform's own events, told apart from what is addressed to the agency."""

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
def test_every_observable_event_is_read(name: str) -> None:
    seen = parse_event(event(name).to_json(), observed=ALL)
    assert isinstance(seen, Observation)
    assert (seen.event, seen.event_id, seen.dossier) == (name, event(name).id, event(name).key)
    assert (dict(seen.data), seen.time) == (event(name).data, event(name).time)
    assert seen.task == event(name).data.get("task", "")


def test_what_nobody_looks_at_is_ignored() -> None:
    assert parse_event(event("dossier.received").to_json()) is None
    assert parse_event(event("dossier.received").to_json(), observed={"fee.paid"}) is None
    assert parse_event(changed("dossier.received", type="vn.motcua.dossier.received.v2"), observed=ALL) is None
    assert parse_event(changed("dossier.received", type="com.example.dossier.received.v1"), observed=ALL) is None


def test_a_step_of_ones_own_and_one_that_is_observed_are_told_apart() -> None:
    own = parse_event(event("agency.step.assigned").to_json(), observed=ALL)
    seen = parse_event(event("step.assigned").to_json(), observed=ALL)
    assert isinstance(own, Step)
    assert isinstance(seen, Observation)


@pytest.mark.parametrize(
    "envelope", [{"time": "yesterday"}, {"time": "2025-11-20T08:00:00"}, {"data": {"task": "t"}}, {"data": []}]
)
def test_what_cannot_be_read_is_said_so(envelope: dict[str, Any]) -> None:
    with pytest.raises(UnreadableMessage):
        parse_event(changed("step.assigned", **envelope), observed=ALL)


def test_one_handler_for_several_events_beside_those_for_the_agency_itself() -> None:
    agency, heard = AgencyService.from_environment({}), []

    @agency.on("step.assigned")
    def decide(step: Step) -> Any:
        return completed(step.outcomes[0])

    @agency.observe("dossier.received", "step.assigned")
    def look(seen: Observation) -> None:
        heard.append(seen.event)

    for name in ("dossier.received", "step.assigned"):
        seen = parse_event(event(name).to_json(), observed=ALL)
        assert isinstance(seen, Observation)
        assert agency.decide(seen) is None
    assert heard == ["dossier.received", "step.assigned"]
    assert agency.decide(Step.example()) is not None


def test_an_observer_may_put_off_but_not_decide() -> None:
    agency = AgencyService.from_environment({})
    said: list[Any] = [retry_later(1.0), completed("completed")]
    agency.observe("fee.paid")(lambda _seen: said.pop(0))
    seen = parse_event(event("fee.paid").to_json(), observed=ALL)
    assert isinstance(seen, Observation)
    assert agency.decide(seen) == retry_later(1.0)
    with pytest.raises(InvalidDecision, match="takes no decision"):
        agency.decide(seen)


@pytest.mark.parametrize("events", [(), ("agency.step.assigned",), ("fee.paid", "dossier.received")])
def test_what_cannot_be_observed(events: tuple[str, ...]) -> None:
    agency = AgencyService.from_environment({})
    agency.observe("dossier.received")(lambda _seen: None)
    with pytest.raises(ValueError, match="cannot be observed"):
        agency.observe(*events)


def test_an_agencys_own_numbers_stand_beside_the_kits() -> None:
    agency = AgencyService.from_environment({})
    agency.metrics.include(lambda: "own 1\n")
    assert agency.metrics.text().endswith("\nown 1\n")
