"""Compares the effects that each accepted dossier must have in the five databases with those that are there.

A test passes if each expected effect is there exactly once, and nothing else is.
"""

from __future__ import annotations

import json
import time
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
from shared.messaging.partitions import generations
from shared.messaging.reconciliation import windows
from shared.messaging.tables import inbox, outbox_sequences
from shared.messaging.topology import Generation
from shared.messaging.transports import open_bus
from shared.persistence.store import Store
from shared.runtime.settings import Settings

KINDS = ("received", "result_ready", "rating_invitation")
PAID = "obligation"


@dataclass(frozen=True)
class CompletedDossier:
    """An accepted dossier that was completed.

    Attributes:
        code: its code.
        steps: the steps of its route.
        taxed: whether the citizen had an obligation to pay, during which the clock was paused.
        fee_paid: whether its filing fee was paid.
    """

    code: str
    steps: tuple[str, ...]
    taxed: bool = False
    fee_paid: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of messages that the citizen gets."""
        return (*KINDS, PAID) if self.taxed else KINDS

    @property
    def payments(self) -> int:
        """How many payments it has."""
        return int(self.taxed) + int(self.fee_paid)

    @property
    def states(self) -> Counter[State]:
        """The states that it reaches in intake after its receipt."""
        passed = Counter([State.PROCESSING, State.RESOLVED, State.RETURNED])
        return passed + Counter([State.OBLIGATION_REQUESTED, State.PROCESSING]) if self.taxed else passed


@dataclass(frozen=True)
class Effect:
    """One kind of effect: expected and found numbers, by dossier and further words."""

    service: str
    name: str
    expected: Counter[str]
    found: Counter[str]

    @property
    def missing(self) -> Counter[str]:
        """Expected and not found."""
        return self.expected - self.found

    @property
    def extra(self) -> Counter[str]:
        """Found too often, or not expected at all."""
        return self.found - self.expected


class EffectAudit:
    """Effects of several kinds, expected and found.

    Args:
        effects: one for each kind.
    """

    def __init__(self, effects: Iterable[Effect]) -> None:
        self.effects = list(effects)

    @property
    def differences(self) -> list[str]:
        """Everything that is missing or extra, as texts; empty if nothing is."""
        return [
            f"{effect.service}: {effect.name}: {word} {dict(list(deviation.items())[:10])}"
            for effect in self.effects
            for word, deviation in (("missing", effect.missing), ("extra", effect.extra))
            if deviation
        ]

    def table(self) -> Table:
        """The result as a table."""
        table = Table("service", "effect", "expected", "found", "missing", "extra", title="Đối soát · delivery audit")
        for effect in self.effects:
            numbers = (effect.expected, effect.found, effect.missing, effect.extra)
            table.add_row(effect.service, effect.name, *(f"{number.total():,}" for number in numbers))
        return table

    def show(self) -> None:
        """Prints the table."""
        Console(width=110).print(self.table())


class DeliveryAudit(EffectAudit):
    """All effects of some dossiers, read once from the five databases and the SMS spool.

    Args:
        stores: service → its database.
        spool: the directory of the SMS provider's messages.
        dossiers: the dossiers that were accepted.
    """

    def __init__(self, stores: Mapping[str, Store], spool: Path, dossiers: Sequence[CompletedDossier]) -> None:
        self.dossiers = dossiers
        expected = Counter(f"{dossier.code} {kind}" for dossier in dossiers for kind in dossier.kinds)
        super().__init__([*self._of_databases(stores), Effect("notify", "SMS files", expected, sms_files(spool))])

    def _of_databases(self, stores: Mapping[str, Store]) -> Iterable[Effect]:
        for service, name, expect, statement in _EXPECTED_EFFECTS:
            expected: Counter[str] = Counter()
            for dossier in self.dossiers:
                expected.update({f"{dossier.code} {what}".strip(): count for what, count in expect(dossier).items()})
            with stores[service].read() as connection:
                yield Effect(service, name, expected, rows_found(connection, statement))


def sms_files(spool: Path) -> Counter[str]:
    """Dossier and kind of each message in the SMS provider's directory."""
    found: Counter[str] = Counter()
    for path in spool.glob("[!.]*.json"):
        message = json.loads(path.read_bytes())
        found[f"{message['dossier']} {message['kind']}"] += 1
    return found


def rows_found(connection: Connection, statement: Select[tuple[str, ...]]) -> Counter[str]:
    """The rows of a query, each as its words, with their numbers."""
    return Counter(" ".join(str(part) for part in row) for row in connection.execute(statement))


def _once(_dossier: CompletedDossier) -> Mapping[str, int]:
    return {"": 1}


def _each(*names: str) -> dict[str, int]:
    return dict(Counter(names))


_PAYMENTS = select(intake_payments.payments.c.dossier)
_RESOLVED = (stats.dossiers.c.received_at, stats.dossiers.c.resolved_at, stats.dossiers.c.returned_at)

