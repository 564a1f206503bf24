"""Series: the measures of a period, apart for each day, month, agency and so on."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope
from services.stats.measures.series import count_by
from shared.runtime.clock import VIETNAM
from tests.stats.stored_facts import store_dossiers
from tests.support.service import ServiceUnderTest

START = datetime(2025, 11, 28, 9, tzinfo=VIETNAM)


def test_measures_of_each_day_month_and_agency(both: ServiceUnderTest) -> None:
    rows = [
        {
            "code": "D-1",
            "agency": "OLD",
            "received_at": START,
            "resolved_at": START + timedelta(days=3),
            "on_time": True,
        },
        {
            "code": "D-2",
            "agency": "NEW",
            "received_at": START + timedelta(days=3),
            "resolved_at": None,
            "on_time": None,
        },
    ]
    store_dossiers(both, rows)
    scope = Scope(Period(date(2025, 11, 27), date(2025, 12, 2)), START + timedelta(days=10), {})
    with both.store.read() as connection:
        days = count_by(connection, scope, "day")
        months = count_by(connection, scope, "month")
        agencies = count_by(connection, scope, "agency")
        merged = count_by(connection, scope, "agency", lambda code: {"OLD": "NEW"}.get(code, code))
        handling = count_by(connection, scope, "handling_agency")
    assert list(days) == [f"2025-{day}" for day in ("11-28", "11-29", "11-30", "12-01", "12-02")]
    assert [days[day]["in_progress"] for day in days] == [1, 1, 1, 1, 1]
    assert {month: numbers["received"] for month, numbers in months.items()} == {"2025-11": 1, "2025-12": 1}
    assert {month: numbers["in_progress"] for month, numbers in months.items()} == {"2025-11": 1, "2025-12": 1}
    assert {code: numbers["on_time"] for code, numbers in agencies.items()} == {"NEW": 0, "OLD": 1}
    assert {code: numbers["received"] for code, numbers in merged.items()} == {"NEW": 2}
    assert {code: numbers["received"] for code, numbers in handling.items()} == {"NEW": 1, "OLD": 1}
