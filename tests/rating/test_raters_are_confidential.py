"""Raters are confidential (NĐ 118/2025, Điều 29.3): nothing that leaves the service joins a rater with what they said.

Who has rated can be told by the dossier's code, the ticket and the telephone number alone. So wherever one of them is, no score, no comment
and no time of the rating may be; and the other way round.
"""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from io import BytesIO
from itertools import product
from typing import Any
from zipfile import ZipFile

import pytest

from services.rating.app import create_app
from services.rating.officials.domain import HANDLING, Part
from services.rating.officials.store import add_dossier_official
from services.rating.ratings.commands import submit_rating
from services.rating.ratings.domain import Rating
from services.rating.scores.flags.commands import find_flags
from services.rating.scores.flags.store import flags
from shared.auth import ROLES
from shared.contracts import REGISTRY, seal_event
from shared.web.authorization import routes_with_roles
from tests.rating.support import DESK, invite, keep, register
from tests.support.events import event
from tests.support.pdf import text_of
from tests.support.routes import filled
from tests.support.service import ServiceUnderTest

DOSSIER, TICKET, NUMBER = "H57.10.01-251103-0042", "0b5f3c9a7d2e4f61a8c3d9e0b1f2a3c4", "Z987"
COMMENT = "Chờ lâu quá, anh Zqxương ạ."
OFFICIAL = "official-2"
OWN = {"Origin": "http://localhost", "Accept": "text/html"}


@pytest.fixture
def rated(rating: ServiceUnderTest) -> ServiceUnderTest:
    """A desk where many have rated, last month too; one of them a dossier whose code is known, one a visit with a ticket."""
    register(rating, OFFICIAL, "clerk-1")
    before = rating.store.clock.now() - timedelta(days=10)
    about = {"official": OFFICIAL, "counter": 1}
    keep(rating, *[5] * 20, at=before, apart=timedelta(minutes=20), comment="Tốt", **about)
    keep(rating, *[5] * 6, apart=timedelta(seconds=20), **about)
    part = Part(OFFICIAL, HANDLING)
    rating.store.run(lambda work: add_dossier_official(work, DOSSIER, part, DESK, work.now))
    served: dict[str, Any] = {"act": "served", "official": OFFICIAL, "desk": DESK, "ticket": TICKET, "number": NUMBER}
    rating.apply(event("official.served", 1, **served))
    token = invite(rating, DOSSIER)
    rating.hand.pass_(timedelta(minutes=7, seconds=13))
    rating.store.run(lambda work: submit_rating(work, token, Rating(2, {"time": 1}, COMMENT)))
    assert find_flags(rating.context) == 1
    rating.hand.pass_(timedelta(days=60, hours=2))
    return rating


def pages_of(service: ServiceUnderTest) -> dict[str, str]:
    """All that anybody gets from a GET route, for each period that a page offers, by path and role."""
    app, values = service.app(create_app), {"flag_id": str(service.rows(flags)[0]["id"]), "agency": DESK}
    people = {
        role: service.headers(role, DESK, OFFICIAL if role == "officer" else f"{role}-1") for role in sorted(ROLES)
    }
    found = {}
    for route in routes_with_roles(app):
        if route.method != "GET" or "static" in route.path or "/assets" in route.path:
            continue
        names = dict.fromkeys(re.findall(r"<(?:\w+:)?(\w+)>", route.path), "nothing")
        for (role, headers), period in product([("", {}), *people.items()], ("", "2025-11", "2025-10", "2025")):
            path = filled(route.path, values=names | values) + (f"?period={period}" if period else "")
            answer = app.test_client().get(path, headers={"Accept": "text/html", **headers})
            assert answer.status_code < 500, (path, role)
            found[f"{path} as {role or 'anybody'}"] = readable(answer.data)
    return found


def readable(file: bytes) -> str:
    """What somebody can read in a page, a PDF, or a workbook, which is an archive of texts; nothing of a picture."""
    if file.startswith(b"%PDF"):
        return text_of(file)
    if file.startswith(b"PK"):
        with ZipFile(BytesIO(file)) as archive:
            return "\n".join(readable(archive.read(name)) for name in archive.namelist())
    return file.decode(errors="replace")


def test_no_page_joins_a_rater_and_a_rating(rated: ServiceUnderTest) -> None:
    found = pages_of(rated)
    shown = [place for place, text in found.items() if COMMENT in text]
    assert shown, "the official sees it among the others of the month"
    assert {place.split("?")[0] for place in shown} == {"/rating/mine"}
    for place, text in found.items():
        for rater in (DOSSIER, TICKET, NUMBER):
            assert rater not in text, place
        assert "08:07" not in text, f"{place} tells when the rating was given"


def test_no_event_joins_a_person_and_a_rating(rated: ServiceUnderTest) -> None:
    for one in rated.emitted():
        sent = seal_event(one, rated.store.data_keys).to_json().decode()
        assert TICKET not in sent
        assert NUMBER not in sent
        assert "Zqxương" not in sent
        if one.name == "rating.given":
            assert set(one.data) == {
                *("rating", "kind", "dossier", "agency", "procedure", "field", "score", "channel", "given_at")
            }
        else:
            assert "score" not in one.data or one.name == "rating.corrected"
    assert REGISTRY.by_name["rating.given"].subscribers == ("stats",)


def test_no_log_line_and_no_metric_tells_who_rated_what(
    rating: ServiceUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token, client = invite(rating, DOSSIER), rating.client(create_app)
    client.get(f"/rating/r/{token}")
    assert client.post(f"/rating/r/{token}", data={"score": "2", "comment": COMMENT}, headers=OWN).status_code == 303
    client.post("/rating/api/ratings", json={"token": token, "score": 1})
    lines = [str(vars(record)) for record in caplog.records if not record.name.startswith("sqlalchemy")]
    assert any("/rating/r/<token>" in line for line in lines)
    for secret in (token, DOSSIER, "Zqxương"):
        assert not [line for line in lines if secret in line]
    metrics = client.get("/rating/metrics").text
    for secret in (token, DOSSIER, OFFICIAL):
        assert secret not in metrics


def test_comments_are_shown_only_when_their_month_is_over_and_there_are_enough(rating: ServiceUnderTest) -> None:
    client = rating.client(create_app)
    headers = rating.headers("officer", DESK, OFFICIAL)
    keep(rating, *[5] * 9, official=OFFICIAL, comment="Một trong chín")
    path = "/rating/mine?period=2025-11"
    assert "Một trong chín" not in client.get(path, headers=headers).text, "the month goes on"
    rating.hand.pass_(timedelta(days=40))
    page = client.get(path, headers=headers).text
    assert "Một trong chín" not in page, "one too few"
    assert "9 đánh giá" in page
    keep(rating, 4, official=OFFICIAL, comment="Người thứ mười", at=rating.store.clock.now() - timedelta(days=30))
    page = client.get(path, headers=headers).text
    assert "Một trong chín" in page
    assert "Người thứ mười" in page
    assert "Người thứ mười" not in client.get("/rating/mine?period=2025-W46", headers=headers).text, "no week is"


def test_only_ones_own_comments_are_shown(rating: ServiceUnderTest) -> None:
    keep(
        rating, *[5] * 12, official=OFFICIAL, comment="Về người khác", at=rating.store.clock.now() - timedelta(days=10)
    )
    page = rating.client(create_app).get(
        "/rating/mine?period=2025-10", headers=rating.headers("officer", DESK, "official-9")
    )
    assert "Về người khác" not in page.text