_EXPECTED_EFFECTS: tuple[
    tuple[str, str, Callable[[CompletedDossier], Mapping[str, int]], Select[tuple[str, ...]]], ...
] = (
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
        lambda dossier: {str(int(state)): count for state, count in dossier.states.items()},
        select(intake_dossiers.transitions.c.dossier, intake_dossiers.transitions.c.state),
    ),
    ("intake", "payments", lambda dossier: {"": dossier.payments}, _PAYMENTS),
    ("intake", "obligations", lambda dossier: {"": int(dossier.taxed)}, select(intake_payments.obligations.c.dossier)),
    ("routing", "dossiers", lambda _: {"returned": 1}, select(routing.dossiers.c.code, routing.dossiers.c.state)),
    (
        "routing",
        "steps done",
        lambda dossier: {f"{step} done": 1 for step in dossier.steps},
        select(routing.tasks.c.dossier, routing.tasks.c.step, routing.tasks.c.state),
    ),
    (
        "routing",
        "clock intervals",
        lambda dossier: {"": 3 if dossier.taxed else 1},
        select(routing.intervals.c.dossier),
    ),
    ("notify", "contacts", _once, select(notify_contacts.c.dossier)),
    (
        "notify",
        "messages sent",
        lambda dossier: {f"{kind} sent": 1 for kind in dossier.kinds},
        select(notify_messages.c.dossier, notify_messages.c.kind, notify_messages.c.state),
    ),
    ("rating", "invitations", _once, select(invitations.c.dossier)),
    ("rating", "ratings", _once, select(ratings.c.dossier)),
    ("stats", "dossiers known", _once, select(stats.dossiers.c.code)),
    (
        "stats",
        "dossiers rated, all times known",
        _once,
        select(stats.dossiers.c.code)
        .join(stats.ratings, stats.ratings.c.dossier == stats.dossiers.c.code)
        .where(stats.ratings.c.given_at.is_not(None), *(column.is_not(None) for column in _RESOLVED)),
    ),
    (
        "stats",
        "steps",
        lambda dossier: _each(*dossier.steps),
        select(stats.steps.c.dossier, stats.steps.c.step),
    ),
    ("stats", "payments", lambda dossier: {"": dossier.payments}, select(stats.payments.c.dossier)),
    (
        "stats",
        "messages",
        lambda dossier: {f"{kind} sent": 1 for kind in dossier.kinds},
        select(stats.messages.c.dossier, stats.messages.c.kind, stats.messages.c.state),
    ),
)
"""Service, effect, how often one dossier has it (by a further word), and the query for all of them."""


def _queues(service: str, stores: Mapping[str, Store]) -> set[str]:
    """The names of a service's queue and of its partitions."""
    found = set(Generation(service).queue_names)
    if service in stores:
        with stores[service].read() as connection:
            rows = generations.read(connection, service).rows
        found |= {queue for generation in rows for queue in generation.queue_names}
    return found


def pending_work(stores: Mapping[str, Store], settings: Settings) -> dict[str, int]:
    """What still waits: outboxes, events not confirmed by their subscribers, retry queues, parked events, messages in queues.

    All zero when everything is processed; after that, nothing is sent any more.
    """
    found: dict[str, int] = {}
    for service in SERVICE_NAMES:
        with stores[service].read() as connection:
            found[f"{service} outbox"] = outbox.backlog(connection)[0]
            found[f"{service} unconfirmed"] = windows.unsettled(connection)
            for state, count in retry_queue.counts(connection).items():
                found[f"{service} {state}"] = count
    bus = open_bus(settings.bus_url, "audit")
    for subscription in platform_topology().subscriptions:
        for queue in {*_queues(subscription.service, stores), subscription.dead_letter_queue_name}:
            found[f"queue {queue}"] = bus.depth(queue)
    with stores["notify"].read() as connection:
        unsent = select(func.count()).where(
            notify_messages.c.state.not_in(("sent", "delivered", "returned", "skipped", "failed"))
        )
        found["notify unsent"] = int(connection.execute(unsent).scalar_one())
    return found


QUIET_SECONDS = 1.0  # far longer than a worker has a message in hand


def at_rest(stores: Mapping[str, Store], settings: Settings) -> bool:
    """Whether nothing waits and nothing is being worked on, for :data:`QUIET_SECONDS`.

    One reading of all stores and queues is not of one moment, and does not count a message that a worker has in hand: what is sent
    between two of its lines may be missed by both. Nothing is missed if no service takes or makes an event between two readings.
    """
    before = _events_so_far(stores)
    time.sleep(QUIET_SECONDS)
    return not any(pending_work(stores, settings).values()) and _events_so_far(stores) == before


def _events_so_far(stores: Mapping[str, Store]) -> list[tuple[int, int]]:
    """How many events each service has taken and made."""
    found = []
    for store in stores.values():
        with store.read() as connection:
            taken = connection.execute(select(func.count()).select_from(inbox)).scalar_one()
            made = connection.execute(select(func.coalesce(func.sum(outbox_sequences.c.last), 0))).scalar_one()
        found.append((int(taken), int(made)))
    return found
