"""Steps that an agency's own software has lost: they are sent again, by themselves and by hand, and are done once all the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.routing.agency_http.commands import connect
from services.routing.agency_http.store import agency_events
from services.routing.commands import sweeps
from services.routing.commands.claim import claim
from services.routing.commands.hand_over import resend
from services.routing.domain.agency_sending import SentStep, next_sending, sending_rules
from services.routing.domain.step_permissions import Official
from services.routing.plugins import sent_steps
from services.routing.plugins import store as plugins
from services.routing.plugins.metrics import AnswerGauges, sent_again
from services.routing.plugins.queries import AgencyAnswers, answers_of_agencies
from services.routing.plugins.registry import plug_in
from services.routing.plugins.sending_again import (
    LOOK_AGAIN,
    NotPluggedIn,
    SentAgain,
    is_answered,
    send_open_steps_again,
)
from services.routing.plugins.ways import Way
from services.routing.store.tasks import Task
from shared.messaging.event import Event
from tests.routing.service_fixture import REGISTRY, TAX, THURSDAY, RoutingFixture, decision

SENT = "agency.step.assigned"
REJECTED = "agency.decision.rejected"


@pytest.fixture
def task(land: RoutingFixture) -> Task:
    """The registry's own software has its step, and has lost it."""
    land.plug_in(REGISTRY)
    land.complete("transfer")
    return land.step("assessment")


def copies(land: RoutingFixture) -> list[Event]:
    """The events that carried the step, in order."""
    return land.emitted(SENT)


def sweep(land: RoutingFixture) -> int:
    return sweeps.send_unanswered(land.context)


def by_hand(land: RoutingFixture, **options: Any) -> SentAgain:
    return send_open_steps_again(land.store, REGISTRY, **options)


def due_at(land: RoutingFixture) -> datetime | None:
    with land.store.read() as connection:
        found: datetime | None = connection.execute(select(sent_steps.sent_steps.c.send_again_at)).scalar_one()
        return found


def answer(task: Task, copy: Event, id: str = "", name: str = "agency.step.completed", **data: Any) -> Event:
    """What a program answers to one copy of a step, under an id that it derives from the copy."""
    given = {"outcome": "no_tax", "by": "cb-1"} if name == "agency.step.completed" else {}
    return decision(name, task, id=id or f"{copy.id}/{name}", in_reply_to=copy.id, **(given | data))


def test_a_step_that_was_lost_is_sent_again_and_done(land: RoutingFixture, task: Task) -> None:
    """The case of the adapter that acknowledged everything and decided nothing."""
    assert sweep(land) == 0
    calendar = land.context.reference.calendar(REGISTRY, THURSDAY.date())
    first_due = calendar.add_working_hours(THURSDAY, 4).at
    assert due_at(land) == first_due
    land.advance_to(first_due - timedelta(seconds=1))
    assert sweep(land) == 0
    land.advance_to(first_due)
    assert (sweep(land), sweep(land)) == (1, 0)
    first, second = copies(land)
    assert first.id != second.id
    assert first.data == second.data
    assert land.topics()[-1] == f"agency.{REGISTRY}"
    land.apply(answer(task, second))
    assert land.step("printing").state == "open"
    land.advance(timedelta(days=30))
    sent = len(copies(land))  # the next step has its own
    assert [copy.data["task"] for copy in copies(land)].count(task.id) == 2
    sweep(land)
    assert [copy.data["task"] for copy in copies(land)].count(task.id) == 2
    assert len(copies(land)) == sent + 1


