"""Commands about webhooks: set one up, replace its secret, record what came of an attempt."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, replace
from datetime import datetime

from services.routing.agency_http import signature, store, webhook_store
from services.routing.agency_http.commands import Connected, connect_in
from services.routing.agency_http.domain import Answer, Disabled, EventState, HttpRules, Verdict, pause, verdict
from services.routing.agency_http.outgoing import HINT
from services.routing.agency_http.targets import parse_target
from services.routing.agency_http.webhook_store import Subscription
from services.routing.plugins.ways import Way
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookSet:
    """What setting up a webhook has done.

    Attributes:
        connected: the change of the way.
        secret: the new secret, shown only this once; empty where the one before stays.
    """

    connected: Connected
    secret: str


def connect_webhook(
    store_: Store,
    agency: str,
    url: str,
    hash_key: str,
    rules: HttpRules,
    allow_private: bool = False,
    new_secret: bool = False,
    signs: bool | None = None,
) -> WebhookSet:
    """Connects an agency's own software by a webhook. May be repeated: the secret stays, and one that was disabled goes on.

    Args:
        store_: routing's.
        agency: its code.
        url: where its events are posted.
        hash_key: the platform's, which protects the secret.
        rules: the numbers.
        allow_private: whether the address may be in the platform's own network.
        new_secret: replaces the secret; the old one signs too for a while.
        signs: see :func:`services.routing.agency_http.commands.connect`.

    Raises:
        services.routing.agency_http.targets.TargetRefused: nothing may be sent to this address.
    """
    parse_target(url, allow_private)

    def work(unit: UnitOfWork) -> WebhookSet:
        wall = unit.clock.wall()
        known = webhook_store.subscription_of(unit.connection, agency)
        secret = signature.new_secret() if known is None or new_secret else ""
        sealed = signature.seal(secret, hash_key, agency) if secret else ""
        base = known or Subscription(agency, url, sealed, None, None, allow_private, None, None, None)
        changed = replace(
            base, url=url, allow_private=allow_private, failing_since=None, disabled_at=None, disabled_because=None
        )
        if known is not None and sealed:
            until = wall + rules.old_secret
            changed = replace(changed, secret=sealed, old_secret=known.secret, old_secret_until=until)
        webhook_store.save(unit.connection, changed)
        connected = connect_in(unit, agency, Way.WEBHOOK, signs)
        webhook_store.make_due(unit.connection, agency, wall)
        unit.hint(HINT)
        return WebhookSet(connected, secret)

    return store_.run(work)


def replay(store_: Store, agency: str) -> int:
    """Sends an agency's events that were given up again, and those that wait at once; returns how many were given up."""

    def work(unit: UnitOfWork) -> int:
        wall = unit.clock.wall()
        again = webhook_store.wait_again(unit.connection, agency, wall)
        webhook_store.make_due(unit.connection, agency, wall)
        unit.hint(HINT)
        return again

    return store_.run(work)


def record(work: UnitOfWork, event: store.AgencyEvent, answer: Answer, rules: HttpRules) -> Verdict:
    """Records what came of one attempt, and what follows from it.

    Args:
        work: the transaction.
        event: as it was claimed.
        answer: of the agency.
        rules: the numbers.
    """
    connection, wall = work.connection, work.clock.wall()
    webhook_store.add_attempt(connection, event.number, wall, answer.status, answer.error, answer.milliseconds)
    if answer.accepted:
        webhook_store.note_success(connection, event.agency)
        webhook_store.end(connection, event.number, EventState.DONE, wall)
        work.hint(HINT)  # the dossier's next event may go now
        return Verdict.DONE
    target_since = webhook_store.note_failure(connection, event.agency, wall)
    since = event.failing_since or wall
    decided = verdict(answer, rules, wall, since, target_since)
    if decided is Verdict.GIVE_UP:
        webhook_store.end(connection, event.number, EventState.GIVEN_UP, wall)
        log.warning("an event to %s is given up: %s", event.agency, answer.error or answer.status)
        work.hint(HINT)
        return decided
    wait = pause(event.attempts, answer, rules, random.random())
    webhook_store.wait_for_next(connection, event, since, wall + wait)
    if decided is Verdict.DISABLE:
        _disable(work, event.agency, answer, wall)
    return decided


def _disable(work: UnitOfWork, agency: str, answer: Answer, at: datetime) -> None:
    because = Disabled.GONE if answer.gone else Disabled.FAILING
    if webhook_store.disable(work.connection, agency, because, at):
        log.error("the webhook of %s is disabled (%s): its events wait until it is connected again", agency, because)
