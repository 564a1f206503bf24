"""The short version of `make peak`: a rush in which web replicas and a worker are killed, with the full ledger."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, literal, select, update
from sqlalchemy.sql.base import Executable

from services.intake.dossiers import store as intake
from services.intake.filing.dossier_number import dossier_numbers
from services.rating.invitations.store import invitations
from services.stats.facts import store as stats
from tests.peak.ledger import Ledger
from tests.peak.schedule import Rush, arrivals
from tests.peak.stage import Change, Stage
from tests.support.backends import fresh_backends
from tests.support.prepared import PreparedDatabases
from tests.support.rabbitmq import RabbitServer

RUSH = Rush(dossiers=160, speedup=14_400, burst_factor=2, burst_seconds=1)
SETTLE_SECONDS = 120.0


@pytest.mark.timeout(300)
def test_a_rush_with_kills_loses_and_repeats_nothing_and_the_ledger_would_tell(
    tmp_path: Path, prepared_databases: PreparedDatabases, rabbit: RabbitServer
) -> None:
    people = arrivals(RUSH)
    with (
        fresh_backends(tmp_path, prepared_databases, rabbit) as servers,
        Stage(tmp_path, servers, forked=True) as stage,
    ):
        stage.add_web("web-2")
        changes = [
            Change(1.0, "web-1 killed", lambda: stage.kill("web-1")),
            Change(1.5, "worker-1 killed", lambda: stage.kill("worker-1")),
            Change(2.0, "worker-2 added", lambda: stage.add_worker("worker-2")),
            Change(3.5, "web-2 killed for good", lambda: stage.remove_web("web-2")),
        ]
        _, outcomes = stage.play(people, changes)
        ledger = stage.settle(outcomes, SETTLE_SECONDS)
        ledger.show()
        assert len(stage.happened) == len(changes)
        assert [one for one in outcomes if one.kind == "failed"] == []
        assert [death for death in stage.platform.deaths if death[1] != -signal.SIGKILL] == []
        assert ledger.accepted
        assert stage.front.longest_request > 0
        for deviation, service, statement in _doctoring(ledger):
            with stage.platform.stores[service].engine.begin() as connection:
                connection.execute(statement)
            found = stage.ledger(outcomes).differences
            assert [one for one in found if one.startswith(deviation)], found


def _doctoring(ledger: Ledger) -> Iterator[tuple[str, str, Executable]]:
    """What the ledger must find, and what is done to which database for it."""
    code = ledger.accepted[0].code
    invited = next(one.code for one in ledger.accepted if one.arrival.at_once)
    yield "rating: invitations: missing", "rating", delete(invitations).where(invitations.c.dossier == invited)
    of_dossier = select(stats.messages).where(stats.messages.c.dossier == code).subquery()
    again = select(literal("again"), *(column for column in of_dossier.c if column.name != "message"))
    columns = ["message", *(column.name for column in of_dossier.c if column.name != "message")]
    yield "stats: messages: extra", "stats", stats.messages.insert().from_select(columns, again)
    yield (
        "intake: numbers without gaps: extra",
        "intake",
        update(dossier_numbers).values(last=dossier_numbers.c.last + 1),
    )
    foreign = update(intake.dossiers).where(intake.dossiers.c.code == code).values(secret_hash="0:0")
    yield "intake: secrets that open it: missing", "intake", foreign
    yield "stats: dossiers received: missing", "stats", delete(stats.dossiers).where(stats.dossiers.c.code == code)
