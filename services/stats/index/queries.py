"""The scores of agencies as the API and the pages show them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import Connection

from services.stats.index import store
from services.stats.index.counting import count, window_of
from services.stats.index.domain import Count, Index, Part, Score, score_of, total
from services.stats.index.formulas import counts_handled
from services.stats.index.periods import IndexPeriod
from services.stats.index.ranking import COMMITTEE, PROVINCE, Ranked, RankedGroup, Ranking, rank, subjects
from services.stats.index.rules import index_for, ranking_rule
from shared.agencies import Agencies, Agency

VALUE_OF_ALL = 10_000
"""The value of a figure that stands for the whole: hundredths of a percent."""


@dataclass(frozen=True, slots=True)
class CountedPeriod:
    """What was counted of a period by an index.

    Attributes:
        period, index: of what.
        as_of: up to when it was counted.
        counts: agency → part → count; of agencies with any case.
        figures: agency → part → the figure from outside that counts.
    """

    period: IndexPeriod
    index: Index
    as_of: datetime
    counts: Mapping[str, Mapping[str, Count]]
    figures: Mapping[str, Mapping[str, store.Figure]]

    def score(self, agency: str, own: Collection[str] | None) -> Score:
        """The score of an agency: of its own cases and of those of the agencies below it.

        Args:
            agency: whose figures from outside count.
            own: the agencies whose cases count; None for all.
        """
        counted = self.counts.values() if own is None else (self.counts[one] for one in own if one in self.counts)
        entered = {part: share_of(one) for part, one in self.figures.get(agency, {}).items()}
        return score_of(self.index, total(counted), entered)


def share_of(figure: store.Figure) -> Fraction:
    """The share that a figure stands for, 0 to 1."""
    return Fraction(figure.value, VALUE_OF_ALL)


def last_day(period: IndexPeriod, now: datetime) -> date:
    """The day whose rules and agencies count for a period: its last, or today if it runs."""
    return max(period.first, min(period.last, now.date()))


def read_period(connection: Connection, period: IndexPeriod, now: datetime, index: str = "") -> CountedPeriod:
    """A period as it was counted last; it is counted now if it never was.

    Args:
        connection: reads.
        period: any that has begun.
        now: business time.
        index: id of the index; by default the newest that was in force.

    Raises:
        services.stats.index.domain.NoIndex: none was in force, or not that one.
    """
    rules = index_for(last_day(period, now), index)
    kept = store.counted(connection, period.key, rules.id)
    counts: Mapping[str, Mapping[str, Count]]
    if kept is not None:
        as_of, counts = kept.counted_at, store.read_counts(connection, period.key, rules.id)
    else:
        as_of, counts = now, count(connection, rules, window_of(period, rules, now))
    return CountedPeriod(period, rules, as_of, counts, _last_figures(connection, period, rules))


def units_of(agencies: Agencies, on: date, among: Collection[str] | None) -> list[Agency]:
    """The agencies that may be chosen: those that exist on a day, by code, and that the caller may see."""
    return [one for one in agencies.all(on) if among is None or one.code in among]


def province_of(agencies: Agencies, on: date) -> str:
    """The agency above all others of the province; empty where there is none, or more than one."""
    committees = [one for one in agencies.all(on) if COMMITTEE in one.roles and one.level == PROVINCE]
    found = [one.code for one in committees if not one.parent]
    return found[0] if len(found) == 1 else ""


def dossiers_of(score: Score) -> int:
    """How many dossiers of the agency were counted: those that it handles, of the part that counts most of them."""
    return max((one.count.denominator for one in score.parts if counts_handled(one.part)), default=0)


def history(figures: Iterable[store.Figure], part: Part) -> list[store.Figure]:
    """The figures of a part, the newest first."""
    return [one for one in figures if one.part == part.id][::-1]


def _last_figures(connection: Connection, period: IndexPeriod, index: Index) -> dict[str, dict[str, store.Figure]]:
    found: dict[str, dict[str, store.Figure]] = {}
    for one in store.read_figures(connection, period.key, index.id):
        found.setdefault(one.agency, {})[one.part] = one
    return found


def read_ranking(
    connection: Connection, group: RankedGroup, period: IndexPeriod, now: datetime, agencies: Agencies, index: str = ""
) -> tuple[CountedPeriod, Ranking]:
    """The ranking of a group in a period, with the changes since the period before.

    Raises:
        services.stats.index.domain.NoIndex: no index was in force, or not that one.
    """
    found = read_period(connection, period, now, index)
    ranked = _ranked(found, group, agencies, last_day(period, now))
    before = None
    if found.index.in_force(period.before.last):
        earlier = read_period(connection, period.before, now, found.index.id)
        before = _ranked(earlier, group, agencies, period.before.last)
    return found, rank(ranked, before, ranking_rule(last_day(period, now)).smallest_sample)


def _ranked(found: CountedPeriod, group: RankedGroup, agencies: Agencies, on: date) -> list[Ranked]:
    ranked = []
    for agency in subjects(agencies.all(on), group):
        own = agencies.descendants(agency.code, on)
        score = found.score(agency.code, own)
        ranked.append(Ranked(agency.code, dossiers_of(score), score))
    return ranked
