"""Comparing with statements of the provider, and recording money that only they know."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.intake.payments.online.commands import record_safely
from services.intake.payments.providers.configured import provider_of
from services.intake.payments.providers.gateway import Gateway
from services.intake.payments.providers.port import ProviderError, Receipt
from services.intake.payments.reconciliation import store
from services.intake.payments.reconciliation.domain import MISSING_HERE, Mismatch, compare
from services.intake.payments.reconciliation.queries import recorded
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day's statement against our records.

    Attributes:
        answered: whether the provider gave its statement; True where there is none to ask.
        known: whether there is a statement at all, given or imported.
        stated: the statement's lines, given and imported.
        mismatches: what does not match.
    """

    answered: bool
    known: bool
    stated: Sequence[Receipt]
    mismatches: Sequence[Mismatch]

    @property
    def total(self) -> int:
        """The statement's sum, in VND."""
        return sum(one.amount for one in self.stated)


def report_of(context: Context, day: date) -> DayReport:
    """Compares a day; no transaction is open while the provider is asked."""
    provider, answered = provider_of(context), True
    stated: dict[str, Receipt] = {}
    if provider is not None:
        try:
            stated = {one.transaction: one for one in provider.statement(day)}
        except ProviderError as error:
            answered = False
            log.warning("the payment provider gave no statement: %s", error)
    with context.store.read() as connection:
        imported = store.lines_of(connection, Gateway.name, day)
        stated = {one.transaction: one for one in imported} | stated
        ours = recorded(connection, Gateway.name, day, list(stated))
    known = bool(imported) or (provider is not None and answered)
    mismatches = compare(((one.transaction, one.amount) for one in stated.values()), ours) if known else []
    return DayReport(answered, known, list(stated.values()), mismatches)


def record_missing(context: Context, report: DayReport) -> int:
    """Records the money that is on the statement and not here; returns how many transactions."""
    stated = {one.transaction: one for one in report.stated}
    missing = [one.transaction for one in report.mismatches if one.kind == MISSING_HERE]
    for transaction in missing:
        record_safely(context, Gateway.name, stated[transaction])
    return len(missing)


def import_statement(context: Context, receipts: Iterable[Receipt], by: str) -> int:
    """Keeps the lines of a statement for the comparison of their days; returns how many are new. Repeating it changes nothing.

    Args:
        context: intake's.
        receipts: checked.
        by: the subject of who imports it.
    """
    return context.store.run(
        lambda work: store.add_lines(work.connection, Gateway.name, receipts, work.now, by),
    )


def read_statements(context: Context) -> int:
    """Compares yesterday and today with the provider's statements; returns how many transactions were missing here."""
    if provider_of(context) is None:
        return 0
    today = context.clock.wall().astimezone(VIETNAM).date()
    return sum(record_missing(context, report_of(context, day)) for day in (today - timedelta(days=1), today))
