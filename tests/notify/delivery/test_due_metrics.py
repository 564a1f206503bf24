"""Since when deliveries have been due is shown for each channel, urgent ones apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from services.notify.channels.domain import Channel
from services.notify.channels.port import TemporarilyFailed
from services.notify.delivery.commands import Sender
from services.notify.delivery.due_metrics import oldest_due, withdraw_due
from services.notify.delivery.store import deliveries
from services.notify.delivery.sweeps import measure_due
from shared.observability.metrics import exposition
from tests.notify.gateway import Gateway, always
from tests.support.events import event
from tests.support.service import ServiceUnderTest

NAME = "motcua_notify_deliveries_oldest_due_timestamp_seconds"


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    yield
    withdraw_due()


def due(notify: ServiceUnderTest, after: timedelta = timedelta()) -> dict[tuple[Channel, bool], datetime]:
    with notify.store.read() as connection:
        found = oldest_due(connection, notify.store.clock.wall() + after)
    return {place: moment for place, moment in found.items() if moment is not None}


def test_the_oldest_due_delivery_of_each_channel_is_found_urgent_ones_apart(both: ServiceUnderTest) -> None:
    assert due(both) == {}
    registered = event("applicant.registered", 1, dossier="D-1", email="")
    both.apply(registered, event("dossier.received", 2, dossier="D-1"))
    both.apply(event("result.code_issued", 3, dossier="D-1"))
    rows = {bool(row["urgent"]): row["due_at"] for row in both.rows(deliveries)}
    assert due(both) == {(Channel.SMS, urgent): at for urgent, at in rows.items()}
    assert len(rows) == 2
    Sender(both.store, Channel.SMS, Gateway(always(TemporarilyFailed("busy"))), "https://motcua.vn").send_batch()
    assert due(both) == {}, "they wait for their next attempt"
    assert due(both, timedelta(hours=1)).keys() == {(Channel.SMS, True), (Channel.SMS, False)}


def test_the_gauge_is_zero_when_nothing_is_due_and_goes_when_another_process_sends(notify: ServiceUnderTest) -> None:
    assert measure_due(notify.context) == 0
    assert shown('channel="email",service="notify",urgency="urgent"') == "0.0"
    registered = event("applicant.registered", 1, dossier="D-1", email="")
    notify.apply(registered, event("dossier.received", 2, dossier="D-1"))
    measure_due(notify.context)
    (row,) = notify.rows(deliveries)
    assert shown('channel="sms",service="notify",urgency="urgent"') == "0.0"
    assert float(shown('channel="sms",service="notify",urgency="normal"')) == row["due_at"].timestamp()
    withdraw_due()
    assert f"{NAME}{{" not in text()


def text() -> str:
    return exposition("notify")[0].decode()


def shown(labels: str) -> str:
    """The value of the gauge with these labels, as it is scraped."""
    wanted = dict(pair.split("=") for pair in labels.split(","))
    for line in text().splitlines():
        if line.startswith(f"{NAME}{{"):
            found, value = line.removeprefix(f"{NAME}{{").split("} ")
            if dict(pair.split("=") for pair in found.split(",")) == wanted:
                return value
    return ""
