"""Fills stats' database with millions of dossiers and their totals: by SQL that is made from the same definitions of measures.

That it counts what the product counts is checked where there are few: `motcua stats verify` then finds no difference.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from services.stats.facts.dossier_clock import OPEN_END
from services.stats.facts.dossier_measures import MEASURES, Measure, Stock
from services.stats.measures.recount import Codes, Recount
from services.stats.totals.places import LEVELS
from services.stats.totals.tables import ACTIVITIES, DOSSIERS, EVENTS, Total
from shared.persistence.store import Store

_DAY = "(CAST({} AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) - date '0001-01-01' + 1)"
_OPEN = f"timestamptz '{OPEN_END.isoformat()}'"
_CODES = """
INSERT INTO total_code (code) SELECT DISTINCT named.one FROM dossier, LATERAL (VALUES (agency), (handling_agency), (procedure), (field),
    (channel), ('step'), ('step_late')) AS named (one) WHERE named.one IS NOT NULL
"""
_PLACED = """
CREATE TEMPORARY TABLE placed ON COMMIT DROP AS
SELECT d.*, a.id AS a, h.id AS h, p.id AS p, f.id AS f, c.id AS c FROM dossier AS d
JOIN total_code AS a ON a.code = d.agency JOIN total_code AS h ON h.code = d.handling_agency
JOIN total_code AS p ON p.code = d.procedure JOIN total_code AS f ON f.code = d.field JOIN total_code AS c ON c.code = d.channel
"""
_PLACE = "start, agency, handling_agency, procedure, field, channel"


def write_totals(store: Store) -> None:
    """Writes the totals of dossiers with their steps and payments into empty tables."""
    with store.engine.begin() as connection:
        for setting in ("statement_timeout = 0", "work_mem = '512MB'"):
            connection.execute(text(f"SET LOCAL {setting}"))
        totals = [name for total in (DOSSIERS, EVENTS, ACTIVITIES) for name in (total.name, total.changes.name)]
        connection.execute(text(f"TRUNCATE total_code, agency_pair, {', '.join(totals)}"))
        for statement in (_CODES, _PLACED):
            connection.execute(text(statement))
        for total in (DOSSIERS, EVENTS, ACTIVITIES):
            recount = _BySql(connection, total)
            recount.count()
            for number, level in enumerate(LEVELS):
                for span in level.spans:
                    recount.repair(number, span)
            recount.drop()


class _BySql(Recount):
    """Counts contributions by SQL."""

    def __init__(self, connection: Connection, total: Total) -> None:
        super().__init__(connection, total, Codes(connection, repair=True))
        self._counted = total

    def _collect(self, raw: str) -> None:
        if self._counted is DOSSIERS:
            self._collect_dossiers(raw)
        elif self._counted is EVENTS:
            step = (
                f"SELECT {_DAY.format('s.completed_at')}, a, h, p, f, c, k.id, r.id, 1 FROM placed "
                "JOIN step AS s ON s.dossier = placed.code JOIN total_code AS r ON r.code = s.agency "
                "JOIN total_code AS k ON k.code = "
            )
            columns = f"{_PLACE}, kind, part, number"
            self._run(f"INSERT INTO {raw} ({columns}) {step}'step'")
            self._run(f"INSERT INTO {raw} ({columns}) {step}'step_late' WHERE NOT s.on_time")
        else:
            self._run(
                f"INSERT INTO {raw} ({_PLACE}, fees_paid) SELECT {_DAY.format('y.paid_at')}, a, h, p, f, c, y.amount "
                "FROM placed JOIN payment AS y ON y.dossier = placed.code"
            )

    def _collect_dossiers(self, raw: str) -> None:
        moments: dict[str, dict[str, Measure]] = {}
        for name, measure in MEASURES.items():
            if isinstance(measure, Stock):
                self._collect_stock(raw, name, measure)
            else:
                moments.setdefault(measure.moment, {})[name] = measure
        for moment, measures in moments.items():
            numbers = ", ".join(f"CASE WHEN {_condition(one)} THEN 1 END" for one in measures.values())
            self._run(
                f"INSERT INTO {raw} ({_PLACE}, {', '.join(measures)}) SELECT {_DAY.format(moment)}, a, h, p, f, c, {numbers} "
                f"FROM placed WHERE {moment} IS NOT NULL"
            )

    def _collect_stock(self, raw: str, name: str, stock: Stock) -> None:
        """Nothing of stocks with a clock: the dossiers have none."""
        if stock.clock is not None:
            return
        entered, left = f"greatest({', '.join(stock.since)})", f"least({', '.join(stock.until)})"
        all_known = " AND ".join(f"{column} IS NOT NULL" for column in stock.since)
        stays = f"({left} >= {_OPEN} OR {_DAY.format(entered)} < {_DAY.format(left)})"
        insert = f"INSERT INTO {raw} ({_PLACE}, {name}) SELECT"
        self._run(f"{insert} {_DAY.format(entered)}, a, h, p, f, c, 1 FROM placed WHERE {all_known} AND {stays}")
        self._run(
            f"{insert} {_DAY.format(left)}, a, h, p, f, c, -1 FROM placed WHERE {all_known} AND {stays} AND {left} < {_OPEN}"
        )


def _condition(measure: Measure) -> str:
    found = [f"{name} IS NOT NULL" for name in measure.known]
    for name, value in measure.equal.items():
        found.append(f"{name} IS {str(value).upper()}" if isinstance(value, bool) else f"{name} = '{value}'")
    return " AND ".join(found) or "true"
