"""Recording money that only the provider's statement knows."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from services.intake.payments.online.commands import record_safely
from services.intake.payments.providers.port import Provider, ProviderError
from services.intake.payments.reconciliation.domain import MISSING_HERE, compare
from services.intake.payments.reconciliation.queries import recorded
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context

log = logging.getLogger(__name__)


def record_missing(context: Context, provider: Provider, day: date) -> int:
    """Records the money of a day that is on the provider's statement and not here; returns how many transactions.

    Raises:
        ProviderError: the provider does not answer.
    """
    statement = {one.transaction: one for one in provider.statement(day)}
    with context.store.read() as connection:
        ours = recorded(connection, provider.name, day, list(statement))
    lines = ((one.transaction, one.amount) for one in statement.values())
    missing = [one.transaction for one in compare(lines, ours) if one.kind == MISSING_HERE]
    for transaction in missing:
        record_safely(context, provider.name, statement[transaction])
    return len(missing)


def read_statements(context: Context, provider: Provider | None) -> int:
    """Compares yesterday and today with the provider's statements; returns how many transactions were missing here."""
    if provider is None:
        return 0
    today = context.clock.wall().astimezone(VIETNAM).date()
    try:
        return sum(record_missing(context, provider, day) for day in (today - timedelta(days=1), today))
    except ProviderError as error:
        log.warning("the payment provider gave no statement: %s", error)
        return 0
