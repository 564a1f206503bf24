"""What a simulation reads of a played profile: page and paper are read as people do, in the words that they show."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.stats.app import create_app
from services.stats.dashboards.labels import FIGURES, LEVEL_NAMES
from services.stats.reports import commands
from services.stats.reports.line import COUNT, SHARE
from services.stats.reports.lines import DOSSIER_COLUMNS, LINES
from services.stats.reports.paper import report_pdf
from services.stats.reports.periods import containing
from services.stats.reports.rules import report_rules
from services.stats.reports.wording import LEVEL_NAMES as REPORT_LEVELS
from services.stats.reports.wording import TABLE_NAMES, written
from shared.cli.profile_checks import rebuild_figures, verify_figures
from shared.client.browser import NotOnPage, Page
from shared.client.profiles import leader_page, load_profile, profile_names, report_paper
from shared.client.profiles import written as words
from shared.client.profiles.figures import PAPER
from shared.client.profiles.model import Profile, Ratings
from shared.client.profiles.places import top_agency
from shared.client.profiles.report_paper import read_paper
from shared.runtime.reference_data import load_reference
from tests.stats.archive.support import fill
from tests.stats.dashboards.story import CENTRE, tell_story
from tests.support.pdf import text_of
from tests.support.reports import get_report, sample_content
from tests.support.service import ServiceUnderTest

TOP = {
    "center-2016": "000.00.60.H49",
    "phuoc-long-2016": "001.00.34.H04",
    "thuong-tin-2017": "001.00.34.H26",
}


@pytest.fixture
def client(stats: ServiceUnderTest) -> FlaskClient:
    return stats.client(create_app)


@pytest.mark.parametrize("name", profile_names())
def test_the_report_is_on_exactly_the_profile_s_period_and_of_the_agency_above_its_desks(name: str) -> None:
    profile = load_profile(name)
    period = containing(report_rules().kind(profile.report), profile.last_day)
    assert (period.first, period.last) == (profile.first_day, profile.last_day)
    assert top_agency(profile, load_reference(profile.agencies_dir)) == TOP[name]


def test_the_words_are_those_of_page_and_paper() -> None:
    assert {name: vi for name, (vi, _) in LEVEL_NAMES.items()} == words.LEVELS
    assert {name: vi for name, (vi, _) in REPORT_LEVELS.items()} == words.PAPER_LEVELS
    assert {name: FIGURES[name][0] for name in leader_page.COLUMNS} == leader_page.COLUMNS
    assert {name: DOSSIER_COLUMNS[name][0] for name in report_paper.COLUMNS} == report_paper.COLUMNS
    lines = [LINES[name].vi for name in ("received", "ratings", "satisfied_share")]
    assert lines == [report_paper.RECEIVED, report_paper.GIVEN, report_paper.SATISFIED]
    assert [TABLE_NAMES[by][0] for by in ("level", "field")] == [report_paper.BY_LEVEL, report_paper.BY_FIELD]


@given(st.integers(0, 10**9), st.integers(0, 1000))
def test_numbers_are_read_as_they_are_written(number: int, tenths: int) -> None:
    assert words.number_of(written(number, COUNT)) == number
    assert words.number_of(written(tenths / 10, SHARE)) == tenths / 10
    assert words.number_of(written(None, COUNT)) is None


def test_a_cell_is_found_by_the_heads_of_its_row_and_column(stats: ServiceUnderTest, client: FlaskClient) -> None:
    tell_story(stats)
    asked = "from=2025-11-01&to=2025-11-30"
    headers = stats.headers("leader", CENTRE)
    summary: Any = client.get(f"/stats/api/summary?{asked}", headers=headers).get_json()
    page = Page.read(client.get(f"/stats/leader?{asked}&by=level", headers=headers).text)
    for name, column in leader_page.COLUMNS.items():
        assert words.number_of(page.cell(leader_page.BY_LEVEL, "Xã", column)) == summary[name], name
    given_ = page.cell(leader_page.RATINGS, leader_page.GIVEN, leader_page.VALUE)
    assert words.number_of(given_) == summary["ratings"]["given"] > 0
    assert page.cell(leader_page.RATINGS, leader_page.SATISFIED, leader_page.VALUE) != ""
    for place in (
        ("no table", "Xã", "Tiếp nhận"),
        (leader_page.BY_LEVEL, "Tỉnh", "Tiếp nhận"),
        (leader_page.BY_LEVEL, "Xã", "x"),
    ):
        with pytest.raises(NotOnPage):
            page.cell(*place)


def paper(stats: ServiceUnderTest, profile: Profile, **changed: dict[str, int]) -> str:
    """The text of the paper of a report that says what a profile says, but for some rows of the table by level."""
    period = containing(report_rules().kind(profile.report), profile.last_day)
    content = sample_content(stats.context, CENTRE, period, 1204)
    rows = {
        group.level: {
            "received": group.received,
            "resolved": group.received - (group.in_hand or 0),
            "early": group.received // 2,
            "on_time": group.on_time or 0,
            "resolved_late": group.late,
            "in_progress": group.in_hand or 0,
            "in_progress_overdue": 0,
        }
        | changed.get(group.level, {})
        for group in profile.groups
    }
    content["level"] = [{"code": level, "name": "", "counts": counts} for level, counts in rows.items()]
    content["numbers"]["received"]["now"] = sum(row["received"] for row in rows.values())
    content["numbers"]["ratings"]["now"] = profile.ratings.given
    content["numbers"]["satisfied_share"]["now"] = 99.5
    made = stats.store.run(partial(commands.draw_up, agency=CENTRE, period=period, content=content, by="officer-1"))
    return text_of(report_pdf(get_report(stats.context, made), None, stats.context.reference.agencies))


def test_a_paper_with_the_numbers_of_a_profile_agrees(stats: ServiceUnderTest) -> None:
    profile = replace(load_profile("thuong-tin-2017"), ratings=Ratings(6500, 33))
    figures = read_paper(profile, paper(stats, profile), 30)
    assert [one for one in figures if not one.agrees] == []
    assert {one.where for one in figures} == {PAPER}
    assert {one.name: one.found for one in figures}["communes: on_time"] == 31_342
    assert {one.name: one.found for one in figures}["ratings: satisfied, %"] == 99.5


def test_a_paper_with_other_numbers_differs(stats: ServiceUnderTest) -> None:
    profile = load_profile("thuong-tin-2017")
    figures = read_paper(profile, paper(stats, profile, district={"on_time": 4_382, "in_progress_overdue": 1}), 30)
    wrong = {one.name: one.found for one in figures if not one.agrees}
    assert wrong == {"district: on_time": 4_382, "district: in_progress_overdue": 1}
    nothing = read_paper(profile, "another text", 30)
    assert nothing
    assert not any(one.agrees for one in nothing)


def test_too_few_ratings_have_no_share() -> None:
    assert (words.shown_share(99.5, 30, 30), words.shown_share(99.5, 29, 30)) == (99.5, None)


def test_the_checks_of_the_store_name_what_differs(stats: ServiceUnderTest) -> None:
    fill(stats)
    settings = replace(
        stats.context.settings, db_urls={"stats": stats.store.engine.url.render_as_string(hide_password=False)}
    )
    sound = [*verify_figures(settings), *rebuild_figures(settings)]
    assert [one for one in sound if not one.agrees] == []
    with stats.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM dossier WHERE code = 'D-1-1'"))
    assert {one.name for one in verify_figures(settings) if not one.agrees} >= {"differences"}
    wrong = {one.name for one in rebuild_figures(settings) if not one.agrees}
    assert wrong == {"rows", "different rows", "different rows of dossier"}
