"""Everybody can use every page in every state: axe-core finds nothing, no page is wider than 320 px, and buttons are large enough.

The walk proves that it is complete: no template of a page is left that it has not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.registry import SERVICE_NAMES
from tests.journeys.conftest import MONDAY
from tests.journeys.in_process_platform import InProcessPlatform, manual_clock
from tests.journeys.page_sample import Sample
from tests.journeys.page_states import distinct_states
from tests.journeys.visitors import Visitors
from tests.support.accessibility import AccessibilityCheck
from tests.support.backends import fresh_backends
from tests.support.browser import PageAt
from tests.support.html import broken_references, read_page, repeated_ids, unlabelled
from tests.support.prepared import PreparedFiles
from tests.support.templates import page_templates

WHERE = ("home", *SERVICE_NAMES)
ON_HOME = frozenset({"home.html", "developers.html", "components.html"})
"""Pages of the platform itself; all others in ``shared/web`` are pages of each service."""


def own_templates(name: str) -> set[str]:
    """The templates of a service's pages, or of the platform's."""
    files = {one: file.as_posix() for one, file in page_templates().items()}
    if name == "home":
        return set(ON_HOME)
    shared = {one for one, file in files.items() if file.startswith("shared/web/")} - ON_HOME
    return shared | {one for one, file in files.items() if file.startswith(f"services/{name}/")}


@pytest.fixture(scope="module")
def nothing_yet(tmp_path_factory: pytest.TempPathFactory, prepared_files: PreparedFiles) -> Iterator[Visitors]:
    """A platform without a single dossier."""
    directory: Path = tmp_path_factory.mktemp("nothing")
    with (
        fresh_backends(directory, prepared_files) as base,
        InProcessPlatform(directory, base, manual_clock(MONDAY)) as platform,
    ):
        platform.stop_workers()  # there is nothing to be done; they would only look again and again
        yield Visitors(platform)


@pytest.mark.browser
@pytest.mark.timeout(400)  # the first one makes the sample, and intake alone has some hundred pages
@pytest.mark.parametrize("name", WHERE)
def test_every_page_can_be_used_by_everybody(sample: Sample, nothing_yet: Visitors, page_at: PageAt, name: str) -> None:
    check = AccessibilityCheck(page_at, sample.platform.address)
    faults, seen = {}, set()
    for state in distinct_states(sample, nothing_yet, name):
        page = read_page(state.html)
        found = repeated_ids(page) + unlabelled(page) + broken_references(page) + check.faults(state.html)
        if found:
            faults[state.place] = found
        seen.add(state.template)
    assert not faults, "\n".join(f"{place}: {found}" for place, found in faults.items())
    assert own_templates(name) - seen == set(), "no state of these pages was looked at"
