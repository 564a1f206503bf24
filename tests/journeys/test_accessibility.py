"""Everybody can use every page: axe-core finds nothing, no page scrolls sideways at 320 px, and what is pressed is large enough."""

from __future__ import annotations

import pytest

from services.registry import SERVICE_NAMES
from tests.journeys.page_sample import Sample, visits
from tests.support.accessibility import NARROWEST, accessibility_faults, check_accessibility_of
from tests.support.browser import PageAt

WHERE = ("home", *SERVICE_NAMES)


@pytest.mark.browser
@pytest.mark.parametrize("name", WHERE)
def test_every_page_can_be_used_by_everybody(sample: Sample, page_at: PageAt, name: str) -> None:
    faults, page = {}, page_at(NARROWEST, bypass_csp=True)
    check_accessibility_of(page)
    for visit in visits(sample, name, every_reader=False):
        page.context.clear_cookies()
        page.context.add_cookies(
            [
                {"name": cookie, "value": value, "domain": "127.0.0.1", "path": path}
                for (cookie, path), value in visit.cookies.items()
            ]
        )
        answer = page.goto(sample.platform.address + visit.path)
        assert answer is not None
        assert answer.status == 200, visit.place
        if found := accessibility_faults(page):
            faults[visit.place] = found
    assert faults == {}
