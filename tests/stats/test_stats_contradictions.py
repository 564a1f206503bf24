"""An event that says something else about a known fact is parked; the same again is a duplicate."""

from __future__ import annotations

from typing import Any

import pytest

from services.stats.facts.store import dossiers
from tests.stats.stored_facts import facts
from tests.support.events import event
from tests.support.service import ServiceUnderTest


@pytest.mark.parametrize(
    "other",
    [{"procedure": "2.000815"}, {"received_at": "2025-11-20T09:00:00+07:00"}, {"receiving_agency": "H57.10.02"}],
)
def test_another_dossier_of_a_known_code_is_parked(both: ServiceUnderTest, other: dict[str, Any]) -> None:
    both.apply(event("dossier.received", 1))
    before = both.rows(dossiers)
    assert both.apply(event("dossier.received", 1, id="after a restore", **other)).parked == 1
    assert both.rows(dossiers) == before
    assert [told.data["service"] for told in both.emitted("store.conflicted")] == ["intake"]


def test_the_same_dossier_again_changes_nothing(both: ServiceUnderTest) -> None:
    both.apply(event("dossier.received", 1))
    assert both.apply(event("dossier.received", 1, id="again")).applied == 1
    assert both.emitted("store.conflicted") == []


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("dossier.resolved", {"outcome": "refused"}),
        ("dossier.stopped", {"cause": "withdrawn"}),
        ("dossier.returned", {"procedure": "2.000815"}),
        ("dossier.returned", {"receiving_agency": "H57.10.02"}),
        ("rating.given", {"score": 1}),
        ("rating.given", {"agency": "H57.10.02"}),
        ("rating.given", {"dossier": None, "kind": "visit"}),
        ("complaint.answered", {"channel": "hotline"}),
        ("survey.closed", {"responses": 1}),
        ("step.completed", {"dossier": "D-2"}),
        ("step.completed", {"step": "sign"}),
        ("dossier.corrected", {"dossier": "D-2"}),
        ("dossier.corrected", {"found_at": "2025-12-06T09:00:00+07:00"}),
        ("fee.paid", {"amount": 1}),
        ("fee.paid", {"obligation": None}),
        ("fee.paid", {"dossier": "D-2"}),
        ("fee.paid", {"paid_at": "2025-11-26T09:00:00+07:00"}),
        ("fee.refunded", {"amount": 1}),
        ("fee.waived", {"procedure": "2.000815"}),
        ("document.issued", {"dossier": "D-2"}),
        ("filing.declined", {"reason": "papers_invalid"}),
        ("ticket.issued", {"group": "general"}),
        ("ticket.called", {"number": "A013"}),
        ("ticket.served", {"desk": "H12.32.01"}),
        ("ticket.missed", {"priority": True}),
        ("ticket.cancelled", {"channel": "web"}),
        ("message.sent", {"dossier": "D-2"}),
        ("message.failed", {"kind": "extended"}),
        ("message.skipped", {"kind": "extended"}),
        ("message.delivered", {"dossier": "D-2"}),
        ("message.returned", {"kind": "extended"}),
        ("step.due_soon", {"dossier": "D-2"}),
        ("step.overdue", {"step": "sign"}),
        ("step.returned", {"dossier": "D-2"}),
    ],
)
def test_other_contents_of_a_known_fact_are_parked(both: ServiceUnderTest, name: str, other: dict[str, Any]) -> None:
    both.apply(event(name, 1))
    before = facts(both)
    assert both.apply(event(name, 2)).applied == 1, "the same, sent again under another id"
    assert facts(both) == before
    assert both.apply(event(name, 3, **other)).parked == 1
    assert facts(both) == before
    assert both.retry_rows() == [("parked", "conflict")]


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("dossier.resolved", {"resolved_at": "2025-12-03T09:00:00+07:00"}),
        ("dossier.stopped", {"stopped_at": "2025-12-09T17:30:00+07:00"}),
        ("dossier.returned", {"returned_at": "2025-12-03T09:30:00+07:00"}),
        ("rating.given", {"given_at": "2025-12-03T10:00:00+07:00"}),
        ("step.completed", {"completed_at": "2025-11-22T09:00:00+07:00", "outcome": "rework", "agency": "H57.40.01"}),
        ("dossier.corrected", {"corrected_at": "2025-12-09T10:00:00+07:00", "on_time": False}),
        ("fee.waived", {"day": "2025-11-24", "category": "child", "amount": 1}),
        ("result.published", {"published_at": "2025-12-03T09:10:00+07:00", "number": "13/KQDT-H57.10.01"}),
        ("step.due_soon", {"warned_at": "2025-11-21T08:30:00+07:00", "agency": "H57.40.01"}),
    ],
)
def test_what_is_done_again_after_a_restore_is_no_contradiction(
    both: ServiceUnderTest, name: str, again: dict[str, Any]
) -> None:
    """Steps of a restored routing stand open again, a restored notify sends some messages again (docs/backup.md); what came first stays."""
    both.apply(event(name, 1))
    before = facts(both)
    assert both.apply(event(name, 2, **again)).applied == 1
    assert facts(both) == before


def test_a_dossier_received_is_the_one_that_was_returned(both: ServiceUnderTest) -> None:
    both.apply(event("dossier.returned", 1))
    assert both.apply(event("dossier.received", 2, procedure="2.000815")).parked == 1
    assert both.apply(event("dossier.received", 1, id="the right one")).applied == 1
    assert [row["procedure"] for row in both.rows(dossiers)] == ["1.013831"]
