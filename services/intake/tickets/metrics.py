"""The metrics of tickets: how many, how long visitors waited and were served, by desk and service group."""

from __future__ import annotations

from services.intake.tickets.domain import Ticket
from shared.observability.metrics import counter, histogram

WAIT_BUCKETS = (60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10800)
SERVICE_BUCKETS = (30, 60, 120, 180, 300, 450, 600, 900, 1200, 1800, 2700, 3600)

tickets_issued = counter("motcua_tickets_issued", "Tickets issued to visitors.", "agency", "group", "channel")
tickets_called = counter("motcua_tickets_called", "Visitors called to a counter.", "agency", "group")
tickets_served = counter("motcua_tickets_served", "Visitors served.", "agency", "group")
tickets_missed = counter(
    "motcua_tickets_missed", "Visitors who did not come when called, or at all.", "agency", "group"
)
ticket_wait = histogram(
    "motcua_ticket_wait_seconds", "Time from taking a number to its call.", "agency", "group", buckets=WAIT_BUCKETS
)
ticket_service = histogram(
    "motcua_ticket_service_seconds", "Time to serve a visitor.", "agency", "group", buckets=SERVICE_BUCKETS
)


def count_issued(service: str, ticket: Ticket) -> None:
    """Counts a ticket that was issued to a new visitor."""
    tickets_issued.labels(service, ticket.desk, ticket.group, str(ticket.channel)).inc()


def count_called(service: str, ticket: Ticket, waited: int) -> None:
    """Counts a call and the wait before it, in seconds."""
    tickets_called.labels(service, ticket.desk, ticket.group).inc()
    ticket_wait.labels(service, ticket.desk, ticket.group).observe(waited)


def count_served(service: str, ticket: Ticket, seconds: int | None) -> None:
    """Counts a visitor who was served, and the seconds it took, if they are known."""
    tickets_served.labels(service, ticket.desk, ticket.group).inc()
    if seconds is not None:
        ticket_service.labels(service, ticket.desk, ticket.group).observe(seconds)


def count_missed(service: str, ticket: Ticket) -> None:
    """Counts a visitor who did not come."""
    tickets_missed.labels(service, ticket.desk, ticket.group).inc()