def test_the_first_copy_may_still_be_answered(land: RoutingFixture, task: Task) -> None:
    land.advance(timedelta(days=1))
    assert sweep(land) == 1
    land.apply(answer(task, copies(land)[0]))
    assert land.step("printing").state == "open"
    assert land.event_names(REJECTED) == []


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "later"])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("agency.step.completed", {}),
        ("agency.step.returned", {"reason": "Thiếu bản đồ"}),
        ("agency.supplement.requested", {"reason": "Thiếu", "papers": ["Hợp đồng"]}),
    ],
)
def test_two_copies_that_are_answered_alike_have_one_effect(
    land: RoutingFixture, task: Task, name: str, data: dict[str, Any], together: bool
) -> None:
    land.advance(timedelta(days=1))
    sweep(land)
    answers = [answer(task, copy, name=name, **data) for copy in copies(land)]
    for batch in [answers] if together else [[one] for one in answers]:
        land.apply(*batch)
    land.apply(answer(task, copies(land)[1], name="agency.step.accepted"))  # of a program that accepts first
    assert land.event_names(REJECTED) == []
    assert len(land.emitted("step.completed", "step.returned", "supplement.requested")) == 2  # the first is "transfer"
    land.entries()


def test_copies_that_are_answered_differently_are_told(land: RoutingFixture, task: Task) -> None:
    land.advance(timedelta(days=1))
    sweep(land)
    first, second = copies(land)
    land.apply(answer(task, first))
    land.apply(answer(task, second, outcome="completed"))
    (told,) = land.emitted(REJECTED)
    assert (told.data["code"], land.task(task.id).outcome) == ("step_not_open", "no_tax")


def test_a_second_decision_on_a_step_that_was_sent_once_is_told(land: RoutingFixture, task: Task) -> None:
    (only,) = copies(land)
    land.apply(answer(task, only))
    land.apply(answer(task, only, id="another"))
    assert [told.data["code"] for told in land.emitted(REJECTED)] == ["step_not_open"]


def test_a_late_repeat_does_not_decide_a_new_round(land: RoutingFixture, task: Task) -> None:
    """A program that got the step twice returns it twice, the second time after its sender has put it right."""
    land.advance(timedelta(days=1))
    sweep(land)
    first, second = copies(land)
    reason = {"name": "agency.step.returned", "reason": "Thiếu bản đồ"}
    land.apply(answer(task, first, **reason))
    land.run(lambda work: resend(work, task.id, "Đã kèm", "clerk-1"))
    third = copies(land)[-1]
    land.apply(answer(task, second, **reason))
    (told,) = land.emitted(REJECTED)
    assert (told.data["code"], land.step("assessment").refused_at) == ("answered_before", None)
    land.apply(answer(task, third, **reason))
    assert land.step("assessment").refusal == "Thiếu bản đồ"
    assert len(land.emitted(REJECTED)) == 1


def test_a_program_may_go_on_with_the_copy_that_it_has_stored(land: RoutingFixture, task: Task) -> None:
    """People decide after the supplement, by the event of before."""
    (first,) = copies(land)
    land.apply(answer(task, first, name="agency.supplement.requested", reason="Thiếu", papers=["Hợp đồng"]))
    land.supplement()
    land.apply(answer(task, first))
    assert land.event_names(REJECTED) == []
    assert land.step("printing").state == "open"


def test_the_note_of_the_step_before_comes_again(land: RoutingFixture) -> None:
    land.plug_in(REGISTRY)
    land.complete("transfer")
    land.apply(answer(land.step("assessment"), copies(land)[0], note="Đủ điều kiện"))
    land.advance(timedelta(days=1))
    sweep(land)
    assert [copy.data["note"] for copy in copies(land)] == ["", "Đủ điều kiện", "Đủ điều kiện"]


def test_a_step_is_sent_again_so_often_at_most(land: RoutingFixture, task: Task) -> None:
    for _ in range(20):
        land.advance(timedelta(days=2))
        sweep(land)
    assert len(copies(land)) == sending_rules().most
    assert due_at(land) is None
    assert by_hand(land) == SentAgain(1, 0, 0), "an operator may go on"
    assert len(copies(land)) == sending_rules().most + 1


def accept(land: RoutingFixture, task: Task) -> None:
    land.apply(answer(task, copies(land)[0], name="agency.step.accepted"))


def take(land: RoutingFixture, task: Task) -> None:
    land.run(lambda work: claim(work, task.id, Official("officer-1", REGISTRY, "officer")))


