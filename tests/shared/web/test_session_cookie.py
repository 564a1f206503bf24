"""The session cookie: for pages only, and never for changes that another site requests."""

from __future__ import annotations

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from shared.web.session_cookie import COOKIE, from_own_origin, local_path, token_of

OWN = {"Host": "mot-cua.example"}


def asked(method: str, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    headers = OWN | {"Cookie": f"{COOKIE}=t"} | named
    builder = EnvironBuilder(method=method, headers=list(headers.items()))
    return Request(builder.get_environ())


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"Sec_Fetch_Site": "same-origin"}, True),
        ({"Sec_Fetch_Site": "same-site", "Origin": "https://mot-cua.example"}, False),
        ({"Sec_Fetch_Site": "cross-site"}, False),
        ({"Sec_Fetch_Site": "none"}, False),
        ({"Origin": "https://mot-cua.example"}, True),
        ({"Origin": "https://mot-cua.example.elsewhere"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_only_pages_of_this_origin_may_change_anything(headers: dict[str, str], own: bool) -> None:
    assert from_own_origin(asked("POST", **headers)) is own
    assert token_of(asked("POST", **headers)) == ("t" if own else "")
    assert token_of(asked("GET", **headers)) == "t"


@pytest.mark.parametrize("wanted", ["/routing/", "/routing/?queue=mine&search=a%20b", "/intake/dossiers/1/receipt"])
def test_a_path_of_this_host_is_accepted(wanted: str) -> None:
    assert local_path(wanted, "/") == wanted


@pytest.mark.parametrize(
    "wanted", ["", "routing", "//elsewhere", "https://elsewhere/", "/\\elsewhere", "javascript:x", "/a\nb", "/\t/b"]
)
def test_any_other_address_is_refused(wanted: str) -> None:
    assert local_path(wanted, "/home") == "/home"


@given(st.text(alphabet="/\\:@.?#ahtps \t\n%", max_size=12))
def test_no_text_leads_to_another_host(wanted: str) -> None:
    goal = local_path(wanted, "/home")
    assert goal.startswith("/")
    assert not goal.startswith(("//", "/\\"))
