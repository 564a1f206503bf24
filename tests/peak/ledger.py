"""The ledger of a rush: every accepted dossier has one number, one receipt, and each event's effect once; nothing else is there.

It reads the five databases and the SMS provider's directory, and knows only what the citizens and clerks were told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Select, select

from services.intake.documents.store import documents
from services.intake.dossiers import store as intake
from services.intake.dossiers.domain import State
from services.intake.filing.dossier_number import dossier_numbers
from services.notify.contacts.store import contacts
from services.notify.messages.store import messages
from services.rating.invitations.store import invitations
from services.rating.officials.domain import RECEPTION
from services.rating.officials.store import dossier_officials
from services.routing.store import tables as routing
from services.stats.facts import store as stats
from shared.messaging.tables import idempotency_keys, inbox, published_events
from shared.persistence.store import Store
from shared.runtime.lookup_secret import secret_matches
from tests.faults.delivery_audit import Effect, EffectAudit, rows_found, sms_files
from tests.peak.load import Outcome

Expectation = Callable[[Outcome], Mapping[str, int]]
EVENTS_OF_FILING = ("applicant.registered", "dossier.received")


class Ledger(EffectAudit):
    """All effects of a rush.

    Args:
        stores: service → its database, with nothing else in it than the rush.
        spool: the directory of the SMS provider's messages.
        hash_key: of the citizens' secrets.
        outcomes: what came of each arrival.
    """

    def __init__(self, stores: Mapping[str, Store], spool: Path, hash_key: str, outcomes: Sequence[Outcome]) -> None:
        self.stores = stores
        self.accepted = [one for one in outcomes if one.accepted]
        self.receipts = self._receipts()
        sms = self._expected(_messages)
        super().__init__(
            [
                self._numbers(),
                self._secrets(hash_key),
                *self._of_databases(),
                *self._inboxes(),
                Effect("notify", "SMS files", sms, sms_files(spool)),
            ]
        )

    def _expected(self, expect: Expectation) -> Counter[str]:
        expected: Counter[str] = Counter()
        for one in self.accepted:
            expected.update({f"{one.code} {what}".strip(): count for what, count in expect(one).items()})
        return expected

    def _of_databases(self) -> Iterable[Effect]:
        for service, name, expect, statement in _EFFECTS:
            yield Effect(service, name, self._expected(expect), self._found(service, statement))
        keys = Counter(one.arrival.key for one in self.accepted)
        keys.update(f"receipt-{one.arrival.key}" for one in self.accepted if one.code in self.receipts)
        yield Effect("intake", "requests with an effect", keys, self._found("intake", select(idempotency_keys.c.key)))
        numbers = Counter(f"{code} {number}" for code, number in self.receipts.items())
        yield Effect("intake", "receipts issued", numbers, self._found("intake", _PAPERS))
        yield Effect("stats", "receipts", Counter(list(self.receipts)), self._found("stats", _RECEIPTS_COUNTED))

    def _receipts(self) -> dict[str, str]:
        """Dossier → number of its receipt: as the clerk was told, or as it is where a clerk was never answered."""
        with self.stores["intake"].read() as connection:
            issued = {row.dossier: row.number for row in connection.execute(_PAPERS)}
        told = {one.code: one.receipt_number for one in self.accepted if one.receipt == "accepted"}
        unknown = [one.code for one in self.accepted if one.receipt == "failed"]
        return {code: issued[code] for code in unknown if code in issued} | told

    def _numbers(self) -> Effect:
        """How many numbers each desk has given on each day: as many as it has dossiers, so there are no gaps."""
        given = Counter(_desk_and_day(one.code) for one in self.accepted)
        found: Counter[str] = Counter()
        with self.stores["intake"].read() as connection:
            for row in connection.execute(select(dossier_numbers)):
                found[f"{row.agency}-{row.day:%y%m%d}"] = row.last
        return Effect("intake", "numbers without gaps", given, found)

    def _secrets(self, key: str) -> Effect:
        """Each citizen's secret opens the citizen's dossier."""
        with self.stores["intake"].read() as connection:
            kept = {row.code: row.secret_hash for row in connection.execute(_SECRETS)}
        matching = [one.code for one in self.accepted if secret_matches(one.secret, kept.get(one.code, ""), key)]
        return Effect("intake", "secrets that open it", self._expected(_once), Counter(matching))

    def _inboxes(self) -> Iterable[Effect]:
        """Every event about a dossier was applied once by each service that subscribes to what comes of a filing."""
        for event, services in (
            ("dossier.received", ("routing", "notify", "stats")),
            ("applicant.registered", ("notify",)),
        ):
            with self.stores["intake"].read() as connection:
                published = dict(connection.execute(_PUBLISHED.where(published_events.c.type == _type(event))).all())
            for service in services:
                with self.stores[service].read() as connection:
                    applied = Counter(connection.execute(select(inbox.c.event_id)).scalars())
                found = Counter({code: applied[event_id] for event_id, code in published.items() if applied[event_id]})
                yield Effect(service, f"{event} applied", self._expected(_once), found)

    def _found(self, service: str, statement: Select[tuple[str, ...]]) -> Counter[str]:
        with self.stores[service].read() as connection:
            return rows_found(connection, statement)


def _type(event: str) -> str:
    return f"vn.motcua.{event}.v1"


def _desk_and_day(code: str) -> str:
    return code.rpartition("-")[0]


def _once(_outcome: Outcome) -> Mapping[str, int]:
    return {"": 1}


def _at_once(outcome: Outcome) -> Mapping[str, int]:
    return {"": int(outcome.arrival.at_once)}


def _state(outcome: Outcome) -> Mapping[str, int]:
    return {str(int(State.RETURNED if outcome.arrival.at_once else State.PROCESSING)): 1}


def _transitions(outcome: Outcome) -> Mapping[str, int]:
    passed = (State.PROCESSING, State.RESOLVED, State.RETURNED) if outcome.arrival.at_once else (State.PROCESSING,)
    return {str(int(state)): 1 for state in passed}


def _routed(outcome: Outcome) -> Mapping[str, int]:
    return {"returned" if outcome.arrival.at_once else "active": 1}


def _steps(outcome: Outcome) -> Mapping[str, int]:
    return {f"{outcome.arrival.step} {'done' if outcome.arrival.at_once else 'open'}": 1}


def _steps_done(outcome: Outcome) -> Mapping[str, int]:
    return {outcome.arrival.step: int(outcome.arrival.at_once)}


def _messages(outcome: Outcome) -> Mapping[str, int]:
    return {"rating_invitation" if outcome.arrival.at_once else "received": 1}


def _messages_sent(outcome: Outcome) -> Mapping[str, int]:
    return {f"{kind} sent": count for kind, count in _messages(outcome).items()}


def _published(outcome: Outcome) -> Mapping[str, int]:
    return {_type(name): 1 for name in EVENTS_OF_FILING}


_SECRETS = select(intake.dossiers.c.code, intake.dossiers.c.secret_hash)
_PUBLISHED = select(published_events.c.event_id, published_events.c.key)
_EVENTS = select(published_events.c.key, published_events.c.type).where(
    published_events.c.type.in_([_type(name) for name in EVENTS_OF_FILING])
)
_PAPERS = select(documents.c.dossier, documents.c.number)
_RECEIPTS_COUNTED = select(stats.documents.c.dossier)
_RECEIVED_BY = dossier_officials.c.part == RECEPTION
_STATS = stats.dossiers.c

_EFFECTS: tuple[tuple[str, str, Expectation, Select[tuple[str, ...]]], ...] = (
    ("intake", "dossiers", _once, select(intake.dossiers.c.code)),
    ("intake", "states", _state, select(intake.dossiers.c.code, intake.dossiers.c.state)),
    ("intake", "changes of state", _transitions, select(intake.transitions.c.dossier, intake.transitions.c.state)),
    ("intake", "events of the filing", _published, _EVENTS),
    ("routing", "dossiers", _routed, select(routing.dossiers.c.code, routing.dossiers.c.state)),
    ("routing", "steps", _steps, select(routing.tasks.c.dossier, routing.tasks.c.step, routing.tasks.c.state)),
    ("routing", "clock intervals", _once, select(routing.intervals.c.dossier)),
    ("notify", "contacts", _once, select(contacts.c.dossier)),
    ("notify", "messages sent", _messages_sent, select(messages.c.dossier, messages.c.kind, messages.c.state)),
    ("rating", "invitations", _at_once, select(invitations.c.dossier)),
    ("rating", "officials at the reception", _once, select(dossier_officials.c.dossier).where(_RECEIVED_BY)),
    ("stats", "dossiers received", _once, select(_STATS.code).where(_STATS.received_at.is_not(None))),
    ("stats", "dossiers returned", _at_once, select(_STATS.code).where(_STATS.returned_at.is_not(None))),
    ("stats", "steps done", _steps_done, select(stats.steps.c.dossier, stats.steps.c.step)),
    (
        "stats",
        "messages",
        _messages_sent,
        select(stats.messages.c.dossier, stats.messages.c.kind, stats.messages.c.state),
    ),
)
"""Service, effect, how often one dossier has it (by a further word), and the query for all of them."""
