"""Sends events to webhooks: several at once, few to each agency, and no transaction open during a call."""

from __future__ import annotations

import logging
import ssl
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

from services.routing.agency_http import signature, webhook_store, webhooks
from services.routing.agency_http.call import call
from services.routing.agency_http.domain import Answer, HttpRules
from services.routing.agency_http.outgoing import HINT
from services.routing.agency_http.settings import http_rules
from services.routing.agency_http.store import AgencyEvent
from services.routing.agency_http.targets import TargetRefused, parse_target
from services.routing.agency_http.webhook_store import Subscription
from services.routing.plugins import store as plugins
from services.routing.plugins.ways import Way
from shared.messaging.event import CONTENT_TYPE
from shared.observability.metrics import agency_deliveries
from shared.runtime.context import Context
from shared.runtime.data_keys import UnreadableData
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)

AT_ONCE = 16
AT_ONCE_TO_ONE = 4
"""Of these to one agency, so that one that answers slowly leaves room for the others."""
WAIT_SECONDS = 0.5
"""How long a run waits for the first answer before it looks for further events."""

Post = Callable[[Subscription, AgencyEvent, Context, HttpRules], Answer]


def post(subscription: Subscription, event: AgencyEvent, context: Context, rules: HttpRules) -> Answer:
    """Posts an event to an agency's webhook; never fails."""
    now = context.clock.wall()
    try:
        target = parse_target(subscription.url, subscription.allow_private)
        secrets = _secrets(subscription, context)
    except TargetRefused:
        return Answer(None, "refused_address", 0)
    except (UnreadableData, ValueError) as error:
        log.error("the secret of the webhook of %s: %s", event.agency, error)  # noqa: TRY400
        return Answer(None, "unreadable_secret", 0)
    body = event.body.encode()
    headers = {
        "content-type": CONTENT_TYPE,
        "user-agent": "motcua",
        **signature.headers(event.event_id, body, now, secrets),
    }
    return call(target, headers, body, rules.call, now, subscription.allow_private, ssl.create_default_context())


def _secrets(subscription: Subscription, context: Context) -> list[str]:
    sealed = [subscription.secret]
    until = subscription.old_secret_until
    if subscription.old_secret and until is not None and context.clock.wall() < until:
        sealed.append(subscription.old_secret)
    return [signature.unseal(one, context.settings.hash_key, subscription.agency) for one in sealed]


class WebhookSender:
    """The sweep that sends. Each event is claimed for one attempt by a lease, so that two workers do not send it at once; after a crash
    it is sent again when the lease is over.

    Args:
        rules: the numbers; the product's own by default.
        post: makes one call.
    """

    def __init__(self, rules: HttpRules | None = None, post: Post = post) -> None:
        self._rules = rules or http_rules()
        self._post = post
        self._threads: ThreadPoolExecutor | None = None
        self._running: dict[Future[None], str] = {}

    def run(self, context: Context) -> int:
        """Begins what is due, and waits a moment for the first answers; returns how many events were begun or ended."""
        begun = self._begin(context)
        if not self._running:
            return begun
        done, _ = wait(self._running, WAIT_SECONDS, FIRST_COMPLETED)
        for future in done:
            agency = self._running.pop(future)
            if (error := future.exception()) is not None:  # the lease ends by itself, and the event is sent again
                log.warning("an attempt to send to %s was not recorded: %s", agency, type(error).__name__)
        return begun + len(done) + len(self._running)

    def close(self, _context: Context) -> None:
        """Lets the calls that run end; their results are recorded."""
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._threads = None
        self._running.clear()

    def _begin(self, context: Context) -> int:
        """Claims what is due, and has it sent; returns how many events."""
        begun, counts, lost = 0, Counter(self._running.values()), False
        while len(self._running) < AT_ONCE and not lost:
            busy = [agency for agency, count in counts.items() if count >= AT_ONCE_TO_ONE]
            with context.store.read() as connection:
                due = webhook_store.due(connection, context.clock.wall(), busy, AT_ONCE - len(self._running))
            for number, agency in due:
                if counts[agency] < AT_ONCE_TO_ONE:
                    claimed = self._claim(context, number, agency)
                    counts[agency] += claimed
                    begun += claimed
                    lost |= not claimed  # another worker is at it too: the next run looks again
            if not due:
                break
        return begun

    def _claim(self, context: Context, number: int, agency: str) -> bool:
        wall = context.clock.wall()
        claimed = context.store.run(
            lambda work: webhook_store.claim(work.connection, number, wall, wall + self._rules.lease)
        )
        if claimed is None:
            return False
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook")
        self._running[self._threads.submit(self._deliver, context, claimed)] = agency
        return True

    def _deliver(self, context: Context, event: AgencyEvent) -> None:
        """In a thread: makes one attempt and records it."""
        with context.store.read() as connection:
            subscription = webhook_store.subscription_of(connection, event.agency)
            way = plugins.way_of(connection, event.agency)
        if subscription is None or subscription.disabled_at is not None or way != Way.WEBHOOK:
            return
        answer = self._post(subscription, event, context, self._rules)
        verdict = context.store.run(lambda work: webhooks.record(work, event, answer, self._rules))
        agency_deliveries.labels(context.service, event.agency, verdict).inc()


_sender = WebhookSender()
WEBHOOKS = Sweep("webhooks", timedelta(seconds=5), _sender.run, hint=HINT, close=_sender.close)
