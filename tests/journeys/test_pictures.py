"""The pages that docs/pages.md shows; ``make screenshots`` renews the pictures."""

from __future__ import annotations

import pytest

from tests.journeys.actors import DESK, LAND_REGISTRY
from tests.journeys.page_sample import Sample
from tests.journeys.visitors import CITIZEN
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.processes import REPOSITORY

PHONE, DESKTOP = 390, 1280
ANYBODY, CLERK, OFFICER = ("", ""), ("clerk", DESK), ("officer", LAND_REGISTRY)
LEADER, MACHINE = ("leader", LAND_REGISTRY), ("device", DESK)
PICTURES = {
    "home": ("/", ANYBODY, PHONE),
    "procedures": ("/intake/procedures", ANYBODY, PHONE),
    "procedure": ("/intake/procedures/<code>", ANYBODY, PHONE),
    "checklist": ("/intake/procedures/<code>/checklist", ANYBODY, PHONE),
    "follow": ("/intake/dossier", ANYBODY, PHONE),
    "online-papers": ("/intake/online/drafts/<id>/papers", CITIZEN, PHONE),
    "online-check": ("/intake/online/drafts/<id>/check", CITIZEN, PHONE),
    "payment": ("/intake/pay/orders/<order>", ANYBODY, PHONE),
    "desk": ("/intake/desk/<procedure>?case=transfer", CLERK, DESKTOP),
    "application": ("/intake/applications/<code>", CLERK, DESKTOP),
    "dossier": ("/intake/dossiers/<code>", CLERK, DESKTOP),
    "return": ("/intake/dossiers/<code>/return", CLERK, DESKTOP),
    "worklist": ("/routing/", OFFICER, DESKTOP),
    "counter": ("/intake/counter/<int:number>", CLERK, DESKTOP),
    "board": ("/intake/board/<desk>", ANYBODY, DESKTOP),
    "kiosk": ("/intake/kiosk/<agency>", MACHINE, DESKTOP),
    "register": ("/intake/register", CLERK, DESKTOP),
    "mine": ("/intake/mine", CITIZEN, PHONE),
    "task": ("/routing/tasks/<task_id>", OFFICER, DESKTOP),
    "leader": ("/routing/", LEADER, DESKTOP),
    "statistics": ("/stats/", ANYBODY, DESKTOP),
    "dashboard": ("/stats/leader", LEADER, DESKTOP),
    "index": ("/stats/index", LEADER, DESKTOP),
    "transparency": ("/stats/transparency", ANYBODY, PHONE),
    "report": ("/stats/reports/<report>", ("leader", DESK), DESKTOP),
    "rating": ("/rating/r/<token>", ANYBODY, PHONE),
    "device": ("/rating/device/", ("device", DESK), DESKTOP),
    "complaint": ("/rating/complaint-handling/<code>", ("leader", DESK), DESKTOP),
}
"""Name → route, who looks at it, and the width in CSS pixels."""


@pytest.mark.pictures
@pytest.mark.browser
def test_the_pages_of_the_documents_can_be_pictured(sample: Sample, page_at: PageAt) -> None:
    for name, (rule, reader, width) in PICTURES.items():
        page = page_at(width)
        page.context.add_cookies(
            [
                {"name": cookie, "value": value, "domain": "127.0.0.1", "path": path}
                for (cookie, path), value in sample.cookies(rule, reader).items()
            ]
        )
        answer = page.goto(sample.platform.address + sample.opened(rule)[0])
        assert answer is not None
        assert answer.status == 200, name
        assert page_width(page) <= width, name
        screenshot(page, name, whole=False)
        page.context.close()


def test_the_document_shows_every_picture() -> None:
    text = (REPOSITORY / "docs/pages.md").read_text()
    assert [name for name in PICTURES if f"pictures/{name}.png" not in text] == []
    assert sorted(one.stem for one in (REPOSITORY / "docs/pictures").glob("*.png")) == sorted(PICTURES)
