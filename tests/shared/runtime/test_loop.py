"""Loops survive errors, stop when asked, and report when they are stuck."""

from __future__ import annotations

import threading

from shared.runtime.workers.gathered import Gathered
from shared.runtime.workers.loop import Loop, failing_loops, report_progress, stuck_loops
from shared.runtime.workers.rested import Rested
from tests.support.processes import wait_until


def run(loop: Loop) -> Loop:
    loop.start()
    return loop


def end(loop: Loop) -> None:
    loop.stop()
    loop.join(10)
    assert not loop.is_alive()


def test_a_loop_goes_on_after_any_error_and_counts_it() -> None:
    calls: list[int] = []
    failed: list[str] = []
    closed = threading.Event()

    def step() -> int:
        calls.append(1)
        if len(calls) <= 2:
            raise ZeroDivisionError("a bug")
        return 0

    loop = run(Loop("intake/relay", step, 0.01, closed.set, failed.append))
    wait_until(lambda: len(calls) >= 5, what="steps after the errors")
    end(loop)
    assert failed == ["intake/relay", "intake/relay"]
    assert loop.errors == 0, "a good step resets the count"
    assert closed.is_set()


def test_a_loop_that_found_work_repeats_its_step_at_once() -> None:
    left = list(range(50))
    done = threading.Event()

    def step() -> int:
        if left:
            left.pop()
            return 1
        done.set()
        return 0

    loop = run(Loop("x", step, idle=60.0))
    assert done.wait(10), "the loop must not pause between steps that found work"
    end(loop)


def test_a_stuck_loop_is_reported_and_an_idle_one_is_not() -> None:
    release = threading.Event()

    def stuck() -> int:
        release.wait(30)
        return 0

    stuck_loop, idle_loop = run(Loop("stuck", stuck, 60.0)), run(Loop("idle", lambda: 0, 60.0))
    wait_until(lambda: stuck_loop.step_seconds() > 0.05, what="the stuck step to take its time")
    assert stuck_loops([stuck_loop, idle_loop], 0.05) == ["stuck"]
    release.set()
    end(stuck_loop)
    end(idle_loop)


def test_a_long_step_that_tells_that_it_goes_on_is_not_stuck() -> None:
    go_on, told, release = threading.Event(), threading.Event(), threading.Event()

    def long() -> int:
        go_on.wait(30)
        report_progress()
        told.set()
        release.wait(30)
        return 0

    loop = run(Loop("long", long, 60.0))
    wait_until(lambda: loop.step_seconds() > 0.1, what="the step to take its time")
    go_on.set()
    told.wait(30)
    assert loop.step_seconds() < 0.1
    report_progress()  # outside of a loop it is nothing
    release.set()
    end(loop)


def test_a_costly_sweep_rests_in_proportion() -> None:
    at, runs = [100.0], []

    def sweep() -> int:
        runs.append(at[0])
        at[0] += 3.0
        return 5

    rested = Rested(sweep, 0.1, lambda: at[0])
    assert (rested(), rested()) == (5, 0)
    at[0] = 129.9
    assert rested() == 0
    at[0] = 130.1
    assert rested() == 5
    assert runs == [100.0, 130.1]


def test_a_loop_whose_thread_has_ended_is_reported() -> None:
    loop = run(Loop("gone", lambda: 0, 60.0))
    end(loop)
    assert stuck_loops([loop], 60.0) == ["gone"]


def test_a_resting_loop_is_woken_and_a_hint_during_its_step_is_not_lost() -> None:
    entered, release, done = threading.Event(), threading.Event(), threading.Event()
    steps: list[int] = []

    def step() -> int:
        steps.append(1)
        if len(steps) == 2:
            entered.set()
            assert release.wait(10)
        if len(steps) == 3:
            done.set()
        return 0

    loop = run(Loop("x", step, idle=600.0))
    wait_until(lambda: len(steps) == 1, what="the first step")
    loop.wake()
    assert entered.wait(10), "a hint must end the rest"
    loop.wake()
    release.set()
    assert done.wait(10), "a hint that comes during a step must cause another one"
    end(loop)


def test_a_failing_loop_keeps_its_pause_whatever_wakes_it() -> None:
    failures: list[str] = []

    def step() -> int:
        raise ConnectionError

    loop = run(Loop("x", step, 600.0, failed=failures.append))
    wait_until(lambda: bool(failures), what="a failure")
    for _ in range(1000):
        loop.wake()
    assert len(failures) < 10
    end(loop)


def test_stopping_interrupts_a_step_that_waits() -> None:
    interrupted = threading.Event()
    entered = threading.Event()

    def step() -> int:
        entered.set()
        assert interrupted.wait(60)
        return 0

    loop = run(Loop("x", step, 0.0, interrupt=interrupted.set))
    assert entered.wait(10)
    end(loop)


def test_a_loop_works_once_a_step_succeeded_and_until_it_fails_for_longer_than_the_grace() -> None:
    broken = threading.Event()
    begin = threading.Event()

    def step() -> int:
        begin.wait(30)
        if broken.is_set():
            raise ConnectionError("the broker is away")
        return 0

    loop = run(Loop("x", step, idle=0.01))
    assert failing_loops([loop], 60.0) == ["x"], "it has not worked yet"
    begin.set()
    wait_until(lambda: failing_loops([loop], 60.0) == [], what="the first good step")
    broken.set()
    wait_until(lambda: loop.errors > 1, what="errors")
    assert failing_loops([loop], 60.0) == [], "a short fault takes nobody out of service"
    assert failing_loops([loop], 0.0) == ["x"]
    broken.clear()
    wait_until(lambda: failing_loops([loop], 0.0) == [], what="the recovery")
    end(loop)


def test_after_a_little_work_more_is_gathered_and_after_a_pause_or_much_nothing_waits() -> None:
    at, slept, work = [100.0], [], iter([3, 2, 0, 0, 1, 50, 4])

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        at[0] += seconds

    gathered = Gathered(lambda: next(work), 50, 0.02, lambda: at[0], sleep)
    assert (gathered(), slept) == (3, [])
    at[0] += 0.005
    assert (gathered(), slept) == (2, [0.015]), "soon after a little"
    assert (gathered(), slept) == (0, [0.015, 0.02]), "nothing more had come"
    assert (gathered(), gathered(), slept) == (0, 1, [0.015, 0.02]), "after a pause at once"
    assert (gathered(), gathered(), slept) == (50, 4, [0.015, 0.02, 0.02]), "after much at once"
