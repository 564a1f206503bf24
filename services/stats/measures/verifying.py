"""Recounts the facts, and names every total and every list that differs; also repairs the totals.

All cells of totals are computed anew from what each row contributes, in temporary tables, and compared with those that are kept. The
lists are compared by their own conditions: how many dossiers they have of each agency and day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, text

from services.stats.facts.dossier_measures import MEASURES, Stock
from services.stats.facts.subjects import FAMILY
from services.stats.measures.domain import Period
from services.stats.measures.lists import list_condition
from services.stats.measures.queries import Scope
from services.stats.measures.recount import Codes, Difference, Recount
from services.stats.totals.places import AGENCIES, LEVELS, level_of
from services.stats.totals.reading import Reader, Where
from services.stats.totals.spans import DAYS, block
from services.stats.totals.tables import DOSSIERS, TOTALS
from shared.runtime.clock import VIETNAM

MOST = 1000
"""Differences that are named at most."""
STOCK_DAYS = 31
"""Of how many last days the lists of a moment are compared."""


def lock(connection: Connection) -> None:
    """Keeps others from writing facts until the transaction ends; they wait. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        tables = ", ".join(f'"{subject.table.name}"' for subject in FAMILY.subjects)
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")


def verify(connection: Connection, today: date, repair: bool = False) -> list[Difference]:
    """Compares all totals and lists with the facts.

    Args:
        connection: in a transaction that sees one moment; with `repair`, one in which nobody else writes facts.
        today: the local day.
        repair: whether wrong cells are set right.

    Returns:
        the differences, at most :data:`MOST`; those of lists are looked for after the repair.
    """
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL work_mem = '256MB'")
    found: list[Difference] = []
    known = Codes(connection, repair)
    for total in TOTALS:
        recount = Recount(connection, total, known)
        recount.count()
        for number, level in enumerate(LEVELS):
            for span in level.spans:
                found += recount.differences(number, span, MOST - len(found))
                if repair:
                    recount.repair(number, span)
        recount.drop()
    found += _of_lists(connection, today, MOST - len(found))
    return found


def _of_lists(connection: Connection, today: date, most: int) -> list[Difference]:
    """Compares the lists with the totals, by receiving agency and day."""
    found: list[Difference] = []
    reader = Reader(connection, Where())
    for name, measure in MEASURES.items():
        if len(found) >= most:
            break
        if isinstance(measure, Stock):
            for back in range(STOCK_DAYS):
                found += _stock_differences(connection, reader, name, today - timedelta(days=back))
        else:
            found += _flow_differences(connection, name)
    return found[: max(most, 0)]


def _flow_differences(connection: Connection, name: str) -> Iterator[Difference]:
    measure = MEASURES[name]
    assert not isinstance(measure, Stock)
    postgresql = connection.dialect.name == "postgresql"
    column = f"d.{measure.moment}"
    day = f"CAST({column} AT TIME ZONE '{VIETNAM_NAME}' AS date)" if postgresql else f"date({column}, '+7 hours')"
    condition, values = list_condition(connection, measure, _scope(date(2000, 1, 1)))
    listed = connection.execute(
        text(
            f"SELECT {day}, coalesce(d.agency, ''), count(*) FROM dossier AS d "
            f"WHERE {' AND '.join([f'{column} IS NOT NULL', *condition])} GROUP BY 1, 2"
        ),
        values,
    )
    base = block(level_of(AGENCIES), (1, 0))
    kept = connection.execute(
        text(
            f"SELECT t.day, c.code, sum(t.number) FROM (SELECT block - {base} AS day, agency, {name} AS number "
            f"FROM {DOSSIERS.name} WHERE block >= {base} AND block < {base + DAYS} "
            f"UNION ALL SELECT day, agency, {name} FROM {DOSSIERS.changes.name}) AS t "
            f"JOIN total_code AS c ON c.id = t.agency GROUP BY t.day, c.code HAVING sum(t.number) <> 0"
        )
    )
    of_lists = {(_ordinal(row[0]), row[1]): int(row[2]) for row in listed}
    of_totals = {(int(row[0]), row[1]): int(row[2]) for row in kept}
    for key in sorted(of_lists.keys() | of_totals.keys()):
        if of_lists.get(key, 0) != of_totals.get(key, 0):
            what = f"list of {date.fromordinal(key[0]).isoformat()} at {key[1] or '-'}"
            yield Difference(what, name, of_lists.get(key, 0), of_totals.get(key, 0))


def _scope(day: date) -> Scope:
    return Scope(Period(day, day), datetime.combine(day, time(12), VIETNAM), {})


def _ordinal(day: date | str) -> int:
    return (date.fromisoformat(day) if isinstance(day, str) else day).toordinal()


VIETNAM_NAME = "Asia/Ho_Chi_Minh"


def _stock_differences(connection: Connection, reader: Reader, name: str, day: date) -> Iterator[Difference]:
    measure = MEASURES[name]
    condition, values = list_condition(connection, measure, _scope(day))
    listed = connection.execute(
        text(f"SELECT coalesce(d.agency, ''), count(*) FROM dossier AS d WHERE {' AND '.join(condition)} GROUP BY 1"),
        values,
    )
    asked = [reader.until(0, DOSSIERS, day.toordinal())]
    of_lists = {row[0]: int(row[1]) for row in listed}
    of_totals = {one.by[0]: one.numbers[name] for one in reader.sums(DOSSIERS, asked, (name,), ("agency",))}
    for agency in sorted(of_lists.keys() | of_totals.keys()):
        if of_lists.get(agency, 0) != of_totals.get(agency, 0):
            what = f"list at the end of {day.isoformat()} at {agency or '-'}"
            yield Difference(what, name, of_lists.get(agency, 0), of_totals.get(agency, 0))
