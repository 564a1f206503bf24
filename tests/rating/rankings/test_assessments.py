"""The yearly assessment: opened once, never sent before its official has had their say, one closed table of states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest

from services.rating.access import WrongAgency
from services.rating.complaints.tables import complaints, named
from services.rating.officials.store import completed_steps, dossier_officials, returned_steps, visits
from services.rating.rankings.assessments import commands, queries, store
from services.rating.rankings.assessments.domain import (
    FINAL,
    TRANSITIONS,
    Action,
    AssessmentChanged,
    AssessmentError,
    AssessmentState,
    CommentPeriodOver,
    CommentPeriodRuns,
    NotInThisState,
    OwnAssessment,
    TextMissing,
    UnknownAssessment,
)
from services.rating.rankings.assessments.rules import assessment_rules
from services.rating.rankings.assessments.store import Assessment
from services.rating.rankings.assessments.sweeps import open_assessments
from shared.auth import Principal
from shared.persistence.personal_data import personal_values
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from tests.rating.rankings.seed import CENTRE, HOME, OTHER_DESK, PROVINCE, rate_often, register
from tests.support.service import ServiceUnderTest, reference

LEADER = Principal("leader-1", frozenset({"leader"}), CENTRE)
AN = Principal("an", frozenset({"clerk"}), CENTRE)
DEPARTMENT = Principal("leader-d", frozenset({"leader"}), HOME)
STRANGER = Principal("leader-2", frozenset({"leader"}), OTHER_DESK)
AUDITOR = Principal("auditor-1", frozenset({"auditor"}))
OPENS = datetime(2025, 12, 1, 8, 0, tzinfo=VIETNAM)  # a Monday
YEAR = 2025


def opened(service: ServiceUnderTest, official: str = "an") -> Assessment:
    """The assessment of an official on the day on which it is opened."""
    register(service, official)
    service.hand.seconds = OPENS.timestamp()
    open_assessments(service.context)
    return found(service, official)


def found(service: ServiceUnderTest, official: str = "an") -> Assessment:
    row = next(row for row in service.rows(store.assessments) if row["official"] == official)
    with service.store.read() as connection:
        known = store.find(connection, row["id"])
    assert known is not None
    return known


def do(
    service: ServiceUnderTest, action: Action, actor: Principal, text: str = "Ghi rõ.", revision: int | None = None
) -> None:
    """Does an action with the revision that now is, or another one."""
    one = found(service)
    number = one.revision if revision is None else revision
    acts: dict[Action, Callable[[UnitOfWork], None]] = {
        Action.EDIT: lambda work: commands.edit(work, actor, one.id, text, [], number),
        Action.SHOW: lambda work: commands.show(work, actor, one.id, text, [], number),
        Action.REVISE: lambda work: commands.revise(work, actor, one.id, text, number),
        Action.CANCEL: lambda work: commands.cancel(work, actor, one.id, text, number),
        Action.COMMENT: lambda work: commands.comment(work, actor, one.id, text, number),
        Action.SIGN: lambda work: commands.sign(work, actor, one.id, text, number),
        Action.ACKNOWLEDGE: lambda work: commands.acknowledge(work, actor, one.id, number),
    }
    service.store.run(acts[action])


ACTOR = {Action.COMMENT: AN, Action.ACKNOWLEDGE: DEPARTMENT}
WAY: dict[AssessmentState, list[Action]] = {
    AssessmentState.DRAFTED: [],
    AssessmentState.SHOWN: [Action.SHOW],
    AssessmentState.COMMENTED: [Action.SHOW, Action.COMMENT],
    AssessmentState.SENT: [Action.SHOW, Action.COMMENT, Action.SIGN],
    AssessmentState.ACKNOWLEDGED: [Action.SHOW, Action.COMMENT, Action.SIGN, Action.ACKNOWLEDGE],
    AssessmentState.CANCELLED: [Action.CANCEL],
}
"""How each state is reached."""


@pytest.mark.parametrize("state", list(AssessmentState))
def test_every_action_in_every_state(rating: ServiceUnderTest, state: AssessmentState) -> None:
    opened(rating)
    for action in WAY[state]:
        do(rating, action, ACTOR.get(action, LEADER))
    assert found(rating).state == state
    for action in [one for one in Action if one != Action.OPEN]:
        before = found(rating)
        if (state, action) in TRANSITIONS:
            continue  # tested by the ways above and below
        with pytest.raises((NotInThisState, UnknownAssessment, WrongAgency)):
            do(rating, action, ACTOR.get(action, LEADER))
        assert found(rating) == before
    if state in FINAL:
        assert not [one for one in product([state], Action) if one in TRANSITIONS]


def test_a_year_is_opened_on_its_day_once_for_each_official(both: ServiceUnderTest) -> None:
    for subject in ("an", "binh", "left"):
        register(both, subject)
    register(both, "left", date(2025, 3, 1), active=False)  # was there for a part of the year
    register(both, "gone", date(2024, 1, 1))
    register(both, "gone", date(2024, 11, 30), active=False)  # before the year that is assessed
    register(both, "new", date(2025, 12, 1))  # after it
    register(both, "own", home=None)
    both.hand.seconds = (OPENS - timedelta(hours=9)).timestamp()  # 23:00 of the day before
    open_assessments(both.context)
    assert {row["year"] for row in both.rows(store.assessments)} <= {2024}
    both.hand.pass_(timedelta(hours=1))
    assert open_assessments(both.context) == 4
    assert open_assessments(both.context) == 0
    both.hand.pass_(timedelta(days=40))
    assert open_assessments(both.context) == 0
    rows = {row["official"]: row for row in both.rows(store.assessments) if row["year"] == YEAR}
    assert {name: row["home_agency"] for name, row in rows.items()} == {
        "an": HOME,
        "binh": HOME,
        "left": HOME,
        "own": CENTRE,
    }
    assert all(row["state"] == "drafted" for row in rows.values())


def test_nothing_is_sent_before_the_official_has_had_their_say(both: ServiceUnderTest) -> None:
    opened(both)
    with pytest.raises(NotInThisState):
        do(both, Action.SIGN, LEADER)
    do(both, Action.SHOW, LEADER)
    until = found(both).comment_until
    assert until == datetime(2025, 12, 8, 17, 30, tzinfo=VIETNAM)  # five working days after Monday
    for moment in (OPENS, until - timedelta(seconds=1), until):
        both.hand.seconds = moment.timestamp()
        with pytest.raises(CommentPeriodRuns):
            do(both, Action.SIGN, LEADER)
    assert not seen_by(both, DEPARTMENT)
    both.hand.pass_(1)
    with pytest.raises(CommentPeriodOver):
        do(both, Action.COMMENT, AN)
    do(both, Action.SIGN, LEADER, "")
    one = found(both)
    assert (one.state, one.written_number, one.signed_by) == ("sent", f"01/PĐG-{CENTRE}", "leader-1")
    assert seen_by(both, DEPARTMENT)


def test_a_comment_is_answered_and_then_sent_at_once(both: ServiceUnderTest) -> None:
    opened(both)
    do(both, Action.SHOW, LEADER)
    do(both, Action.COMMENT, AN, "Hai hồ sơ quá hạn do mất điện.")
    with pytest.raises(TextMissing):
        do(both, Action.SIGN, LEADER, "  ")
    do(both, Action.SIGN, LEADER, "Đã xem xét.")
    do(both, Action.ACKNOWLEDGE, DEPARTMENT)
    one = found(both)
    assert (one.state, one.comment, one.answer) == ("acknowledged", "Hai hồ sơ quá hạn do mất điện.", "Đã xem xét.")
    with both.store.read() as connection:
        entries = [(entry.action, entry.by) for entry in store.entries_of(connection, one.id)]
    assert entries == [
        ("open", "motcua"),
        ("show", "leader-1"),
        ("comment", "an"),
        ("sign", "leader-1"),
        ("acknowledge", "leader-d"),
    ]


def test_what_is_revised_is_shown_again_with_all_its_days(rating: ServiceUnderTest) -> None:
    opened(rating)
    do(rating, Action.SHOW, LEADER)
    do(rating, Action.COMMENT, AN, "Sai số liệu.")
    do(rating, Action.REVISE, LEADER, "Đếm lại.")
    assert not seen_by(rating, AN)
    with pytest.raises(NotInThisState):
        do(rating, Action.SIGN, LEADER)
    rating.hand.pass_(timedelta(days=2))
    do(rating, Action.SHOW, LEADER)
    one = found(rating)
    assert (one.comment, one.commented_at, one.comment_until) == (
        "",
        None,
        datetime(2025, 12, 10, 17, 30, tzinfo=VIETNAM),
    )
    with rating.store.read() as connection:
        assert "Sai số liệu." in [entry.text for entry in store.entries_of(connection, one.id)]


def test_numbers_have_no_gaps(both: ServiceUnderTest) -> None:
    for subject in ("an", "binh", "chi"):
        opened(both, subject)
    for subject in ("an", "binh", "chi"):
        one = found(both, subject)
        both.store.run(
            partial(commands.show, actor=LEADER, id_=one.id, remark="Tốt.", justified=[], revision=one.revision)
        )
    both.hand.pass_(timedelta(days=10))
    for subject in ("chi", "an", "binh"):
        one = found(both, subject)
        sign = partial(commands.sign, actor=LEADER, id_=one.id, answer="")
        with pytest.raises(AssessmentChanged):  # one that fails takes no number
            both.store.run(partial(sign, revision=one.revision - 1))
        both.store.run(partial(sign, revision=one.revision))
        with pytest.raises(NotInThisState):
            both.store.run(partial(sign, revision=one.revision + 1))
    with both.store.read() as connection:
        listed = store.register(connection, CENTRE, YEAR)
    assert [(one.official, one.number) for one in listed] == [("chi", 1), ("an", 2), ("binh", 3)]


def test_who_may_see_and_do_what(rating: ServiceUnderTest) -> None:
    opened(rating)
    other = Principal("binh", frozenset({"clerk"}), CENTRE)
    above = Principal("leader-p", frozenset({"leader"}), PROVINCE)
    seen = {
        state: {
            actor.subject
            for actor in (LEADER, AN, DEPARTMENT, STRANGER, AUDITOR, other, above)
            if seen_by(rating, actor)
        }
        for state in _through(rating)
    }
    makers = {"leader-1", "leader-p", "auditor-1"}
    assert seen == {
        "drafted": makers,
        "shown": makers | {"an"},
        "commented": makers | {"an"},
        "sent": makers | {"an", "leader-d"},
        "acknowledged": makers | {"an", "leader-d"},
    }


def _through(service: ServiceUnderTest) -> Iterator[str]:
    yield found(service).state.value
    for action in WAY[AssessmentState.ACKNOWLEDGED]:
        for intruder in (STRANGER, Principal("x", frozenset({"clerk"}), CENTRE), AUDITOR):
            with pytest.raises((WrongAgency, UnknownAssessment)):
                do(service, action, intruder)
        do(service, action, ACTOR.get(action, LEADER))
        yield found(service).state.value


def test_nobody_assesses_themselves(rating: ServiceUnderTest) -> None:
    register(rating, "leader-1")
    one = opened(rating)
    mine = found(rating, "leader-1")
    with pytest.raises(OwnAssessment):
        rating.store.run(lambda work: commands.show(work, LEADER, mine.id, "Xuất sắc.", [], mine.revision))
    assert not seen_by(rating, LEADER, mine.id)
    assert seen_by(rating, LEADER, one.id)


def test_the_figures_are_those_of_the_raw_rows(both: ServiceUnderTest) -> None:
    register(both, "an")
    inside, outside = datetime(2024, 12, 1, tzinfo=VIETNAM), datetime(2024, 11, 30, 23, 59, 59, tzinfo=VIETNAM)
    last, after = datetime(2025, 11, 30, 23, 59, 59, tzinfo=VIETNAM), OPENS.replace(hour=0)
    moments = [inside, outside, last, after]
    kinds = ["on_time"] * 3 + ["late"] * 2 + ["uncounted"]

    def seed(work: UnitOfWork) -> None:
        about = {"agency": CENTRE, "official": "an"}
        for place, (at, kind) in enumerate(product(moments, kinds)):
            row = {
                "task": f"T-{place}",
                "dossier": f"D-{place}",
                "step": "s",
                "procedure": "p",
                "field": "f",
                "decision": "d",
            }
            work.connection.execute(
                completed_steps.insert(), row | about | {"completed_at": at, "timeliness": kind, "due_at": None}
            )
        for place, at in enumerate(moments):
            back: dict[str, object] = {"task": f"T-{place}", "dossier": f"D-{place}", "returned_at": at}
            work.connection.execute(returned_steps.insert(), back | about)
            visit: dict[str, object] = {
                "ticket_hash": f"h{place}",
                "desk": CENTRE,
                "counter": 1,
                "number": "A1",
                "official": "an",
            }
            work.connection.execute(visits.insert(), visit | {"called_at": at, "served_at": at, "rated_at": None})
            had: dict[str, object] = {"dossier": f"D-{place}", "part": "reception", "at": at}
            work.connection.execute(dossier_officials.insert(), had | about)

    both.store.run(seed)
    rate_often(both, {5: 8, 3: 1, 1: 2}, "an")
    rate_often(both, {1: 5}, "an", at=outside - timedelta(hours=1))
    for place, at in enumerate(moments):
        complain(both, f"c{place}", "an", at)
    one = opened(both)
    figures = one.figures
    assert figures["work"] == {
        "completed": 12,
        "on_time": 6,
        "late": 4,
        "uncounted": 2,
        "returned": 2,
        "served": 2,
        "received": 2,
    }
    rated = figures["ratings"]
    assert (rated["ratings"], rated["satisfied"], rated["share"], rated["mean"]) == (11, 8, 72.7, 4.09)
    assert figures["complaints"] == {"answered": 2, "justified": 0}
    marked = ["c0", "c1", "another"]  # the second was answered before the year
    both.store.run(lambda work: commands.show(work, LEADER, one.id, "Tốt.", marked, one.revision))
    assert found(both).figures["complaints"] == {"answered": 2, "justified": 1}


def test_few_ratings_say_nothing_about_an_official(rating: ServiceUnderTest) -> None:
    rate_often(rating, {1: 9}, "an")
    rated = opened(rating).figures["ratings"]
    assert (rated["ratings"], rated["enough"], "share" in rated) == (9, False, False)


def test_a_click_that_comes_twice_or_late_changes_nothing(rating: ServiceUnderTest) -> None:
    opened(rating)
    do(rating, Action.SHOW, LEADER)
    before = found(rating)
    with pytest.raises(AssessmentError):
        do(rating, Action.COMMENT, AN, "Cũ.", revision=before.revision - 1)
    do(rating, Action.COMMENT, AN, "Đồng ý.")
    with pytest.raises(NotInThisState):
        do(rating, Action.COMMENT, AN, "Đồng ý.")
    assert found(rating).revision == before.revision + 1


def test_the_rules_of_the_days(rating: ServiceUnderTest) -> None:
    rules = assessment_rules(date(2025, 12, 1))
    assert rules.span(2025) == (date(2024, 12, 1), date(2025, 11, 30))
    assert [rules.open_year(day) for day in (date(2025, 11, 30), date(2025, 12, 1), date(2026, 2, 1))] == [
        2024,
        2025,
        2025,
    ]


def complain(service: ServiceUnderTest, id_: str, official: str, answered_at: datetime) -> None:
    """Adds an answered complaint about an official."""
    filled: dict[str, Any] = {}
    for column in complaints.columns:
        if not column.nullable:
            filled[column.name] = _any_value(getattr(column.type, "impl", column.type).python_type, answered_at)
    filled |= {
        "id": id_,
        "code": f"PA-{id_}",
        "state": "answered",
        "answered_at": answered_at,
        "agency": CENTRE,
        "number": len(id_) * 1000 + int(id_[1:]),
    }

    def run(work: UnitOfWork) -> None:
        work.connection.execute(complaints.insert(), personal_values(complaints, filled))
        about = {"complaint": id_, "official": official, "named_by": None, "named_at": answered_at}
        work.connection.execute(named.insert(), about)

    service.store.run(run)


def _any_value(kind: type, at: datetime) -> Any:
    return {str: "x", int: 1, bool: False, datetime: at}[kind]


def seen_by(service: ServiceUnderTest, actor: Principal, id_: str = "") -> bool:
    """Whether somebody may open an assessment."""
    with service.store.read() as connection:
        try:
            queries.view_of(
                connection, actor, id_ or found(service).id, reference().agencies, service.store.clock.now()
            )
        except (UnknownAssessment, WrongAgency):
            return False
    return True
