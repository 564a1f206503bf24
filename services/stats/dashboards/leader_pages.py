"""The pages of leaders: their agencies together or one of them, the lists behind the numbers, and all of it as files."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for
from sqlalchemy import Connection

from services.stats import access
from services.stats.boards.pages import STYLES_VERSION as BOARD_STYLES_VERSION
from services.stats.dashboards.labels import BY, CHANNEL_NAMES, FIGURES, LEVEL_NAMES, THIS
from services.stats.dashboards.leader_tables import chosen
from services.stats.dashboards.leader_view import LISTS, LeaderPage, page_address, read_page
from services.stats.dashboards.merged_lists import list_merged
from services.stats.dashboards.schemas import EARLIEST, LATEST, FileSchema, ListedSchema, SelectionSchema
from services.stats.dashboards.selection import BREAKDOWNS, PERIODS, TILE_MEASURES, Selection
from services.stats.dashboards.tile_map import tile_map
from services.stats.dashboards.viewing import PATH, View, caller, path_of, shown_value, view
from services.stats.downloads import download
from services.stats.measures.lists import Page
from services.stats.measures.queries import MEASURES
from services.stats.problems import domain_errors_as_problems
from shared.agencies.roles import ONE_STOP_DESK
from shared.catalogue import FIELDS
from shared.web.authorization import principal, roles
from shared.web.language import text, vietnamese
from shared.web.pages import agency_name
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

PAGE = 50
MOST_ROWS = 50
"""Rows of a table that the page shows; its file holds all."""
ALL = "*"
"""What the audit of reading calls the list of all agencies."""

STATIC = Path(__file__).parent / "static"
STYLES_VERSION = sha256((STATIC / "dashboards.css").read_bytes()).hexdigest()[:12]

pages = Blueprint(
    "leader_pages",
    __name__,
    url_prefix="/stats",
    template_folder="templates",
    static_folder=STATIC,
    static_url_path="/assets/dashboards",
)


@pages.app_context_processor
def _for_all_pages() -> dict[str, Any]:
    """What the templates of all dashboards use."""
    return {
        "dashboard_styles_version": STYLES_VERSION,
        "stats_styles_version": BOARD_STYLES_VERSION,
        "vietnamese_options": lambda pairs: [(value, name, "vi") for value, name in pairs],
    }


@pages.get("/leader")
@roles(*access.STATISTICS_READERS, agency="record")
def leader() -> Response:
    """The numbers of the caller's agencies: today and in a period, their course, agencies side by side, and where most is overdue."""
    return _page(view(SelectionSchema(), forgiving=True))


@pages.get("/leader/<agency>")
@roles(*access.STATISTICS_READERS, agency="record")
def leader_unit(agency: str) -> Response:
    """The same of one agency with those below it."""
    return _page(view(SelectionSchema(), agency, forgiving=True))


@pages.get("/leader/numbers.csv", defaults={"ending": "csv"})
@pages.get("/leader/numbers.xlsx", defaults={"ending": "xlsx"})
@roles(*access.STATISTICS_READERS, agency="record")
def leader_file(ending: str) -> Response:
    """One table of the page, or as XLSX all of them."""
    seen = view(FileSchema())
    notes = seen.notes()
    grids = chosen(list(read_page(seen).grids.values()), seen.asked["table"])
    if not grids:
        raise Problem(404, "not-found")
    days = f"{seen.period.first:%Y%m%d}-{seen.period.last:%Y%m%d}"
    return download(f"thong-ke-{days}", ending, *(grid.table(notes) for grid in grids))


@pages.get("/leader/dossiers")
@roles(*access.STATISTICS_READERS, agency="record")
@audited
def leader_dossiers() -> Response:
    """The dossiers behind a number, in pages."""
    seen = view(ListedSchema())
    measure = seen.asked["measure"]
    record_reading("dossiers", _whose(seen))
    with domain_errors_as_problems(), context().store.snapshot() as connection:
        found = _list(connection, seen)
    here = {"unit": seen.unit, **{name: seen.asked[name] for name in ("measure", "merged", "received_level")}}
    address = seen.selection.address(LISTS, **here)
    return make_response(
        render_template(
            "stats/dashboards/dossiers.html",
            caller=caller(),
            seen=seen,
            title=text(MEASURES[measure].vi, MEASURES[measure].en),
            codes=found.codes,
            beginning=address if seen.asked["after"] else "",
            following="" if found.next is None else seen.selection.address(LISTS, **here, after=found.next),
            back=seen.selection.address(path_of(seen)),
        )
    )


def _list(connection: Connection, seen: View) -> Page:
    """The page of the list that is asked for."""
    measure, after, level = (seen.asked[name] for name in ("measure", "after", "received_level"))
    if not level:
        merged = seen.asked["merged"]
        return list_merged(connection, measure, seen.scope, merged, _codes(seen, merged), after, PAGE)
    of_level = {one.code for one in context().reference.agencies.all() if one.level == level}
    codes = sorted(of_level & {seen.selection.filters.get("agency", code) for code in of_level})
    return list_merged(connection, measure, seen.scope, "agency", codes, after, PAGE) if codes else Page([], None)


