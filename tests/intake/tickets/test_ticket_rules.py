"""The rules of tickets: the closed table of states, who is called next, numbers and days."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.tickets import groups
from services.intake.tickets.announcements import seconds_waited
from services.intake.tickets.domain import (
    Ticket,
    after,
    calling_order,
    check_requeue,
    local_day,
    next_ticket,
    number_text,
    shown_number,
)
from services.intake.tickets.errors import OtherDay, RequeueTooLate, WrongTicketState
from services.intake.tickets.estimate import Observed, estimate_wait
from services.intake.tickets.groups import EVERYWHERE, EstimateRules, desk_services
from services.intake.tickets.states import ENDED, TRANSITIONS, Action, State
from services.intake.tickets.words import STATES
from shared.data_files import DataError
from tests.intake.service_fixture import DESK, THURSDAY, at
from tests.intake.tickets.ticket_fixture import ticket

TODAY = THURSDAY.date()
RULES = EstimateRules(hours=3, least=5, percent=80)


@given(st.lists(st.sampled_from(list(Action)), max_size=12))
def test_a_ticket_takes_only_the_ways_of_the_table(actions: list[Action]) -> None:
    now = ticket()
    for action in actions:
        allowed = (now.state, action) in TRANSITIONS
        if not allowed:
            with pytest.raises(WrongTicketState):
                after(now, action, THURSDAY)
            continue
        now = ticket(state=after(now, action, THURSDAY))
    assert (now.state in ENDED) == all(
        state is not now.state or action is Action.REQUEUE for state, action in TRANSITIONS
    )


def test_every_state_is_reached_and_named_and_an_end_stays_one() -> None:
    assert {State.ISSUED, *TRANSITIONS.values()} == set(State) == STATES.keys()
    left = {state for state, action in TRANSITIONS if state in ENDED}
    assert left == {State.MISSED}, "only a missed visitor may come back"


@pytest.mark.parametrize("action", list(Action))
def test_a_ticket_of_yesterday_does_nothing_any_more(action: Action) -> None:
    for state in State:
        if (state, action) in TRANSITIONS:
            with pytest.raises(OtherDay):
                after(ticket(state=state), action, at("2025-11-21 00:00"))
            assert after(ticket(state=state), action, at("2025-11-20 23:59")) is TRANSITIONS[state, action]


def test_an_appointment_may_be_cancelled_in_advance_and_nothing_else() -> None:
    tomorrow = ticket(day=TODAY + timedelta(days=1))
    assert after(tomorrow, Action.CANCEL, THURSDAY) is State.CANCELLED
    with pytest.raises(OtherDay):
        after(tomorrow, Action.CHECK_IN, THURSDAY)


def test_the_day_turns_at_midnight_in_vietnam() -> None:
    assert local_day(at("2025-11-20 23:59")) == TODAY
    assert local_day(at("2025-11-21 00:00")) == TODAY + timedelta(days=1)


@pytest.mark.parametrize(("number", "text"), [(1, "A001"), (12, "A012"), (999, "A999"), (1000, "A1000")])
def test_a_number_has_its_letter_and_three_digits(number: int, text: str) -> None:
    assert (number_text("A", number), shown_number(ticket(number))) == (text, text)


def test_a_missed_visitor_may_wait_again_once_and_soon() -> None:
    missed = ticket(state=State.MISSED, ended_at=THURSDAY)
    check_requeue(missed, 30, THURSDAY + timedelta(minutes=30))
    for late, when in ((missed, 31), (ticket(ended_at=THURSDAY, requeued_at=THURSDAY), 1)):
        with pytest.raises(RequeueTooLate):
            check_requeue(late, 30, THURSDAY + timedelta(minutes=when))


def visitors() -> st.SearchStrategy[list[Ticket]]:
    """Visitors who wait: in turn, with priority, or with an appointment whose time has come or not."""
    one = st.tuples(st.integers(0, 120), st.integers(0, 2), st.integers(-60, 60))
    return st.lists(one, max_size=25).map(
        lambda drawn: [
            ticket(
                place,
                waits_since=THURSDAY - timedelta(minutes=waited),
                rank=rank,
                ahead_from=THURSDAY + timedelta(minutes=soon) if rank else None,
            )
            for place, (waited, rank, soon) in enumerate(drawn, 1)
        ]
    )


def calls(waiting: list[Ticket], most: int) -> Iterator[Ticket]:
    """Whom one counter calls until nobody waits."""
    left, run = list(waiting), 0
    while choice := next_ticket(left, run, most, THURSDAY):
        left.remove(choice.ticket)
        run = choice.run
        yield choice.ticket
    assert not left


@given(visitors(), st.integers(1, 4))
def test_everybody_is_called_once_and_nobody_starves(waiting: list[Ticket], most: int) -> None:
    called = list(calls(waiting, most))
    assert sorted(one.number for one in called) == sorted(one.number for one in waiting)
    ahead = [one for one in called if one.goes_ahead(THURSDAY)]
    in_turn = [one for one in called if not one.goes_ahead(THURSDAY)]
    for line in (ahead, in_turn):
        assert line == calling_order(line, THURSDAY), "each line keeps its order"
    last = max((place for place, one in enumerate(called) if one in in_turn), default=0)
    window: deque[bool] = deque(maxlen=most + 1)
    for one in called[:last]:
        window.append(one.goes_ahead(THURSDAY))
        assert len(window) <= most or not all(window), "so many go before others, one after the other, and no more"


def test_who_goes_ahead_is_called_by_rank_and_then_by_the_wait() -> None:
    old, young = THURSDAY - timedelta(minutes=40), THURSDAY - timedelta(minutes=5)
    in_turn = ticket(1, waits_since=old)
    priority = ticket(2, waits_since=young, rank=1, ahead_from=young)
    longer = ticket(3, waits_since=old, rank=1, ahead_from=old)
    due = ticket(4, waits_since=old, rank=2, ahead_from=THURSDAY)
    early = ticket(5, waits_since=THURSDAY + timedelta(minutes=20), rank=2, ahead_from=THURSDAY + timedelta(minutes=20))
    assert calling_order([early, due, in_turn, priority, longer], THURSDAY) == [longer, priority, due, in_turn, early]
    assert seconds_waited(ticket(called_at=THURSDAY, waits_since=old, arrived_at=young)) == 300, "here for five minutes"


@given(
    st.lists(st.floats(10, 3600), min_size=5, max_size=60),
    st.integers(0, 40),
    st.integers(1, 6),
    st.integers(0, 6),
)
def test_an_estimate_is_an_interval_that_grows_with_the_line(
    seconds: list[float], ahead: int, open_counters: int, busy: int
) -> None:
    observed, busy = Observed({"land": seconds}), min(busy, open_counters)

    def of(count: int, counters: int = open_counters) -> tuple[int, int, int]:
        found = estimate_wait("land", {"land": count}, [{"land"}] * counters, min(busy, counters), observed, RULES)
        assert found is not None
        return found.low, found.likely, found.high

    low, likely, high = of(ahead)
    assert 0 <= low <= likely <= high
    assert likely <= of(ahead + 1)[1], "a longer line takes no less time"
    assert high <= of(ahead + 1)[2]
    assert of(ahead, open_counters + 1)[1] <= likely + 1 or busy == open_counters, "nor does one more counter take more"
    assert (
        min(seconds) * ahead / open_counters / 60 - 1
        <= likely
        <= max(seconds) * (ahead + busy) / open_counters / 60 + 1
    )


def test_too_little_known_gives_no_estimate() -> None:
    few = Observed({"land": [300.0] * 4})
    many = Observed({"land": [300.0] * 4, "general": [60.0, 120.0]})
    assert estimate_wait("land", {"land": 3}, [{"land"}], 0, few, RULES) is None
    assert estimate_wait("land", {"land": 3}, [{"general"}], 0, many, RULES) is None, "no counter serves the group"
    assert estimate_wait("land", {"land": 3}, [{"land"}], 0, many, RULES) is not None, "the desk as a whole is known"


def test_the_data_name_every_field_and_each_class_of_people_with_its_source() -> None:
    services = desk_services(DESK, TODAY)
    assert services.desk == DESK
    assert [one.letter for one in services.groups] == sorted(one.letter for one in services.groups)
    assert [services.group_for_field(field).code for field in ("land", "justice", "business")] == [
        "land", "civil_status", "general",
    ]  # fmt: skip
    assert all(services.counters_serving(one.code) for one in services.groups)
    assert {one.rank for one in services.priorities} == {1}, "no law gives an order between the classes of people"
    assert all(one.source and one.evidence for one in services.priorities)
    assert {one.code for one in services.priorities if one.basis == "law"} == {"elderly"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"counters": [{"number": 1, "groups": ["land"]}]}, "no group, or is served by no counter"),
        (
            {"groups": [{"code": "land", "letter": "A", "name": "x", "name_en": "x", "fields": ["land"]}]},
            "takes the fields *",
        ),
        ({"desk": "H1"}, "lacks the desk *"),
    ],
)
def test_a_line_without_a_counter_or_a_field_without_a_line_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], fault: str
) -> None:
    content = json.loads(groups.FILE.read_text(encoding="utf-8"))
    [default] = [one for one in content["rules"][0]["desks"] if one["desk"] == EVERYWHERE]
    default.update(change)
    changed = tmp_path / "tickets.json"
    changed.write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setattr(groups, "FILE", changed)
    with pytest.raises(DataError, match=r"tickets\.json") as refused:
        groups._all.__wrapped__()
    assert fault in str(refused.value)
