"""The page shows how each provider's circuit breaker stands, as the sending worker last wrote it down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.notify.app import create_app
from services.notify.channels.domain import Channel
from services.notify.channels.health.queries import MeasuredHealth
from services.notify.channels.health.store import save_health
from services.notify.channels.pool.domain import BreakerState
from services.notify.channels.pool.member import ProviderHealth
from services.notify.overview.provider_states import LABELS, SILENT, SILENT_AFTER, shown_providers
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY

SECOND = timedelta(seconds=1)


def health(state: BreakerState, share: float = 1.0, waits: float = 0.0, reason: str = "") -> ProviderHealth:
    return ProviderHealth("network-a", Channel.SMS, "smpp", state, share, 5, waits, reason, 3)


@pytest.mark.parametrize(
    ("state", "share", "waits", "after", "expected"),
    [
        (BreakerState.CLOSED, 1.0, 0.0, SECOND, (LABELS[BreakerState.CLOSED], 100, None)),
        (BreakerState.CLOSED, 1.0, 9.0, SECOND, (LABELS[BreakerState.CLOSED], 100, MONDAY + 9 * SECOND)),
        (BreakerState.HALF_OPEN, 0.25, 0.0, SECOND, (LABELS[BreakerState.HALF_OPEN], 25, None)),
        (BreakerState.OPEN, 0.0, 20.0, SECOND, (LABELS[BreakerState.OPEN], 0, MONDAY + 20 * SECOND)),
        (BreakerState.OPEN, 0.0, 20.0, 21 * SECOND, (LABELS[BreakerState.OPEN], 0, None)),
        (BreakerState.OPEN, 0.0, 300.0, SILENT_AFTER, (LABELS[BreakerState.OPEN], 0, MONDAY + 300 * SECOND)),
        (BreakerState.CLOSED, 1.0, 0.0, SILENT_AFTER + SECOND, (SILENT, None, None)),
        (BreakerState.OPEN, 0.0, 300.0, SILENT_AFTER + SECOND, (SILENT, None, None)),
    ],
)
def test_what_is_shown(state: BreakerState, share: float, waits: float, after: timedelta, expected: object) -> None:
    (one,) = shown_providers([MeasuredHealth(health(state, share, waits), MONDAY)], MONDAY + after)
    assert ((one.label, one.badge), one.share, one.waits_until) == expected


def test_the_page_shows_the_breaker_and_the_last_failure_in_both_languages(both: ServiceUnderTest) -> None:
    client = both.client(create_app)
    headers = both.headers("clerk") | {"Accept": "text/html"}
    assert "chưa báo về nhà cung cấp nào" in client.get("/notify/", headers=headers).text
    rows = [health(BreakerState.OPEN, 0.0, 60.0, "the provider gave no answer")]
    at = both.store.clock.wall()
    both.store.run(lambda work: save_health(work.connection, rows, at))
    page = client.get("/notify/", headers=headers).text
    for told in (
        "network-a",
        "Tạm ngắt",
        "nhận 0% số tin thường nhận",
        "tạm ngừng đến",
        "nhà cung cấp không trả lời",
        "3 tin không rõ",
    ):
        assert told in page
    assert "Left out" in client.get("/notify/", headers=headers, query_string={"lang": "en"}).text
