"""Every page that uses rating's styles names their version, so that no browser shows old ones."""

from __future__ import annotations

import pytest

from services.rating.app import create_app
from services.rating.ratings.pages import STYLES_VERSION
from tests.support.service import ServiceUnderTest


@pytest.mark.parametrize(("path", "role"), [("/rating/", ""), ("/rating/scores", ""), ("/rating/papers", "clerk")])
def test_the_styles_have_their_version(rating: ServiceUnderTest, path: str, role: str) -> None:
    headers = rating.headers(role, "H12.31.01") if role else {}
    page = rating.client(create_app).get(path, headers=headers | {"Accept": "text/html"})
    assert page.status_code == 200
    assert f"rating.css?v={STYLES_VERSION}" in page.text
