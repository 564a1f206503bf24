"""The summary of a period: all measures, and the sums and shares that go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Table,
    and_,
    case,
    cast,
    false,
    func,
    select,
)

from services.stats.facts.domain import WARNING_KINDS
from services.stats.facts.store import (
    applications,
    documents,
    dossiers,
    messages,
    payments,
    ratings,
    refunds,
    steps,
    waivers,
    warnings,
)
from services.stats.measures.apologies import ApologyTotals, count_apologies
from services.stats.measures.complaints import ComplaintTotals, SurveyTotals, count_complaints, count_surveys
from services.stats.measures.declined import DeclinedTotals, count_declined
from services.stats.measures.domain import share
from services.stats.measures.queries import Scope, count_measures, counted_score
from services.stats.measures.ratings import RatingTotals, count_ratings
from services.stats.measures.series import count_by


@dataclass(frozen=True, slots=True)
class MessageTotals:
    """Messages of a period, each once by what is known of it last, and the segments paid for.

    Attributes:
        sent: taken over by a provider; those that have arrived are among them.
        delivered: of these, those that have arrived by a receipt.
        returned: that came back.
        failed: by every channel that could reach the citizen.
        skipped: sent by no channel.
        segments: of SMS.
    """

    sent: int
    delivered: int
    returned: int
    failed: int
    skipped: int
    segments: int


@dataclass(frozen=True, slots=True)
class StepTotals:
    """Counted steps that an agency completed in a period, and how many of them were late."""

    agency: str
    completed: int
    late: int


@dataclass(frozen=True, slots=True)
class ApplicationTotals:
    """What was filed online or came by post, and what desks did with it, each in the period.

    Attributes:
        filed, filed_online: all, and those filed online.
        accepted, refused: by their desks.
        withdrawn: by their applicants, before they were received.
        unsupplemented: closed since the papers asked for never came.
        supplement_requested: where papers were asked for.
        overdue: not answered within the time limit.
    """

    filed: int
    filed_online: int
    accepted: int
    refused: int
    withdrawn: int
    unsupplemented: int
    supplement_requested: int
    overdue: int


@dataclass(frozen=True, slots=True)
class WaiverTotals:
    """Fees that were waived in a period to people of one category, for one procedure.

    Attributes:
        category: code of the category of people.
        procedure: its code.
        number: how many waivers.
        amount: đồng that need not be paid.
    """

    category: str
    procedure: str
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class ReturnShares:
    """Of the results handed over in a period, in percent; None if there was none.

    Attributes:
        counter, electronic, post: how they were handed over.
        with_file: for how many the file of an electronic result was published.
    """

    counter: float | None
    electronic: float | None
    post: float | None
    with_file: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """All numbers of a period.

    Attributes:
        counts: measure → number of dossiers; see :data:`services.stats.measures.queries.MEASURES`.
        on_time_share: percent of the resolved dossiers that were on time; None if none was resolved.
        satisfied_share: percent of the rated dossiers that were rated as satisfied; None if none was rated.
        average_score: mean score of the rated dossiers, two decimals; None if none was rated.
        fees_paid: đồng paid in the period, fees and obligations together.
        fees_refunded: đồng of payments that were paid back in the period; money that never counted as a payment is not among it.
        fees_waived: đồng that were waived in the period.
        waivers: the same by category of people and procedure; nothing where a filter asks for what is not known of waivers.
        return_shares: how results were handed over.
        documents: kind → official papers issued in the period about dossiers that were received.
        messages: messages of the period.
        by_channel: channel → received dossiers; the same as `received` with that channel as a filter.
        warnings: kind → warnings of the period.
        steps: completed steps of the period, by agency.
        declined: visitors of the period who were turned away before filing.
        apologies: letters of apology of the period, and those that were owed at its end.
        ratings: ratings of the period, of dossiers and of visits.
        complaints: what happened to complaints in the period.
        surveys: surveys that ended in the period.
        applications: applications of the period; none with a filter by handling agency, since nobody handles them yet.
    """

    counts: Mapping[str, int]
    on_time_share: float | None
    satisfied_share: float | None
    average_score: float | None
    fees_paid: int
    fees_refunded: int
    fees_waived: int
    waivers: Sequence[WaiverTotals]
    return_shares: ReturnShares
    documents: Mapping[str, int]
    messages: MessageTotals
    by_channel: Mapping[str, int]
    warnings: Mapping[str, int]
    steps: Sequence[StepTotals]
    declined: DeclinedTotals
    apologies: ApologyTotals
    applications: ApplicationTotals
    ratings: RatingTotals
    complaints: ComplaintTotals
    surveys: SurveyTotals


def summarise(connection: Connection, scope: Scope) -> Summary:
    """Reads all numbers of a period."""
    counts = count_measures(connection, scope)
    waived = _waivers(connection, scope)
    return Summary(
        counts=counts,
        on_time_share=share(counts["on_time"], counts["resolved"]),
        satisfied_share=share(counts["satisfied"], counts["rated"]),
        average_score=_average_score(connection, scope),
        fees_paid=_fees_paid(connection, scope),
        fees_refunded=_fees_refunded(connection, scope),
        fees_waived=sum(one.amount for one in waived),
        waivers=waived,
        return_shares=ReturnShares(
            counter=share(counts["returned_at_counter"], counts["returned"]),
            electronic=share(counts["returned_electronically"], counts["returned"]),
            post=share(counts["returned_by_post"], counts["returned"]),
            with_file=share(counts["returned_with_file"], counts["returned"]),
        ),
        documents=_documents(connection, scope),
        messages=_messages(connection, scope),
        by_channel=_by_channel(connection, scope),
        warnings=_warnings(connection, scope),
        steps=_steps(connection, scope),
        declined=count_declined(connection, scope),
        apologies=count_apologies(connection, scope, counts["extended"]),
        applications=_applications(connection, scope),
        ratings=count_ratings(connection, scope),
        complaints=count_complaints(connection, scope),
        surveys=count_surveys(connection, scope),
    )


def _applications(connection: Connection, scope: Scope) -> ApplicationTotals:
    c = applications.c
    conditions = [c[name] == value for name, value in scope.filters.items() if name in c]
    if "handling_agency" in scope.filters:
        conditions.append(false())
    if scope.agencies is not None:
        conditions.append(c.agency.in_(sorted(scope.agencies)))

    def number(column: Column[Any], *more: ColumnElement[bool]) -> Any:
        return func.coalesce(func.sum(case((and_(scope.in_period(column), *more), 1), else_=0)), 0)

    columns = (
        number(c.filed_at),
        number(c.filed_at, c.channel == "online"),
        number(c.accepted_at),
        number(c.refused_at),
        number(c.closed_at, c.close_cause == "withdrawn"),
        number(c.closed_at, c.close_cause == "no_supplement"),
        number(c.supplement_requested_at),
        number(c.overdue_at),
    )
    row = connection.execute(select(*columns).where(*conditions)).one()
    return ApplicationTotals(*(int(value) for value in row))


def _in_scope(table: Table, scope: Scope) -> FromClause:
    """A table of facts about dossiers, joined with the dossiers if there are conditions on them."""
    return table.join(dossiers, dossiers.c.code == table.c.dossier) if scope.filter_conditions() else table


def _average_score(connection: Connection, scope: Scope) -> float | None:
    conditions = scope.filter_conditions()
    table = ratings.join(dossiers, dossiers.c.code == ratings.c.dossier) if conditions else ratings
    of_dossiers = (ratings.c.dossier.is_not(None), scope.in_period(ratings.c.given_at))
    mean = select(func.avg(counted_score())).select_from(table).where(*of_dossiers, *conditions)
    value = connection.execute(mean).scalar_one()
    return None if value is None else round(float(value), 2)


def _fees_paid(connection: Connection, scope: Scope) -> int:
    total = (
        select(func.coalesce(func.sum(payments.c.amount), 0))
        .select_from(_in_scope(payments, scope))
        .where(scope.in_period(payments.c.paid_at), *scope.filter_conditions())
    )
    return int(connection.execute(total).scalar_one())


def _fees_refunded(connection: Connection, scope: Scope) -> int:
    total = (
        select(func.coalesce(func.sum(refunds.c.amount), 0))
        .select_from(_in_scope(refunds, scope))
        .where(refunds.c.payment.is_not(None), scope.in_period(refunds.c.refunded_at), *scope.filter_conditions())
    )
    return int(connection.execute(total).scalar_one())


def _waivers(connection: Connection, scope: Scope) -> list[WaiverTotals]:
    c = waivers.c
    if not scope.filters.keys() <= set(c.keys()):
        return []
    conditions: list[ColumnElement[bool]] = [c.day.between(scope.period.first, scope.period.last)]
    conditions += [c[name] == value for name, value in scope.filters.items()]
    if scope.agencies is not None:
        conditions.append(c.agency.in_(sorted(scope.agencies)))
    groups = (c.category, c.procedure)
    amount = cast(func.sum(c.amount), BigInteger)
    found = select(*groups, func.count(), amount).where(*conditions).group_by(*groups).order_by(*groups)
    return [WaiverTotals(*row) for row in connection.execute(found)]


def _documents(connection: Connection, scope: Scope) -> Mapping[str, int]:
    by_kind = (
        select(documents.c.kind, func.count())
        .select_from(_in_scope(documents, scope))
        .where(scope.in_period(documents.c.issued_at), *scope.filter_conditions())
        .group_by(documents.c.kind)
        .order_by(documents.c.kind)
    )
    return {row[0]: row[1] for row in connection.execute(by_kind)}


def _messages(connection: Connection, scope: Scope) -> MessageTotals:
    by_state = (
        select(messages.c.state, func.count(), func.sum(messages.c.segments))
        .select_from(_in_scope(messages, scope))
        .where(scope.in_period(messages.c.at), *scope.filter_conditions())
        .group_by(messages.c.state)
    )
    rows = connection.execute(by_state).all()
    counts = {state: count for state, count, _ in rows}
    return MessageTotals(
        sent=counts.get("sent", 0) + counts.get("delivered", 0),
        delivered=counts.get("delivered", 0),
        returned=counts.get("returned", 0),
        failed=counts.get("failed", 0),
        skipped=counts.get("skipped", 0),
        segments=sum(int(segments) for _, _, segments in rows),
    )


def _warnings(connection: Connection, scope: Scope) -> Mapping[str, int]:
    by_kind = (
        select(warnings.c.kind, func.count().label("warned"))
        .select_from(_in_scope(warnings, scope))
        .where(scope.in_period(warnings.c.at), warnings.c.withdrawn == false(), *scope.filter_conditions())
        .group_by(warnings.c.kind)
    )
    counts = {row.kind: row.warned for row in connection.execute(by_kind)}
    return {kind: counts.get(kind, 0) for kind in WARNING_KINDS}


def _by_channel(connection: Connection, scope: Scope) -> Mapping[str, int]:
    by_channel = count_by(connection, scope, "channel")
    return {channel: numbers["received"] for channel, numbers in by_channel.items() if numbers["received"]}


def _steps(connection: Connection, scope: Scope) -> list[StepTotals]:
    late = func.sum(case((steps.c.on_time, 0), else_=1))
    by_agency = (
        select(steps.c.agency, func.count(), cast(late, Integer))
        .select_from(_in_scope(steps, scope))
        .where(scope.in_period(steps.c.completed_at), steps.c.counted, *scope.filter_conditions())
        .group_by(steps.c.agency)
        .order_by(steps.c.agency)
    )
    return [StepTotals(*row) for row in connection.execute(by_agency)]