def _codes(seen: View, merged: str) -> list[str]:
    """The agency by which the list is narrowed, and those that were merged into it; none where that is not asked for."""
    code = seen.selection.filters.get(merged, "")
    return sorted(context().reference.agencies.handled_by(code, seen.today) | {code}) if code else []


def _whose(seen: View) -> str:
    """The agency whose list it is, for the audit of reading."""
    narrowed = (seen.selection.filters.get(name, "") for name in ("agency", "handling_agency"))
    return next((code for code in (*narrowed, seen.unit, principal().agency) if code), ALL)


def _page(seen: View) -> Response:
    found = read_page(seen)
    page = render_template(
        "stats/dashboards/leader.html",
        caller=caller(),
        seen=seen,
        page=found,
        charts=found.charts(),
        tile_map=_tile_map(seen, found),
        tile_title=text(*FIGURES[seen.selection.tile]).lower(),
        tile_names=[(name, text(*FIGURES[name])) for name in TILE_MEASURES],
        most_rows=MOST_ROWS,
        file_address=_file_address(seen),
        presets=_presets(seen),
        beside=_beside(seen),
        removals=[
            (name, shown_value(key, value), seen.selection.narrowed(key, "").address(path_of(seen)))
            for key, name, value in seen.filter_texts()
        ],
        choices=_choices(seen, found),
        breakdowns=[(name, text(*BY[name])) for name in BREAKDOWNS],
        link=context().settings.public_url + seen.selection.address(path_of(seen)),
        path=path_of(seen),
        above=_above(seen),
    )
    return make_response(page, seen.problem.status if seen.problem else 200)


def _tile_map(seen: View, found: LeaderPage) -> Any:
    return tile_map(seen.selection.tile, found.found.agencies, page_address(seen, "agency"), found.least_ratings)


def _file_address(seen: View) -> Callable[[str, str], str]:
    """Gives the address of a file of one table, or of all tables: by its ending and the table's key."""

    def address(ending: str, table: str = "") -> str:
        place = url_for("leader_pages.leader_file", ending=ending)
        return seen.selection.address(place, unit=seen.unit, table=table)

    return address


def _presets(seen: View) -> list[tuple[str, str, bool]]:
    """The periods that are one click away: name, address, whether it is shown."""
    shown = seen.selection
    found = []
    for kind in PERIODS:
        one = Selection(kind=kind, filters=shown.filters, by=shown.by, tile=shown.tile)
        found.append((text(*THIS[kind]), one.address(path_of(seen)), one == shown))
    return found


def _beside(seen: View) -> tuple[str, str]:
    """The addresses of the periods before and after; empty where there is none."""
    before, after = (seen.selection.moved(steps, seen.today) for steps in (-1, 1))
    has_before = before.period(seen.today).first >= EARLIEST
    has_after = after.period(seen.today).first <= min(seen.today, LATEST)
    return before.address(path_of(seen)) if has_before else "", after.address(path_of(seen)) if has_after else ""


def _choices(seen: View, found: LeaderPage) -> dict[str, list[tuple[str, str]]]:
    """The values of each filter that the form offers; one that is chosen is always among them."""
    agencies, today = context().reference.agencies, seen.today
    visible = seen.scope.agencies
    now = [one for one in agencies.all(today) if visible is None or one.code in visible]
    desks = {one.code for one in now if ONE_STOP_DESK in one.roles} | {row.key for row in found.found.agencies}
    handling = {row.key for row in found.found.queues}
    for name, codes in (("agency", desks), ("handling_agency", handling)):
        codes |= {seen.selection.filters.get(name, "")}
    return {
        "level": [(name, text(*LEVEL_NAMES[name])) for name in sorted({one.level for one in now}, key=_LEVELS.index)],
        "agency": _named(desks),
        "handling_agency": _named(handling),
        "field": list(FIELDS.items()),
        "channel": [(name, text(*pair)) for name, pair in CHANNEL_NAMES.items()],
    }


_LEVELS = list(LEVEL_NAMES)


def _named(codes: set[str]) -> list[tuple[str, str]]:
    return sorted(((code, agency_name(code)) for code in codes if code), key=lambda pair: (pair[1], pair[0]))


def _above(seen: View) -> tuple[str, Any]:
    """The page above that of an agency: address and name; empty on the first page."""
    if not seen.unit:
        return "", ""
    agencies = context().reference.agencies
    parent = next((one.parent for one in agencies.all() if one.code == seen.unit and one.parent), None)
    if parent and (seen.visible is None or parent in seen.visible) and parent != principal().agency:
        return seen.selection.address(f"{PATH}/{parent}"), vietnamese(agency_name(parent))
    return seen.selection.address(PATH), text("Tất cả cơ quan", "All agencies")
