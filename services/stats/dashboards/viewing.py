"""What the pages of leaders share: the view that an address asks for, whose numbers it counts, and who looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from services.stats import access
from services.stats.dashboards.labels import BY, CHANNEL_NAMES, LEVEL_NAMES, period_title
from services.stats.dashboards.schemas import selection_of
from services.stats.dashboards.selection import CUSTOM, Selection, calendar_period
from services.stats.measures.domain import Period
from services.stats.measures.queries import FILTERS, Scope
from services.stats.measures.series import Successors, successors_on
from services.stats.problems import domain_errors_as_problems
from shared.catalogue import FIELDS
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, scope_checked
from shared.web.error_handlers import to_problem
from shared.web.language import language, text, vietnamese
from shared.web.pages import agency_name, written_date, written_time
from shared.web.problem import Problem
from shared.web.views import context

PATH = "/stats/leader"


@dataclass(frozen=True, slots=True)
class View:
    """A view of somebody who may have it.

    Attributes:
        selection: what is shown.
        unit: the agency whose page it is; empty for all that the caller sees.
        now: business time.
        period: the days.
        visible: the agencies that the caller sees; None for all.
        scope: what is counted.
        asked: all loaded arguments of the address.
        problem: what was wrong with them; the view is then the one without any.
    """

    selection: Selection
    unit: str
    now: datetime
    period: Period
    visible: frozenset[str] | None
    scope: Scope
    asked: Mapping[str, Any]
    problem: Problem | None = None

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(VIETNAM).date()

    @property
    def title(self) -> str:
        """The name of the period."""
        kind, on = self.selection.kind, self.selection.on or self.today
        whole = None if kind == CUSTOM else calendar_period(kind, on)
        return text(*period_title(kind, self.period, whole))

    @property
    def place(self) -> str:
        """Whose numbers they are."""
        if self.unit:
            return agency_name(self.unit)
        return text("Toàn hệ thống", "All agencies") if self.visible is None else agency_name(principal().agency)

    @property
    def place_in_title(self) -> str:
        """Whose numbers they are, in the language of the page: on an English page an agency's code, since names are Vietnamese."""
        code = self.unit or ("" if self.visible is None else principal().agency)
        return self.place if language() == "vi" or not code else code

    def filter_texts(self) -> list[tuple[str, str, str]]:
        """Filter, its name and the name of its value."""
        names = {name: text(*pair) for name, pair in BY.items()} | {"level": text("Cấp", "Level")}
        found = [(name, names[name], _value(name, value)) for name, value in self.selection.filters.items()]
        level = self.asked.get("received_level", "")
        return [*found, ("level", text(*BY["level"]), _value("level", level))] if level else found

    def shown_notes(self) -> list[tuple[str, str]]:
        """The same for a page, where names are marked as Vietnamese."""
        (of, place), *others = self.notes()[:3]
        named = place if self.visible is None and not self.unit else vietnamese(place)
        return [(of, named), *others, *((name, shown_value(key, value)) for key, name, value in self.filter_texts())]

    def notes(self) -> list[tuple[str, str]]:
        """What a file says above its table: where, when, as of when, and how it is narrowed."""
        days = f"{written_date(self.period.first)} – {written_date(self.period.last)}"
        return [
            (text("Phạm vi", "Of"), self.place),
            (text("Kỳ", "Period"), f"{self.title} ({days})"),
            (text("Số liệu tính đến", "As of"), written_time(self.now)),
            *((name, value) for _, name, value in self.filter_texts()),
        ]


def view(schema: Schema, unit: str = "", *, forgiving: bool = False) -> View:
    """The view that the address asks for, if the caller may have it.

    Args:
        schema: of the address.
        unit: whose page it is; else the argument `unit` of the address counts.
        forgiving: shows the view without arguments where they are wrong, with the problem.

    Raises:
        Problem: the caller may not see it; or, unless forgiving, an argument is wrong.
    """
    here, problem = context(), None
    now = here.clock.now()
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    try:
        asked = schema.load(given)
    except ValidationError as error:
        if not forgiving:
            raise
        problem = to_problem(error)
        asked = schema.load({})
    unit, today = unit or asked.get("unit", ""), now.astimezone(VIETNAM).date()
    with domain_errors_as_problems():
        visible = access.visible_agencies(principal(), here.reference.agencies, today)
        counted = access.unit_agencies(principal(), unit, here.reference.agencies, today) if unit else visible
        selection = selection_of(asked)
        period = selection.period(today)
    scope_checked()
    filters = {name: value for name, value in selection.filters.items() if name in FILTERS}
    scope = Scope(period, now, filters, _of_level(counted, selection.filters.get("level", "")))
    return View(selection, unit, now, period, visible, scope, asked, problem)


def successors(day: date) -> Successors:
    """Code of an agency → that of the one that does its work on a day, itself if none does."""
    return successors_on(context().reference.agencies, day)


def levels() -> Successors:
    """Code of an agency → its level; one that is not known has none."""
    known = {one.code: one.level for one in context().reference.agencies.all()}
    return lambda code: known.get(code, "")


def path_of(seen: View) -> str:
    """The path of a view's page."""
    return f"{PATH}/{seen.unit}" if seen.unit else PATH


def caller() -> dict[str, str]:
    """Who looks, as the frame of officials' pages shows it."""
    known = principal()
    role = next((one for one in ("leader", "operator", "clerk", "officer") if known.has(one)), "")
    return {"subject": known.subject, "agency": known.agency, "role": role}


def shown_value(name: str, value: str) -> str:
    """The value of a filter on a page: names of agencies and fields are marked as Vietnamese."""
    return value if name in ("level", "channel", "procedure") else vietnamese(value)


def _of_level(agencies: frozenset[str] | None, level: str) -> frozenset[str] | None:
    """Of the agencies those of a level, at any time."""
    if not level:
        return agencies
    of_level = frozenset(one.code for one in context().reference.agencies.all() if one.level == level)
    return of_level if agencies is None else agencies & of_level


def _value(name: str, value: str) -> str:
    if name.endswith("agency"):
        return agency_name(value)
    labels = {"level": LEVEL_NAMES, "channel": CHANNEL_NAMES}.get(name, {})
    return text(*labels[value]) if value in labels else FIELDS.get(value, value)
