"""The ledger: what each accepted dossier must have left in the five databases, and what is there.

Pass is: every effect that follows from what was accepted is there exactly once, and nothing else is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, Select, func, select

from services.intake.dossiers import store as intake_dossiers
from services.intake.dossiers.domain import State
from services.intake.payments import store as intake_payments
from services.notify.contacts.store import contacts as notify_contacts
from services.notify.messages.store import messages as notify_messages
from services.rating.invitations.store import invitations
from services.rating.ratings.store import ratings
from services.registry import SERVICE_NAMES
from services.routing.store import tables as routing
from services.stats.facts import store as stats
from shared.contracts import platform_topology
from shared.messaging import outbox, retry_queue
from shared.messaging.transports import open_bus
from shared.persistence.store import Store
from shared.runtime.settings import Settings

KINDS = ("received", "result_ready", "rating_invitation")
PAID = "obligation"


@dataclass(frozen=True)
class Story:
    """An accepted dossier, carried to its end.

    Attributes:
        code: its code.
        steps: the steps that its route has.
        taxed: whether it had an obligation to pay, and so a pause.
        fee_paid: whether its filing fee was paid.
    """

    code: str
    steps: tuple[str, ...]
    taxed: bool = False
    fee_paid: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The messages that its citizen gets."""
        return (*KINDS, PAID) if self.taxed else KINDS

    @property
    def payments(self) -> int:
        """How often money was paid for it."""
        return int(self.taxed) + int(self.fee_paid)

    @property
    def states(self) -> Counter[State]:
        """The states that it passes in intake after its receipt."""
        passed = Counter([State.PROCESSING, State.RESOLVED, State.RETURNED])
        return passed + Counter([State.OBLIGATION_REQUESTED, State.PROCESSING]) if self.taxed else passed


@dataclass(frozen=True)
class Entry:
    """One kind of effect: how often it must be there and is there, by what it is about."""

    service: str
    effect: str
    expected: Counter[str]
    found: Counter[str]

    @property
    def missing(self) -> Counter[str]:
        """What should be there and is not."""
        return self.expected - self.found

    @property
    def extra(self) -> Counter[str]:
        """What is there too often, or should not be there at all."""
        return self.found - self.expected


class Ledger:
    """All effects of some stories, read once from the five databases and the SMS spool.

    Args:
        stores: service → its database.
        spool: where the SMS provider puts its messages.
        stories: what was accepted.
    """

    def __init__(self, stores: Mapping[str, Store], spool: Path, stories: Sequence[Story]) -> None:
        self.stories = stories
        self.entries = [*self._of_databases(stores), self._of_spool(spool)]

    @property
    def faults(self) -> list[str]:
        """Everything that is missing or extra, in words; empty when the books balance."""
        return [
            f"{entry.service}: {effect}: {word} {dict(list(difference.items())[:10])}"
            for entry in self.entries
            for effect, word, difference in (
                (entry.effect, "missing", entry.missing),
                (entry.effect, "extra", entry.extra),
            )
            if difference
        ]

    def table(self) -> Table:
        """The ledger as a table for people."""
        table = Table("service", "effect", "expected", "found", "missing", "extra", title="Sổ cái · ledger")
        for entry in self.entries:
            numbers = (entry.expected, entry.found, entry.missing, entry.extra)
            table.add_row(entry.service, entry.effect, *(f"{number.total():,}" for number in numbers))
        return table

    def show(self) -> None:
        """Prints the ledger."""
        Console(width=110).print(self.table())

    def _of_databases(self, stores: Mapping[str, Store]) -> Iterable[Entry]:
        for service, effect, expect, statement in _BOOK:
            expected: Counter[str] = Counter()
            for story in self.stories:
                expected.update({f"{story.code} {what}".strip(): count for what, count in expect(story).items()})
            with stores[service].read() as connection:
                yield Entry(service, effect, expected, _found(connection, statement))

    def _of_spool(self, spool: Path) -> Entry:
        expected = Counter(f"{story.code} {kind}" for story in self.stories for kind in story.kinds)
        found: Counter[str] = Counter()
        for path in spool.glob("[!.]*.json"):
            message = json.loads(path.read_bytes())
            found[f"{message['dossier']} {message['kind']}"] += 1
        return Entry("notify", "SMS files", expected, found)


