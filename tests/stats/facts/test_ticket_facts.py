"""A ticket is one fact, in whatever order its events arrive."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from services.stats.facts.store import tickets
from services.stats.totals.tables import TICKETS
from tests.stats.stored_facts import kept_cells
from tests.support.events import event
from tests.support.service import ServiceUnderTest

LATER = {"called_at": "2025-11-20T08:50:00+07:00", "counter": 2, "waited": 900}


def test_the_first_call_and_the_last_end_of_a_ticket_count_in_any_order(both: ServiceUnderTest) -> None:
    story: list[tuple[str, dict[str, Any]]] = [
        ("ticket.issued", {}),
        ("ticket.called", {}),
        ("ticket.missed", {}),
        ("ticket.called", LATER),
        ("ticket.served", {"counter": 2, "served_at": "2025-11-20T08:58:00+07:00"}),
    ]
    for number, order in enumerate(permutations(story)):
        told = [
            event(name, place, id=f"{number}/{place}", ticket=f"t{number}", **data)
            for place, (name, data) in enumerate(order, 1)
        ]
        assert both.apply(*told).applied == len(story)
    rows = both.rows(tickets)
    assert len(rows) == 120
    [same] = {tuple(value for name, value in row.items() if name != "ticket") for row in rows}
    fact = dict(zip([column for column in rows[0] if column != "ticket"], same, strict=True))
    assert (fact["waited"], fact["called_to"], fact["counter"], fact["served"]) == (540, 1, 2, 420)
    # each ticket counts once in the totals, whatever came first, and as served although it was missed before
    (total,) = [numbers for key, numbers in kept_cells(both, TICKETS).items() if key[:2] == (3, 1)]
    assert total == {
        "issued": 120,
        "called": 120,
        "served": 120,
        "waited_600": 120,
        "took_420": 120,
    }
    assert (fact["missed_cause"], fact["cancelled_at"], f"{fact['issued_at']:%H:%M}") == ("absent", None, "08:15")
