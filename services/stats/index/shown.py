"""What the API and the pages of the index share: whose score is asked for, and what a score says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from services.stats import access
from services.stats.index.counting import window_of
from services.stats.index.domain import Part, Score, State, Threshold, percent, printed
from services.stats.index.formulas import Window, listed_sides
from services.stats.index.periods import MONTH, IndexPeriod, parse_period, period_of
from services.stats.index.queries import CountedPeriod, last_day, province_of, read_period
from shared.web.authorization import principal, scope_checked
from shared.web.views import context


class NotYet(ValueError):
    """The period lies in the future.

    Attributes:
        field: of the query.
    """

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose score is asked for.

    Attributes:
        period: of the score.
        agency: code; empty for all agencies together.
        own: the agencies whose cases count; None for all.
        visible: the agencies that the caller sees; None for all.
        index: id of the index; empty for the newest in force.
        now: business time.
    """

    period: IndexPeriod
    agency: str
    own: Collection[str] | None
    visible: Collection[str] | None
    index: str
    now: datetime

    @property
    def on(self) -> date:
        """The day whose agencies and rules count."""
        return last_day(self.period, self.now)


def asked_period(key: str, field: str = "month") -> IndexPeriod:
    """The period of a key; by default the month that runs.

    Raises:
        services.stats.measures.domain.BadPeriod: it is no period.
        NotYet: it lies in the future.
    """
    today = context().clock.now().date()
    period = parse_period(key, field) if key else period_of(MONTH, today)
    if period.first > today:
        raise NotYet(field)
    return period


def asked_score(period: str, agency: str, index: str) -> Asked:
    """Whose score the caller asks for, once it is known that they may see it. By default their own; an operator's is the province's.

    Raises:
        services.stats.access.OtherAgency, .NotStatisticsReader, .NoAgency: as they say.
        shared.agencies.UnknownAgency: no such agency.
        services.stats.measures.domain.BadPeriod, NotYet: as for :func:`asked_period`.
    """
    here, actor = context(), principal()
    now, agencies = here.clock.now(), here.reference.agencies
    found = asked_period(period)
    on = last_day(found, now)
    code = agency or (actor.agency if not actor.has("operator") else province_of(agencies, on))
    visible = access.visible_agencies(actor, agencies, now.date())
    if code or visible is not None:
        visible = access.require_visible(actor, code, agencies, now.date())
    scope_checked()
    if not code:
        return Asked(found, "", visible, visible, index, now)
    agencies.get(code)
    own = agencies.descendants(code, on if agencies.exists(code, on) else now.date()) | {code}
    return Asked(found, code, own if visible is None else own & frozenset(visible), visible, index, now)


def asked_counts(connection: Connection, asked: Asked) -> tuple[CountedPeriod, Score]:
    """What was counted, and the score of it."""
    found = read_period(connection, asked.period, asked.now, asked.index)
    return found, found.score(asked.agency, asked.own)


def window_behind(found: CountedPeriod) -> Window:
    """What the lists behind the counts are about: the same moment."""
    return window_of(found.period, found.index, found.as_of)


def written_score(found: CountedPeriod, asked: Asked, score: Score) -> dict[str, Any]:
    """A score as the API gives it."""
    band = score.band
    return {
        "as_of": found.as_of,
        "period": found.period.key,
        "first": found.period.first,
        "last": found.period.last,
        "index": found.index.id,
        "index_name": found.index.name[0],
        "agency": asked.agency or None,
        "points": printed(score.points),
        "possible": printed(score.possible),
        "total": printed(found.index.points),
        "complete": score.is_complete,
        "band": None if band is None else band.name[0],
        "groups": [
            {
                "id": group.id,
                "name": group.name[0],
                "points": printed(score.of_group(group)[0]),
                "possible": printed(score.of_group(group)[1]),
                "total": printed(group.points),
                "parts": [_written_part(found, asked, score, part) for part in group.parts],
            }
            for group in found.index.groups
        ],
    }


def _written_part(found: CountedPeriod, asked: Asked, score: Score, part: Part) -> Mapping[str, Any]:
    one = next(one for one in score.parts if one.part == part)
    figure = found.figures.get(asked.agency, {}).get(part.id)
    counted = one.state is not State.ENTERED and not part.is_outside
    return {
        "id": part.id,
        "name": part.name[0],
        "state": one.state.value,
        "numerator": one.count.numerator if counted else None,
        "denominator": one.count.denominator if counted else None,
        "percent": percent(one.ratio),
        "full_at": float(part.scale.full_at) if isinstance(part.scale, Threshold) else None,
        "points": None if one.points is None else printed(one.points),
        "total": printed(part.points),
        "lacks": one.lacks or None,
        "missing": part.missing[0] if one.state is State.MISSING and part.is_outside else None,
        "source": figure.source if figure and one.state is State.ENTERED else None,
        "entered_at": figure.entered_at if figure and one.state is State.ENTERED else None,
        "lists": list(listed_sides(part.formula)),
        "certainty": {"points": part.certainty[0], "scale": part.certainty[1] or None},
    }