def _found(connection: Connection, statement: Select[tuple[str, ...]]) -> Counter[str]:
    return Counter(" ".join(str(part) for part in row) for row in connection.execute(statement))


def _once(_story: Story) -> Mapping[str, int]:
    return {"": 1}


def _each(*names: str) -> dict[str, int]:
    return dict(Counter(names))


_PAYMENTS = select(intake_payments.payments.c.dossier)
_RESOLVED = (stats.dossiers.c.received_at, stats.dossiers.c.resolved_at, stats.dossiers.c.returned_at)

_BOOK: tuple[tuple[str, str, Callable[[Story], Mapping[str, int]], Select[tuple[str, ...]]], ...] = (
    ("intake", "dossiers received", _once, select(intake_dossiers.dossiers.c.code)),
    (
        "intake",
        "dossiers returned",
        _once,
        select(intake_dossiers.dossiers.c.code).where(intake_dossiers.dossiers.c.state == int(State.RETURNED)),
    ),
    (
        "intake",
        "changes of state",
        lambda story: {str(int(state)): count for state, count in story.states.items()},
        select(intake_dossiers.transitions.c.dossier, intake_dossiers.transitions.c.state),
    ),
    ("intake", "payments", lambda story: {"": story.payments}, _PAYMENTS),
    ("intake", "obligations", lambda story: {"": int(story.taxed)}, select(intake_payments.obligations.c.dossier)),
    ("routing", "dossiers", lambda _: {"returned": 1}, select(routing.dossiers.c.code, routing.dossiers.c.state)),
    (
        "routing",
        "steps done",
        lambda story: {f"{step} done": 1 for step in story.steps},
        select(routing.tasks.c.dossier, routing.tasks.c.step, routing.tasks.c.state),
    ),
    (
        "routing",
        "clock intervals",
        lambda story: {"": 3 if story.taxed else 1},
        select(routing.intervals.c.dossier),
    ),
    ("notify", "contacts", _once, select(notify_contacts.c.dossier)),
    (
        "notify",
        "messages sent",
        lambda story: {f"{kind} sent": 1 for kind in story.kinds},
        select(notify_messages.c.dossier, notify_messages.c.kind, notify_messages.c.state),
    ),
    ("rating", "invitations", _once, select(invitations.c.dossier)),
    ("rating", "ratings", _once, select(ratings.c.dossier)),
    ("stats", "dossiers known", _once, select(stats.dossiers.c.code)),
    (
        "stats",
        "dossiers rated, all times known",
        _once,
        select(stats.dossiers.c.code).where(
            stats.dossiers.c.rated_at.is_not(None), *(column.is_not(None) for column in _RESOLVED)
        ),
    ),
    (
        "stats",
        "steps",
        lambda story: _each(*story.steps),
        select(stats.steps.c.dossier, stats.steps.c.step),
    ),
    ("stats", "payments", lambda story: {"": story.payments}, select(stats.payments.c.dossier)),
    (
        "stats",
        "messages",
        lambda story: {f"{kind} sent": 1 for kind in story.kinds},
        select(stats.messages.c.dossier, stats.messages.c.kind, stats.messages.c.state),
    ),
)
"""Service, effect, how often one story has it (by a further word), and the query that finds all of it."""


def leftovers(stores: Mapping[str, Store], settings: Settings) -> dict[str, int]:
    """What still waits somewhere: outboxes, held and parked events, messages in queues. All zero when everything has settled."""
    found: dict[str, int] = {}
    for service in SERVICE_NAMES:
        with stores[service].read() as connection:
            found[f"{service} outbox"] = outbox.backlog(connection)[0]
            for state, count in retry_queue.counts(connection).items():
                found[f"{service} {state}"] = count
    bus = open_bus(settings.bus_url, "ledger")
    for subscription in platform_topology(settings.queue_partitions).subscriptions:
        for queue in (*subscription.queue_names, subscription.dead_letter_queue_name):
            found[f"queue {queue}"] = bus.depth(queue)
    with stores["notify"].read() as connection:
        unsent = select(func.count()).where(notify_messages.c.state.not_in(("sent", "skipped", "failed")))
        found["notify unsent"] = int(connection.execute(unsent).scalar_one())
    return found