def unplugged(land: RoutingFixture, _task: Task) -> None:
    land.run(lambda work: plugins.unplug(work.connection, REGISTRY, work.now))


def withdrawn(land: RoutingFixture, _task: Task) -> None:
    land.withdraw()


def returned(land: RoutingFixture, task: Task) -> None:
    land.apply(answer(task, copies(land)[0], name="agency.step.returned", reason="Không thuộc địa bàn"))


@pytest.mark.parametrize("settled", [accept, take, unplugged, withdrawn, returned])
def test_what_is_answered_taken_or_over_is_not_sent_again(land: RoutingFixture, task: Task, settled: Any) -> None:
    settled(land, task)
    land.advance(timedelta(days=3))
    assert sweep(land) == 0
    assert due_at(land) is None
    assert len(copies(land)) == 1


def test_a_rejected_decision_is_no_answer(land: RoutingFixture, task: Task) -> None:
    land.apply(answer(task, copies(land)[0], outcome="of another procedure"))
    assert len(land.emitted(REJECTED)) == 1
    land.advance(timedelta(days=3))
    assert sweep(land) == 1


def test_a_supplement_begins_a_new_round(land: RoutingFixture, task: Task) -> None:
    """The receipt of the first round does not count as an answer to the second."""
    land.apply(answer(task, copies(land)[0], name="agency.supplement.requested", reason="Thiếu", papers=["Hợp đồng"]))
    land.advance(timedelta(days=3))
    assert sweep(land) == 0
    land.supplement()
    assert len(copies(land)) == 2
    land.advance(timedelta(days=3))
    assert sweep(land) == 1
    assert [copy.data["note"] for copy in copies(land)] == ["", "Hồ sơ đã được bổ sung", "Hồ sơ đã được bổ sung"]


def test_an_operator_sends_at_once_and_twice_changes_nothing(land: RoutingFixture, task: Task) -> None:
    land.advance(timedelta(hours=1))
    assert by_hand(land) == SentAgain(sent=1, answered=0, paused=0)
    assert by_hand(land) == SentAgain(sent=0, answered=0, paused=1)
    assert len(copies(land)) == 2
    land.advance(sending_rules().pause)
    assert by_hand(land) == SentAgain(sent=1, answered=0, paused=0)


def test_an_operator_sends_what_was_sent_since_a_moment(land: RoutingFixture, task: Task) -> None:
    land.advance(timedelta(hours=1))
    assert by_hand(land, since=THURSDAY + timedelta(seconds=1)) == SentAgain(0, 0, 0)
    assert by_hand(land, since=THURSDAY) == SentAgain(1, 0, 0)


def test_an_operator_sends_accepted_steps_only_on_request(land: RoutingFixture, task: Task) -> None:
    accept(land, task)
    land.advance(timedelta(hours=1))
    assert by_hand(land) == SentAgain(sent=0, answered=1, paused=0)
    assert by_hand(land, accepted=True) == SentAgain(sent=1, answered=0, paused=0)


def test_only_an_agency_with_own_software_is_sent_anything(land: RoutingFixture, task: Task) -> None:
    with pytest.raises(NotPluggedIn, match=TAX):
        send_open_steps_again(land.store, TAX)


def test_another_agencys_steps_stay(land: RoutingFixture, task: Task) -> None:
    land.plug_in(TAX)
    land.advance(timedelta(hours=1))
    assert send_open_steps_again(land.store, TAX) == SentAgain(0, 0, 0)
    assert len(copies(land)) == 1


def test_an_agency_that_joins_again_gets_its_steps_in_their_round(land: RoutingFixture, task: Task) -> None:
    unplugged(land, task)
    assert plug_in(land.store, REGISTRY) == 1
    first, second = copies(land)
    land.apply(answer(task, second), answer(task, first))
    assert land.event_names(REJECTED) == []
    assert land.step("printing").state == "open"


