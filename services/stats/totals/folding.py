"""Folds appended differences into the cells of totals: for each level of detail and each length of intervals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection

from services.stats.totals.places import LEVELS, Place
from services.stats.totals.spans import block
from services.stats.totals.tables import Total

LOCK = "stats totals"
"""Name of the lock of the one who folds."""


def fold(connection: Connection, total: Total, schema: str = "") -> bool:
    """Moves all differences that the transaction sees into the cells; returns whether it did: another one may be doing it.

    Args:
        connection: in a transaction that writes.
        total: which.
        schema: of its tables; "" for those that the transaction finds by themselves.
    """
    prefix = f'"{schema}".' if schema else ""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        locked = connection.exec_driver_sql(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (LOCK + prefix,)
        )
        if not locked.scalar_one():
            return False
    source = f"{prefix}{total.changes.name}"
    counted = connection.exec_driver_sql(f"SELECT {', '.join(f'count({name})' for name in total.values)} FROM {source}")
    columns = tuple(name for name, number in zip(total.values, counted.one(), strict=True) if number)
    if not columns:
        return True
    if postgresql:
        connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
        connection.exec_driver_sql(_fold_postgresql(total, prefix, columns))
    else:
        connection.exec_driver_sql(_fold_sqlite(total, prefix, columns))
        connection.exec_driver_sql(f"DELETE FROM {source}")
    return True


def _fold_postgresql(total: Total, prefix: str, columns: Sequence[str]) -> str:
    """In one statement, so that what others append meanwhile is neither folded nor deleted; nor what has other columns than these."""
    others = [name for name in total.values if name not in columns]
    only = f" WHERE num_nonnulls({', '.join(others)}) = 0" if others else ""
    same = " AND ".join(f"known.{name} = d.{name}" for name in total.key)
    changes = ", ".join(f"{name} = nullif(coalesce(known.{name}, 0) + coalesce(d.{name}, 0), 0)" for name in columns)
    values = ", ".join(f"d.{name}" for name in (*total.key, *columns))
    return (
        f"WITH taken AS (DELETE FROM {prefix}{total.changes.name}{only} RETURNING *) "
        f"MERGE INTO {prefix}{total.name} AS known USING ({_cells(total, 'taken', columns)}) AS d ON {same} "
        f"WHEN MATCHED THEN UPDATE SET {changes} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join((*total.key, *columns))}) VALUES ({values})"
    )


def _fold_sqlite(total: Total, prefix: str, columns: Sequence[str]) -> str:
    changes = ", ".join(
        f"{name} = nullif(coalesce(known.{name}, 0) + coalesce(excluded.{name}, 0), 0)" for name in columns
    )
    return (
        f"INSERT INTO {prefix}{total.name} AS known ({', '.join((*total.key, *columns))}) "
        f"{_cells(total, f'{prefix}{total.changes.name}', columns)} "
        f"ON CONFLICT ({', '.join(total.key)}) DO UPDATE SET {changes}"
    )


def _cells(total: Total, source: str, columns: Sequence[str]) -> str:
    """A query of what differences add to each cell."""
    cell = {"block": "l.base + a.day / l.span * l.span"}
    cell |= {name: f"a.{name} * l.{name}" for name in Place._fields} | {name: f"a.{name}" for name in total.kinds}
    chosen = ", ".join(f"{cell[name]} AS {name}" for name in total.key)
    sums = ", ".join(f"nullif(sum(a.{name}), 0) AS {name}" for name in columns)
    numbered = ", ".join(str(position) for position in range(1, len(total.key) + 1))
    changed = " OR ".join(f"sum(a.{name}) <> 0" for name in columns)
    return (
        f"SELECT {chosen}, {sums} FROM {source} AS a CROSS JOIN ({_levels()}) AS l WHERE true "
        f"GROUP BY {numbered} HAVING {changed} ORDER BY {numbered}"
    )


@cache
def _levels() -> str:
    """All levels and lengths: the first number of their blocks, the length, and 1 for each part that is told apart."""
    rows = []
    for number, level in enumerate(LEVELS):
        for span in level.spans:
            values = {"base": block(number, (span, 0)), "span": span}
            values |= {name: int(name in level.parts) for name in Place._fields}
            rows.append("SELECT " + ", ".join(f"{value} AS {name}" for name, value in values.items()))
    return " UNION ALL ".join(rows)
