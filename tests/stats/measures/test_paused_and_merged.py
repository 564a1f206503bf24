"""Pauses as of past days; a dossier with linked procedures is one; series go on under the agency that took over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from services.stats.measures.domain import Period
from services.stats.measures.lists import list_codes
from services.stats.measures.queries import MEASURES, Scope, count_measures
from services.stats.measures.series import count_by
from shared.agencies import Agencies
from tests.stats.stored_facts import moment, store_dossiers
from tests.support.events import event
from tests.support.service import ServiceUnderTest

NOW = moment("2026-02-01T08:00:00+07:00")


def paused_at_end_of(stats: ServiceUnderTest, day: int) -> list[str]:
    """The dossiers that were paused at the end of a day of December; their number is that of the list."""
    scope = Scope(Period(date(2025, 12, 1), date(2025, 12, day)), NOW, {})
    with stats.store.read() as connection:
        codes = list_codes(connection, "paused", scope).codes
        assert count_measures(connection, scope)["paused"] == len(codes)
    return codes


def test_dossiers_are_paused_as_of_any_day_however_often_they_were(both: ServiceUnderTest) -> None:
    def at(day: int, hour: int = 9) -> str:
        return f"2025-12-{day:02}T{hour:02}:00:00+07:00"

    later: dict[str, Any] = {"due_at": "2025-12-30T17:00:00+07:00"}
    both.apply(
        event("dossier.resumed", 5, dossier="D-1", resumed_at=at(9), **later),
        event("dossier.paused", 4, dossier="D-1", paused_at=at(6), reason="tax"),
        event("dossier.received", 1, dossier="D-1", received_at=at(1)),
        event("dossier.paused", 2, dossier="D-1", paused_at=at(2), reason="supplement"),
        event("dossier.resumed", 3, dossier="D-1", resumed_at=at(4), **later),
        # on one day: paused, resumed and paused again at once, since its open step is not counted
        event("dossier.received", 1, dossier="D-2", received_at=at(1)),
        event("dossier.paused", 2, dossier="D-2", paused_at=at(3), reason="supplement"),
        event("dossier.resumed", 3, dossier="D-2", resumed_at=at(5), **later),
        event("dossier.paused", 4, dossier="D-2", paused_at=at(5), reason="posting"),
        event("dossier.stopped", 5, dossier="D-2", stopped_at=at(8)),
    )
    found = {day: paused_at_end_of(both, day) for day in range(1, 11)}
    assert [day for day, codes in found.items() if "D-1" in codes] == [2, 3, 6, 7, 8]
    assert [day for day, codes in found.items() if "D-2" in codes] == [3, 4, 5, 6, 7]


def test_a_dossier_that_goes_to_several_agencies_counts_once_in_every_measure(both: ServiceUnderTest) -> None:
    """Birth: registration at the commune, residence at the police, the card at social insurance; each has steps of its own."""
    both.apply(event("dossier.received", 1, dossier="D-1", received_at="2025-12-01T08:00:00+07:00"))
    for number, agency in enumerate(("H57.30.01", "H57.40.01", "H57.50.01"), start=2):
        told: dict[str, Any] = {"dossier": "D-1", "task": f"T-{number}", "agency": agency}
        both.apply(
            event("step.assigned", number, **told),
            event("supplement.requested", number, **told),
            event("step.completed", number, completed_at="2025-12-02T08:00:00+07:00", **told),
        )
    both.apply(
        event("dossier.overdue", 7, dossier="D-1", overdue_at="2025-12-04T17:30:00+07:00"),
        event("dossier.resolved", 8, dossier="D-1", on_time=False, resolved_at="2025-12-05T08:00:00+07:00"),
        event("dossier.returned", 9, dossier="D-1", returned_at="2025-12-05T09:00:00+07:00"),
    )
    scope = Scope(Period(date(2025, 11, 1), date(2025, 12, 31)), NOW, {})
    with both.store.read() as connection:
        counts = count_measures(connection, scope)
        lists = {name: list_codes(connection, name, scope).codes for name in MEASURES}
        handled = count_by(connection, scope, "handling_agency")
    assert set(counts.values()) == {0, 1}
    assert (counts["received"], counts["resolved"], counts["late"], counts["supplement_requested"]) == (1, 1, 1, 1)
    assert all(codes == ["D-1"] * counts[name] for name, codes in lists.items())
    assert sum(numbers["received"] for numbers in handled.values()) == 1


def test_the_numbers_of_a_merged_agency_go_on_under_its_successor(both: ServiceUnderTest) -> None:
    """The district's desk ended on 30 June 2025; the commune's centre goes on with its work (shared/agencies/data)."""
    agencies = Agencies.load()
    old, new = "000.00.34.H04", "H12.31.01"
    rows = []
    for number, (agency, day) in enumerate(
        [(old, "06-10"), (old, "06-20"), (new, "07-10"), (new, "07-11"), (new, "07-12")]
    ):
        at = moment(f"2025-{day}T08:00:00+07:00")
        rows.append(
            {"code": f"D-{number}", "agency": agency, "received_at": at, "resolved_at": at + timedelta(days=30)}
        )
    store_dossiers(both, rows)
    scope = Scope(Period(date(2025, 6, 1), date(2025, 7, 31)), NOW, {})

    def successor(code: str) -> str:
        return agencies.successor(code, date(2025, 7, 31)).code

    with both.store.read() as connection:
        apart, together = count_by(connection, scope, "agency"), count_by(connection, scope, "agency", successor)
        own = Scope(scope.period, NOW, {}, agencies.handled_by(new, date(2025, 7, 31)))
        months, numbers = count_by(connection, own, "month"), count_measures(connection, own)
    assert {code: found["received"] for code, found in apart.items()} == {old: 2, new: 3}
    assert {code: (found["received"], found["resolved"]) for code, found in together.items()} == {new: (5, 2)}
    assert {month: found["received"] for month, found in months.items()} == {"2025-06": 2, "2025-07": 3}
    assert together[new] == numbers