def test_a_step_that_is_posted_is_not_sent_again_before_the_posting_ends() -> None:
    """A public posting of a month: nothing can be decided before."""
    calendar: Any = EveryHour()
    now, until = THURSDAY, THURSDAY + timedelta(days=30)
    rules = sending_rules()
    assert next_sending(rules, 1, now, until, calendar) == until + timedelta(hours=rules.unanswered_hours)
    assert next_sending(rules, 1, until, now, calendar) == until + timedelta(hours=rules.unanswered_hours)
    assert next_sending(rules, 2, now, None, calendar) == now + timedelta(hours=rules.again_hours)
    assert next_sending(rules, rules.most, now, None, calendar) is None


class EveryHour:
    """A calendar in which every hour is a working one."""

    def add_working_hours(self, start: datetime, hours: int) -> Any:
        class Found:
            at = start + timedelta(hours=hours)

        return Found


def test_a_step_that_waits_to_be_fetched_is_not_sent_again(land: RoutingFixture) -> None:
    """Over HTTPS it is kept here until the agency takes it: it is not lost."""
    connect(land.store, REGISTRY, Way.PULL)
    land.complete("transfer")
    land.advance(timedelta(days=3))
    assert (sweep(land), by_hand(land)) == (0, SentAgain(paused=1))
    with land.store.uow() as work:
        work.connection.execute(agency_events.update().values(state="done"))
    land.advance(LOOK_AGAIN)
    assert (sweep(land), sweep(land)) == (1, 0)
    with land.store.read() as connection:
        assert len(connection.execute(select(agency_events)).all()) == 2


def test_how_agencies_answer(land: RoutingFixture, task: Task) -> None:
    land.plug_in(TAX)

    def shown(among: list[str] | None = None) -> list[AgencyAnswers]:
        with land.store.read() as connection:
            return answers_of_agencies(connection, among)

    nothing = AgencyAnswers(TAX, 0, 0, None, None)
    assert shown() == [nothing, AgencyAnswers(REGISTRY, 1, 1, THURSDAY, None)]
    assert shown([TAX]) == [nothing]
    land.advance(timedelta(hours=1))
    by_hand(land)
    assert shown()[1] == AgencyAnswers(REGISTRY, 1, 1, THURSDAY, None)
    accept(land, task)
    answered = THURSDAY + timedelta(hours=1)
    assert shown()[1] == AgencyAnswers(REGISTRY, 1, 0, None, answered)
    land.apply(answer(task, copies(land)[0]))
    assert shown()[1] == AgencyAnswers(REGISTRY, 1, 1, answered, answered)  # the next step
    unplugged(land, task)
    assert shown() == [nothing]


@pytest.mark.parametrize("settle", [None, accept, take])
def test_the_list_and_the_rule_say_the_same(land: RoutingFixture, task: Task, settle: Any) -> None:
    if settle:
        settle(land, task)
    with land.store.read() as connection:
        (one,) = answers_of_agencies(connection)
        sent = sent_steps.find(connection, task.id)
    assert one.unanswered == (0 if is_answered(land.task(task.id), sent) else 1)


def test_metrics_tell_how_agencies_answer(land: RoutingFixture, task: Task) -> None:
    counted = sent_again.labels("routing", REGISTRY)._value
    before = counted.get()
    land.advance(timedelta(days=1))
    sweep(land)
    assert counted.get() == before + 1
    assert AnswerGauges().update(land.context) == 0


def test_a_sent_step_knows_its_repeats() -> None:
    sent = SentStep("t", REGISTRY, "", THURSDAY, THURSDAY, ("a", "b"), None, THURSDAY, "yes", "no")
    assert [sent.is_repeat(event, said) for event in "abc" for said in ("yes", "no", None)] == [
        *(True, False, True),
        *(True, False, True),
        *(False, False, False),
    ]
    assert [sent.is_of_earlier_round(event, said) for event in "ac" for said in ("yes", "no", None)] == [
        *(False, False, False),
        *(False, True, False),
    ]
