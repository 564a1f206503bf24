"""Series: several measures over time or side by side, with every day of the period."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.stats.app import create_app
from tests.stats.dashboards.story import CENTRE, dossier, tell_story
from tests.support.service import ServiceUnderTest, body

SERIES = "/stats/api/series"
NOVEMBER = "from=2025-11-01&to=2025-11-30"


@pytest.fixture
def client(stats: ServiceUnderTest) -> FlaskClient:
    """Thirty dossiers in November 2025, two of a merged centre and its successor; it is 30 November."""
    tell_story(stats)
    stats.apply(dossier(1, "000.00.60.H04"), dossier(2, "H12.20"))
    stats.hand.pass_(timedelta(days=27, hours=5))
    return stats.client(create_app)


def _ask(client: FlaskClient, stats: ServiceUnderTest, query: str, role: str = "operator", agency: str = "") -> Any:
    return client.get(f"{SERIES}?{query}", headers=stats.headers(role, agency))


def test_every_day_of_the_period_is_in_a_series(stats: ServiceUnderTest, client: FlaskClient) -> None:
    answer = body(_ask(client, stats, f"measure=received&measure=in_progress&by=day&{NOVEMBER}"))
    assert answer["as_of"].startswith("2025-11-30")
    assert answer["measures"] == ["received", "in_progress"]
    assert [point["key"] for point in answer["points"]] == [f"2025-11-{day:02}" for day in range(1, 31)]
    assert sum(point["values"]["received"] for point in answer["points"]) == 32
    summary: Any = body(client.get(f"/stats/api/summary?{NOVEMBER}", headers=stats.headers("operator", "")))
    assert answer["points"][-1]["values"]["in_progress"] == summary["in_progress"]


@pytest.mark.parametrize("by", ["month", "agency", "handling_agency", "field", "procedure", "channel"])
def test_parts_add_up_to_the_whole(stats: ServiceUnderTest, client: FlaskClient, by: str) -> None:
    answer = body(_ask(client, stats, f"measure=received&measure=resolved&by={by}&{NOVEMBER}"))
    summary: Any = body(client.get(f"/stats/api/summary?{NOVEMBER}", headers=stats.headers("operator", "")))
    for measure in ("received", "resolved"):
        assert sum(point["values"][measure] for point in answer["points"]) == summary[measure]


def test_merged_agencies_go_on_under_their_successor_unless_asked_otherwise(
    stats: ServiceUnderTest, client: FlaskClient
) -> None:
    def keys(more: str) -> list[str]:
        answer = body(_ask(client, stats, f"measure=received&by=agency&{NOVEMBER}{more}"))
        return [point["key"] for point in answer["points"]]

    assert "000.00.60.H04" not in keys("")
    assert {"000.00.60.H04", "H12.20"} <= set(keys("&successors=false"))


def test_a_leader_gets_their_own(stats: ServiceUnderTest, client: FlaskClient) -> None:
    answer = body(_ask(client, stats, f"measure=received&by=agency&{NOVEMBER}", "leader", CENTRE))
    assert [point["key"] for point in answer["points"]] == [CENTRE]
    assert _ask(client, stats, "measure=received&by=day", "clerk", CENTRE).status_code == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=day", "measure"),
        ("measure=x&by=day", "measure"),
        ("measure=received", "by"),
        ("measure=received&by=official", "by"),
        ("measure=received&by=day&from=2000-01-01&to=2025-01-01", "from"),
        ("measure=received&by=month&from=0003-01-01&to=2025-01-01", "from"),
        ("measure=received&by=day&from=2025-02-01&to=2025-01-01", "to"),
    ],
)
def test_what_is_wrong_is_named(stats: ServiceUnderTest, client: FlaskClient, query: str, field: str) -> None:
    answer = _ask(client, stats, query)
    assert answer.status_code == 422
    assert field in {error["field"].partition(".")[0] for error in body(answer)["errors"]}
