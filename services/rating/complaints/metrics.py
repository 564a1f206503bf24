"""Metrics of complaints: lodged and answered, counted after the commit; in hand and overdue, counted in the database."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import Gauge

from services.rating.complaints import counts
from services.rating.complaints.store import Complaint
from shared.observability.metrics import (
    MeasuredGauges,
    complaints_answered,
    complaints_in_hand,
    complaints_lodged,
    complaints_overdue,
)
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep


def count_lodged(work: UnitOfWork, complaint: Complaint) -> None:
    """Counts a complaint as lodged once the transaction has committed."""
    labels = (work.service, complaint.agency, complaint.channel)
    work.after_commit(lambda: complaints_lodged.labels(*labels).inc())


def count_answered(work: UnitOfWork, complaint: Complaint, on_time: bool) -> None:
    """Counts a complaint as answered or rejected once the transaction has committed."""
    labels = (work.service, complaint.agency, str(on_time).lower())
    work.after_commit(lambda: complaints_answered.labels(*labels).inc())


class ComplaintGauges:
    """Shows how many complaints each agency has in hand, and how many are overdue. An agency without any becomes 0."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Counts them; returns 0, since it changes no row."""
        with context.store.read() as connection:
            in_hand = counts.in_hand_by_agency(connection)
            overdue = counts.overdue_by_agency(connection, context.clock.now())
        self._seen |= in_hand.keys() | overdue.keys()
        shown: dict[tuple[Gauge, tuple[str, ...]], float] = {}
        for agency in self._seen:
            shown[complaints_in_hand, (context.service, agency)] = in_hand.get(agency, 0)
            shown[complaints_overdue, (context.service, agency)] = overdue.get(agency, 0)
        self._gauges.show(shown)
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process counts, or none can."""
        self._seen.clear()
        self._gauges.withdraw()


_gauge = ComplaintGauges()
COMPLAINTS_IN_HAND = Sweep("complaints in hand", timedelta(minutes=1), _gauge.update, withdraw=_gauge.withdraw)
