"""What is asked after a profile was played: the API, the leader's page, the paper of a report, the totals and the archive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from services.operations import stats as operations
from shared.auth import issue_token
from shared.cli.store_access import migrated_context, migrated_store
from shared.client.browser import Browser, NotOnPage
from shared.client.http import ApiError, Client
from shared.client.people import own_tokens
from shared.client.profiles import Profile
from shared.client.profiles.figures import PAGE, PAPER, REBUILD, VERIFY, Figure, read_figures
from shared.client.profiles.leader_page import read_leader_page
from shared.client.profiles.places import top_agency
from shared.client.profiles.report_paper import read_paper, sign_report
from shared.client.profiles.stopwatch import Stopwatch
from shared.runtime.reference_data import Reference
from shared.runtime.settings import Settings

PdfText = Callable[[bytes], str]
"""Reads the text of a PDF, with single spaces between words."""
TOKENS_FOR = timedelta(hours=1)
MOST_NAMED = 20
"""Differences that are named one by one."""


def check_all(
    profile: Profile, settings: Settings, reference: Reference, address: str, read_pdf: PdfText | None, watch: Stopwatch
) -> list[Figure]:
    """Reads every number of a profile wherever people read it, and checks the store.

    Args:
        profile: as it was played; its period is over.
        settings: of the platform.
        reference: agencies of the profile's time.
        address: of the platform.
        read_pdf: reads papers; without it there is no report.
        watch: measures each part.
    """
    top, least = top_agency(profile, reference), operations.least_ratings(profile.last_day)
    officer, leader = (_browser(settings, address, role, top) for role in ("officer", "leader"))
    found: list[Figure] = []
    with watch.measured("API"):
        found += _api(profile, settings, reference, address)
    with watch.measured("leader's page"):
        found += _read(PAGE, lambda: read_leader_page(profile, leader, least.leader_page))
    if read_pdf is not None:
        with watch.measured("report"):
            found += _read(PAPER, lambda: _paper(profile, top, officer, leader, read_pdf, least.report))
    with watch.measured("verify"):
        found += verify_figures(settings)
    with watch.measured("rebuild"):
        found += rebuild_figures(settings)
    return found


def verify_figures(settings: Settings) -> list[Figure]:
    """How many differences ``motcua stats verify`` finds, and the first of them: what the facts say, and what is kept."""
    with migrated_store("stats", settings) as store:
        found = operations.verify_totals(store)
    named = [Figure(f"{one.what}: {one.name}", one.counted, one.kept, VERIFY) for one in found[:MOST_NAMED]]
    return [Figure("differences", 0, len(found), VERIFY), *named]


def rebuild_figures(settings: Settings) -> list[Figure]:
    """How many rows ``motcua stats rebuild`` makes, beside those that are there, how many of them differ, and in which tables."""
    with migrated_context("stats", settings) as context, operations.stats_rebuild(context, lambda _: None) as work:
        work.build()
        compared = work.compare(0)
        work.side.remove()
    rows = Figure("rows", sum(one.running for one in compared), sum(one.rebuilt for one in compared), REBUILD)
    named = [Figure(f"different rows of {one.table}", 0, one.different, REBUILD) for one in compared if one.different]
    return [rows, Figure("different rows", 0, sum(one.different for one in compared), REBUILD), *named]


def _read(where: str, read: Callable[[], list[Figure]]) -> list[Figure]:
    """What was read; if the platform refuses, that is a figure too, so that the others are shown."""
    try:
        return read()
    except (ApiError, NotOnPage) as error:
        return [Figure("answer", "", str(error), where)]


def _paper(
    profile: Profile, agency: str, officer: Browser, leader: Browser, read_pdf: PdfText, least_ratings: int
) -> list[Figure]:
    return read_paper(profile, read_pdf(sign_report(profile, agency, officer, leader)), least_ratings)


def _api(profile: Profile, settings: Settings, reference: Reference, address: str) -> list[Figure]:
    operator = Client(address, own_tokens(settings)("operator", ""))
    try:
        return read_figures(profile, reference, operator)
    finally:
        operator.close()


def _browser(settings: Settings, address: str, role: str, agency: str) -> Browser:
    return Browser(address, issue_token(settings.auth, f"{role}@{agency}", role, agency, TOKENS_FOR))
