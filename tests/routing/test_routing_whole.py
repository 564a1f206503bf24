"""Any sequence of what may happen to a dossier leaves rows, clock, control sheet, queues and events that agree with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.routing.commands.closure import refuse_dossier, stop_dossier
from services.routing.commands.errors import NotInHand, StillPosted
from services.routing.commands.extend import extend_dossier
from services.routing.commands.hand_over import accept, refuse, resend
from services.routing.domain.handover import HandoverKind
from services.routing.domain.rules import in_working_time
from services.routing.domain.states import TaskState
from services.routing.domain.waiting import waiting_step
from services.routing.queries import worklists
from services.routing.queries.work_queues import all_queues
from services.routing.store.tasks import Task
from services.routing.store.worklists import Viewer
from shared.regulations import RuleBroken
from tests.routing.route_builders import OTHER, procedure, step
from tests.routing.route_strategies import AMOUNT
from tests.routing.service_fixture import DESK, LAND, THURSDAY, World, published, reference
from tests.support.prepared import PreparedFiles, migrated

CALENDAR = reference().calendar(DESK, THURSDAY.date())
HAPPENINGS = st.lists(
    st.one_of(
        *(st.tuples(st.just("complete"), st.integers(0, 5)) for _ in range(3)),
        st.tuples(st.just("pass"), st.integers(1, 4 * 24 * 60)),
        st.tuples(
            st.sampled_from(["pay", "ask", "supply", "sweep", "accept", "refuse", "resend", "extend"]),
            st.integers(0, 5),
        ),
        st.tuples(st.sampled_from(["withdraw", "stop", "refuse in writing"]), st.integers(0, 40)),
    ),
    max_size=25,
)
numbers = count(1)
TASK_OVER = (TaskState.DONE, TaskState.CANCELLED)
ENDS = ("dossier.resolved", "dossier.stopped")
FORKED = procedure(
    [
        step("entry", "one_stop_desk", ["police", "tax", "posting"]),
        step("police", "police", {"completed": "collect", "refused": "collect"}),
        step(
            "tax",
            "tax",
            {"completed": "collect", "obligation": "collect"},
            hours=0,
            counted=False,
            obligation={"kind": "tax", "name": "Thuế", "outcome": "obligation"},
        ),
        step("posting", "peoples_committee", "collect", hours=0, counted=False, wait_days=3),
        step("collect", "one_stop_desk", {"completed": "check", "returned": "entry"}, join=True),
        step("check", "land_registry", "end", when={"amount_from": 1}, otherwise="end"),
    ]
)


@pytest.fixture(scope="module")
def one_world(tmp_path_factory: pytest.TempPathFactory, prepared_files: PreparedFiles) -> Iterator[World]:
    """One store for all examples; each has a dossier of its own."""
    directory = tmp_path_factory.mktemp("whole")
    world = World(prepared_files.copy(migrated("routing"), directory / "store.db"), directory)
    world.publish()
    world.apply(published(OTHER, definition=FORKED))
    yield world
    world.store.close()


class Story:
    """One dossier to which things happen.

    Args:
        world: where.
        procedure: of the dossier.
        case: of the procedure.
    """

    def __init__(self, world: World, procedure: str, case: str) -> None:
        self.world = world
        self.code = f"000.00.14.H57-251120-{next(numbers):05}"
        self.sequence = count(2)
        world.go_to(THURSDAY)
        assert world.receive(self.code, procedure=procedure, case=case).applied == 1

    def happen(self, what: str, number: int) -> None:
        """Lets something happen; what the rules forbid leaves all as it was."""
        if what == "pass":
            self.world.pass_(timedelta(minutes=number))
        elif what == "sweep":
            self.world.sweep()
        elif what == "supply":
            if self.world.dossier(
                self.code
            ).supplements:  # one that nobody asked for is held; see test_routing_supplement.py
                self.world.supply(next(self.sequence), self.code)
        elif what in ("withdraw", "stop", "extend"):
            self._to_dossier(what, number)
        else:
            self._to_step(what, number)

    def _to_dossier(self, what: str, number: int) -> None:
        world, code = self.world, self.code
        if what == "extend":
            new = CALENDAR.add_working_days(world.dossier(code).due_at, number + 1).at
            with suppress(RuleBroken, NotInHand):
                world.run(lambda work: extend_dossier(work, code, new, "Cần đo đạc", "leader-1"))
        elif number:
            return  # ends are rare, so that stories grow long
        elif what == "withdraw":
            world.withdraw(next(self.sequence), code)
        else:
            world.run(lambda work: stop_dossier(work, code, "Lý do", "leader-1"))

    def _to_step(self, what: str, number: int) -> None:
        standing = self.world.open_tasks(self.code)
        task = standing[number % len(standing)]
        if what == "pay" and task.state == TaskState.AWAITING_PAYMENT:
            assert self.world.pay(task.obligation, AMOUNT, next(self.sequence), dossier=self.code).applied == 1
        if what == "pay" or task.state != TaskState.OPEN:
            return
        acts: dict[str, Callable[[], object]] = {
            "complete": lambda: self._complete(task, number),
            "ask": lambda: self.world.ask(task.step, code=self.code),
            "accept": lambda: self.world.run(lambda work: accept(work, task.id, "officer-1")),
            "refuse": lambda: self.world.run(lambda work: refuse(work, task.id, "Thiếu", "officer-1")),
            "resend": lambda: self.world.run(lambda work: resend(work, task.id, "Đã kèm", "clerk-1")),
            "refuse in writing": lambda: (
                number or self.world.run(lambda work: refuse_dossier(work, task.id, "Lý do", "12/TB", "leader-1"))
            ),
        }
        before = self.world.said(code=self.code)
        try:
            acts[what]()
        except (RuleBroken, NotInHand, StillPosted):
            assert self.world.said(code=self.code) == before

    def _complete(self, task: Task, number: int) -> None:
        made = FORKED if self.world.dossier(self.code).procedure == OTHER else None
        outcomes = list(_outcomes(made, task.step))
        outcome = outcomes[number % len(outcomes)]
        amount = AMOUNT if outcome == "obligation" else None
        self.world.complete(task.step, outcome, amount, self.code)

    def finish(self) -> None:
        """Goes the rest of the way, whatever the dossier waits for."""
        for _ in range(60):
            dossier = self.world.dossier(self.code)
            if dossier.state == "supplement":
                self.world.supply(next(self.sequence), self.code)
            standing = self.world.open_tasks(self.code)
            if not standing:
                return
            task = standing[0]
            if task.state == TaskState.AWAITING_PAYMENT:
                self._to_step("pay", 0)
            elif task.refused_at is not None:
                self._to_step("resend", 0)
            else:
                self.world.go_to(max(self.world.store.clock.now(), task.wait_until or THURSDAY))
                self._complete(task, 0)
        raise AssertionError("the way has no end")


def _outcomes(made: dict[str, object] | None, step_id: str) -> list[str]:
    known = {
        "assessment": ["no_tax", "completed"],
        "tax": ["completed", "obligation"],
        "checking": ["completed", "rework"],
        "police": ["completed", "refused"],
        "collect": ["completed", "returned"] if made else ["completed"],
    }
    return known.get(step_id, ["completed"])


@given(happenings=HAPPENINGS, way=st.sampled_from([(LAND, "transfer"), (OTHER, "default")]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_all_agrees_whatever_happens(one_world: World, happenings: list[tuple[str, int]], way: tuple[str, str]) -> None:
    story = Story(one_world, *way)
    for what, number in happenings:
        story.happen(what, number)
        if one_world.dossier(story.code).state not in ("active", "supplement"):
            break
    check(one_world, story.code)
    story.finish()
    check(one_world, story.code)
    assert one_world.open_tasks(story.code) == []
    assert one_world.parked() == []


def check(world: World, code: str) -> None:
    """Whether rows, clock, control sheet, queues and events agree."""
    check_clock(world, code)
    check_events(world, code)
    check_queues(world)


def check_clock(world: World, code: str) -> None:
    dossier, intervals = world.dossier(code), world.intervals(code)
    ended_at = dossier.resolved_at or dossier.stopped_at
    assert intervals[0].begins_at == dossier.received_at
    assert intervals[-1].ends_at == ended_at
    for before, after in pairwise(intervals):
        assert before.ends_at == after.begins_at
        assert before.kind != after.kind
        assert before.begins_at <= before.ends_at
    if ended_at is None:
        now = world.store.clock.now()
        waits = dossier.state == "supplement" or waiting_step(world.open_tasks(code), now) is not None
        unseen = (
            dossier.state == "active"
            and dossier.paused
            and dossier.next_check_at is not None
            and dossier.next_check_at <= now
        )
        assert dossier.paused == (waits or unseen) == (intervals[-1].kind != "counted")
    check_counted(world, code)
    for due in (dossier.due_at, dossier.index_due_at, *(task.due_at for task in world.tasks(code) if task.counted)):
        assert due is None or _is_open(due)
    assert dossier.due_at >= dossier.promised_at
    assert dossier.index_due_at >= dossier.promised_at


def _is_open(moment: datetime) -> bool:
    return in_working_time(moment, CALENDAR)


def check_counted(world: World, code: str) -> None:
    """Whether each moment of the clock is counted or not as the steps say at which the dossier stood."""
    over = datetime.max.replace(tzinfo=THURSDAY.tzinfo)
    lives = [(task, task.assigned_at, task.completed_at or over) for task in world.tasks(code)]
    edges = [task.wait_until for task, _, _ in lives if task.wait_until is not None]
    for interval in world.intervals(code):
        if interval.ends_at is None or interval.kind == "supplement":
            continue
        moments = [interval.begins_at + (interval.ends_at - interval.begins_at) / 2, *edges]
        moments += [edge - timedelta(seconds=1) for edge in edges]
        for moment in moments:
            if interval.begins_at <= moment < interval.ends_at:
                standing = [task for task, begun, done in lives if begun <= moment < done]
                assert (interval.kind == "counted") == (waiting_step(standing, moment) is None), (interval, moment)


def check_events(world: World, code: str) -> None:
    dossier, tasks, said = world.dossier(code), world.tasks(code), world.said(code=code)
    over = dossier.state not in ("active", "supplement")
    standing = [task for task in tasks if task.state not in TASK_OVER]
    assert bool(standing) != over
    assert sum(said.count(end) for end in ENDS) == over
    assert not over or said[-1] in ENDS
    passed = sum(task.note is not None and "không cần thực hiện" in task.note for task in tasks)
    resent = sum(entry.kind == HandoverKind.RESENT for entry in world.entries(code))
    assert said.count("step.assigned") == len(tasks) - passed + resent
    assert said.count("step.completed") == sum(task.state == TaskState.DONE for task in tasks)
    assert said.count("dossier.overdue") == (dossier.overdue_at is not None)
    assert said.count("step.overdue") == sum(task.overdue_at is not None for task in tasks)
    assert said.count("supplement.requested") == dossier.supplements <= 1
    assert said.count("dossier.extended") == (dossier.extended_at is not None)
    if over:
        assert dossier.on_time == (dossier.overdue_at is None)
        assert (dossier.next_check_at, {task.next_check_at for task in tasks}) == (None, {None})


def check_queues(world: World) -> None:
    """The number on a tile is the length of the list behind it."""
    now = world.store.clock.now()
    for agency in (DESK, "H12.14.02"):
        own = frozenset({agency})
        viewer = Viewer("officer-1", frozenset({"officer-1"}), agencies=own, signing=own, below=own, now=now)
        with world.store.read() as connection:
            for tile in worklists.tiles(connection, viewer, ["leader"]):
                queue = next(queue for queue in all_queues() if queue.id == tile.id)
                page = worklists.queue_page(connection, queue, viewer, "", "", 200)
                assert tile.count == len(page.items), queue.id
