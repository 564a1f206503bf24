"""A day of a land-registry rush, and a burst far above what the machine can do: `make peak`. docs/peak.md says what its figures mean."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from tests.peak.figures import answers_table, faults_of, hanging, quantile, queue_ages, queue_table, summary
from tests.peak.schedule import Rush, arrivals, dossiers_a_day
from tests.peak.stage import Change, Stage
from tests.support.backends import fresh_backends
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer

pytestmark = [pytest.mark.peak, pytest.mark.timeout(3600)]

DRAIN_SECONDS = 1800.0


def _setting(name: str, default: float) -> float:
    return float(os.environ.get(f"PEAK_{name}", default))


RUSH = Rush(
    dossiers=int(_setting("DOSSIERS", dossiers_a_day())),
    speedup=_setting("SPEEDUP", 240),
    burst_factor=_setting("BURST_FACTOR", 10),
    burst_seconds=_setting("BURST_SECONDS", 20),
    after_seconds=_setting("AFTER_SECONDS", 20),
    seed=int(_setting("SEED", 2026)),
)


def test_peak(tmp_path: Path) -> None:
    people = arrivals(RUSH)
    console = Console(width=140)
    console.print(
        f"{RUSH.dossiers:,} dossiers on the day, played {RUSH.speedup:,.0f} times as fast, in {RUSH.day_seconds:,.0f} s "
        f"({RUSH.mean_rate:,.1f}/s on average); then {RUSH.burst_factor:,.0f} times that for {RUSH.burst_seconds:,.0f} s, "
        f"then the day's rate for {RUSH.after_seconds:,.0f} s: {len(people):,} people"
    )
    with (
        PostgresServer(settings={"max_connections": "400"}) as postgres,
        RabbitServer() as rabbit,
        fresh_backends(tmp_path, postgres, rabbit) as servers,
        Stage(tmp_path, servers, forked=False) as stage,
    ):
        load, outcomes = stage.play(people, _changes(stage))
        console.print(answers_table(RUSH, outcomes))
        for fault, count in faults_of(outcomes).most_common():
            console.print(f"  {count:>8,}  {fault}")
        late = quantile(sorted(one.late for one in outcomes), 0.99)
        longest = stage.front.longest_request
        console.print(
            f"the load generator was late by {late:.3f} s (p99); {hanging(outcomes):,} kept hanging; "
            f"the longest request took {longest:.3f} s at the proxy"
        )
        assert not [one for one in outcomes if one.kind == "failed"], (
            "somebody got neither a dossier code nor a refusal"
        )
        ledger = stage.settle(outcomes, DRAIN_SECONDS)
        ages = queue_ages(stage.platform.stores, datetime.fromtimestamp(load.began, UTC))
    for line in stage.happened:
        console.print(f"  {line}")
    console.print(queue_table(ages))
    console.print(ledger.table())
    last_accepted = max(load.began + one.arrival.at + one.seconds for one in ledger.accepted)
    drained = max(ages.last_effect.timestamp() - last_accepted, 0.0)
    for row in summary(RUSH, outcomes, ages, drained, ledger, len(stage.platform.deaths), longest):
        print(row)
    assert [death for death in stage.platform.deaths if death[1] != -signal.SIGKILL] == []
    assert hanging(outcomes) == 0, "somebody waited longer than their time limit"


def _changes(stage: Stage) -> list[Change]:
    """Replicas and workers are added and killed on the day, in the burst, and after it."""
    day, burst = RUSH.day_seconds, RUSH.burst_seconds
    return [
        Change(day * 0.1, "web-2 added", lambda: stage.add_web("web-2")),
        Change(day * 0.2, "worker-2 added", lambda: stage.add_worker("worker-2")),
        Change(day * 0.25, "web-1 killed", lambda: stage.kill("web-1")),
        Change(day * 0.35, "worker-1 killed", lambda: stage.kill("worker-1")),
        Change(day * 0.5, "web-2 killed", lambda: stage.kill("web-2")),
        Change(day * 0.6, "worker-2 killed", lambda: stage.kill("worker-2")),
        Change(day + burst * 0.1, "queues begin to be divided into 2, then 4", lambda: stage.grow(2, 4)),
        Change(day + burst * 0.2, "web-1 killed", lambda: stage.kill("web-1")),
        Change(day + burst * 0.35, "worker-1 killed", lambda: stage.kill("worker-1")),
        Change(day + burst * 0.5, "web-3 added", lambda: stage.add_web("web-3")),
        Change(day + burst * 0.8, "web-2 killed for good", lambda: stage.remove_web("web-2")),
        Change(day + burst + RUSH.after_seconds * 0.5, "worker-2 killed", lambda: stage.kill("worker-2")),
    ]
