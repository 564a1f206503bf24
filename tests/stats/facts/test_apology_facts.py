"""Facts about apologies come in any order, and twice; a summary counts letters signed, missing, and never signed."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from services.stats.facts.store import apologies
from services.stats.measures.domain import Period
from services.stats.measures.lists import list_codes
from services.stats.measures.queries import Scope
from services.stats.measures.summary import summarise
from shared.messaging.event import Event
from tests.stats.stored_facts import moment
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DECEMBER = Period(date(2025, 12, 1), date(2025, 12, 31))
AT = "2025-12-20T09:00:00+07:00"


def missing(day: str, reports: int, letter: str = "L-1", dossier: str = "D-1", agency: str = "H57.30.01") -> Event:
    data: dict[str, Any] = {"dossier": dossier, "apology": letter, "agency": agency, "day": day, "reports": reports}
    return event("apology.missing", reports, id=f"{letter}-{day}", reported_at=f"{day}T08:00:00+07:00", **data)


def signed(letter: str = "L-1", dossier: str = "D-1", agency: str = "H57.20.01") -> Event:
    data: dict[str, Any] = {"dossier": dossier, "apology": letter, "agency": agency}
    return event("apology.signed", 8, id=f"{letter}-signed", signed_at="2025-12-07T09:00:00+07:00", **data)


def withdrawn(letter: str, dossier: str, cause: str) -> Event:
    data: dict[str, Any] = {"dossier": dossier, "apology": letter, "cause": cause}
    return event("apology.withdrawn", 9, id=f"{letter}-withdrawn", withdrawn_at="2025-12-08T09:00:00+07:00", **data)


@pytest.mark.parametrize("order", itertools.permutations(range(3)))
def test_reports_and_signature_in_any_order_say_the_same(both: ServiceUnderTest, order: tuple[int, ...]) -> None:
    happened = [missing("2025-12-05", 1), missing("2025-12-06", 2), signed()]
    for place in order:
        both.apply(happened[place], happened[place])
    (row,) = both.rows(apologies)
    assert (row["missing_at"], row["missing_on"], row["reports"]) == (
        moment("2025-12-05T08:00:00+07:00"),
        "2025-12-06",
        2,
    )
    assert (row["agency"], row["signed_at"]) == ("H57.20.01", moment("2025-12-07T09:00:00+07:00"))


def test_a_letter_of_another_dossier_is_a_contradiction(both: ServiceUnderTest) -> None:
    both.apply(missing("2025-12-05", 1))
    assert both.apply(signed(dossier="D-2")).parked == 1


def test_a_summary_counts_letters_by_agency_and_period(both: ServiceUnderTest) -> None:
    for number in range(1, 5):
        both.apply(event("dossier.received", 1, dossier=f"D-{number}"))
    both.apply(
        missing("2025-12-05", 1),
        signed(),
        missing("2025-12-06", 1, "L-2", "D-2"),
        missing("2025-12-06", 1, "L-3", "D-3"),
        withdrawn("L-3", "D-3", "ended"),
        missing("2025-12-06", 1, "L-4", "D-4"),
        withdrawn("L-4", "D-4", "deadline_moved"),
    )

    def counted(period: Period, **filters: str) -> tuple[int, int, int, dict[str, int], dict[str, int]]:
        with both.store.read() as connection:
            found = summarise(connection, Scope(period, moment(AT), filters)).apologies
        return (
            found.signed,
            found.missing,
            found.unsigned,
            dict(found.signed_by_agency),
            dict(found.missing_by_agency),
        )

    assert counted(DECEMBER) == (1, 1, 1, {"H57.20.01": 1}, {"H57.30.01": 1})
    assert counted(Period(date(2025, 12, 1), date(2025, 12, 6))) == (0, 4, 0, {}, {"H57.20.01": 1, "H57.30.01": 3})
    assert counted(Period(date(2025, 11, 1), date(2025, 11, 30)))[:3] == (0, 0, 0)
    assert counted(DECEMBER, agency="H57.10.01")[:2] == (1, 1)
    assert counted(DECEMBER, agency="nobody")[:2] == (0, 0)
    with both.store.read() as connection:
        assert list_codes(connection, "apologised", Scope(DECEMBER, moment(AT), {}), "", 10).codes == ["D-1"]
