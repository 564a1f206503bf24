"""The summary of a period: the measures, and the sums and shares beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, FromClause, Integer, case, cast, func, select

from services.stats.facts.store import dossiers, messages, payments, steps, warnings
from services.stats.measures.domain import WARNINGS, share
from services.stats.measures.queries import Scope, counted, numbers

MESSAGE_STATES = ("sent", "failed", "skipped")


def summarise(connection: Connection, scope: Scope) -> dict[str, Any]:
    """All numbers of a period.

    Returns:
        the number of dossiers for every measure (see :data:`services.stats.measures.queries.MEASURES`), and

        - `on_time_share`: of the resolved ones, percent on time; None when none was resolved.
        - `satisfied_share`: of the rated ones, percent satisfied; None when none was rated.
        - `average_score`: mean score of the rated ones, two decimals; None when none was rated.
        - `fees_paid`: đồng paid in the period, fees and obligations together.
        - `messages`: messages that were `sent`, `failed` or `skipped` in the period, and the `segments` paid for.
        - `by_channel`: the received ones by the channel they came by; the same as `received` with that channel as a filter.
        - `warnings`: of the period, by kind: steps due soon, overdue and handed back, dossiers due soon.
        - `steps`: counted steps completed in the period, with those that took too long, by the agency that had them.
    """
    found: dict[str, Any] = numbers(connection, scope)
    return found | {
        "on_time_share": share(found["on_time"], found["resolved"]),
        "satisfied_share": share(found["satisfied"], found["rated"]),
        "average_score": _average_score(connection, scope),
        "fees_paid": _fees_paid(connection, scope),
        "messages": _messages(connection, scope),
        "by_channel": _by_channel(connection, scope),
        "warnings": _warnings(connection, scope),
        "steps": _steps(connection, scope),
    }


def _of_scope(table: Any, scope: Scope) -> FromClause:
    """A table of facts about dossiers; beside the dossiers when they matter for the filters."""
    if not scope.filters:
        return table  # type: ignore[no-any-return]
    return table.join(dossiers, dossiers.c.code == table.c.dossier)  # type: ignore[no-any-return]


def _average_score(connection: Connection, scope: Scope) -> float | None:
    rated = counted("rated", scope).subquery()
    mean = select(func.avg(dossiers.c.score)).where(dossiers.c.code.in_(select(rated.c.code)))
    value = connection.execute(mean).scalar_one()
    return None if value is None else round(float(value), 2)


def _fees_paid(connection: Connection, scope: Scope) -> int:
    total = (
        select(func.coalesce(func.sum(payments.c.amount), 0))
        .select_from(_of_scope(payments, scope))
        .where(scope.during(payments.c.paid_at), *scope.matching())
    )
    return int(connection.execute(total).scalar_one())


def _messages(connection: Connection, scope: Scope) -> dict[str, int]:
    by_state = (
        select(messages.c.state, func.count(), func.sum(messages.c.segments))
        .select_from(_of_scope(messages, scope))
        .where(scope.during(messages.c.at), *scope.matching())
        .group_by(messages.c.state)
    )
    rows = connection.execute(by_state).all()
    counts = {state: count for state, count, _ in rows}
    return {state: counts.get(state, 0) for state in MESSAGE_STATES} | {"segments": sum(int(row[2]) for row in rows)}


def _warnings(connection: Connection, scope: Scope) -> dict[str, int]:
    by_kind = (
        select(warnings.c.kind, func.count().label("warned"))
        .select_from(_of_scope(warnings, scope))
        .where(scope.during(warnings.c.at), *scope.matching())
        .group_by(warnings.c.kind)
    )
    counts = {row.kind: row.warned for row in connection.execute(by_kind)}
    return {kind: counts.get(kind, 0) for kind in WARNINGS}


def _by_channel(connection: Connection, scope: Scope) -> Mapping[str, int]:
    received = counted("received", scope).subquery()
    by_channel = (
        select(dossiers.c.channel, func.count().label("received"))
        .where(dossiers.c.code.in_(select(received.c.code)))
        .group_by(dossiers.c.channel)
        .order_by(dossiers.c.channel)
    )
    return {row.channel: row.received for row in connection.execute(by_channel)}


def _steps(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    late = func.sum(case((steps.c.on_time, 0), else_=1))
    by_agency = (
        select(steps.c.agency, func.count().label("completed"), cast(late, Integer).label("late"))
        .select_from(_of_scope(steps, scope))
        .where(scope.during(steps.c.completed_at), steps.c.counted, *scope.matching())
        .group_by(steps.c.agency)
        .order_by(steps.c.agency)
    )
    return [dict(row) for row in connection.execute(by_agency).mappings()]
