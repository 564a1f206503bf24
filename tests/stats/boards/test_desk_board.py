"""The board of one desk, and the visitors' numbers of the API."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event as database_event

from services.stats.app import create_app
from services.stats.facts.tickets import bucket_of
from services.stats.measures.tickets import quantile
from services.stats.totals.tables import BOUNDS, LONGER
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DESK, OTHER = "H12.31.01", "H12.32.01"
DAY = "2025-11-03"


def visitor(stats: ServiceUnderTest, number: int, took: int | None, desk: str = DESK) -> None:
    """A visitor who took a number, was called after as many minutes, and was served if it is said how long that took."""
    told: dict[str, Any] = {"ticket": f"{desk}-{number}", "desk": desk, "day": DAY, "number": f"A{number:03d}"}
    story = [event("ticket.issued", 1, **told), event("ticket.called", 2, **told, waited=number * 60)]
    stats.apply(*story, *([] if took is None else [event("ticket.served", 3, **told, served=took)]))


@given(st.lists(st.integers(0, 20_000), min_size=1), st.sampled_from([0.5, 0.9]))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(times: list[int], share: float) -> None:
    found = quantile(Counter(bucket_of(one) for one in times), share)
    true = sorted(times)[max(0, -(-int(len(times) * share * 10) // 10) - 1)]
    bounds = [0, *BOUNDS]
    assert found is not None
    bucket = bucket_of(true)
    if bucket == LONGER:
        assert found >= bounds[-2]
    else:
        assert bounds[bounds.index(bucket) - 1] <= found <= bounds[min(bounds.index(bucket) + 1, len(bounds) - 1)]


def test_a_desk_sees_its_visitors_and_dossiers_of_today(stats: ServiceUnderTest) -> None:
    client = stats.client(create_app)
    for number in range(1, 11):
        visitor(stats, number, took=number * 30 if number < 9 else None)
    visitor(stats, 1, took=60, desk=OTHER)
    stats.apply(event("ticket.issued", 1, id="waits", ticket="waits", desk=DESK, day=DAY, number="A011"))
    now = stats.store.clock.now().isoformat()
    stats.apply(event("dossier.received", 1, dossier="D-1", received_at=now, receiving_agency=DESK))
    page = client.get(f"/stats/board/{DESK}").text
    values = [re.sub(r"<[^>]*>|\s", "", one) for one in re.findall(r"<strong>(.*?)</strong>", page)]
    assert values[-6:] == ["11", "1", "8", "5phút", "9phút", "2phút"]

    statements = []
    database_event.listen(stats.store.engine, "before_cursor_execute", lambda *asked: statements.append(asked[2]))
    poll = f"/stats/board/{DESK}.json"
    etag = client.get(poll).headers["ETag"]
    answers = {client.get(poll, headers={"If-None-Match": etag}).status_code for _ in range(50)}
    assert (answers, statements) == ({304}, [])
    stats.hand.pass_(timedelta(days=1).total_seconds())
    assert client.get(poll, headers={"If-None-Match": etag}).status_code == 200
    assert client.get("/stats/board/H12.14.02").status_code == 404


def test_leaders_get_the_visitors_of_their_desks(stats: ServiceUnderTest) -> None:
    client = stats.client(create_app)
    for number in range(1, 5):
        visitor(stats, number, took=120)
    visitor(stats, 1, took=60, desk=OTHER)
    asked = {"from": DAY, "to": DAY}
    own = client.get("/stats/api/tickets", query_string=asked, headers=stats.headers("leader", DESK)).json
    every = client.get("/stats/api/tickets", query_string=asked, headers=stats.headers("operator", "")).json
    assert own is not None
    assert every is not None
    [group] = own["groups"]
    assert (group["desk"], group["served"], group["wait_median"], group["service_p90"]) == (DESK, 4, 120, 114)
    assert (own["total"]["issued"], every["total"]["issued"]) == (4, 5)
    other = client.get(
        "/stats/api/tickets", query_string=asked | {"agency": OTHER}, headers=stats.headers("leader", DESK)
    )
    assert other.json is not None
    assert other.json["groups"] == []
