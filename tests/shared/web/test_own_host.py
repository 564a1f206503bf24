"""Requests for a foreign host are refused, redirects stay here, and only a browser on this machine may choose a role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder

from services.registry import SERVICE_NAMES
from shared.runtime.settings import read_settings
from shared.web.own_host import OwnHosts, host_name, own_browser
from shared.web.problem import Problem
from tests.shared.web.test_gateway import Platform


def asked(host: str, arrived_at: str = "10.1.2.3", **headers: str) -> Request:
    environ = EnvironBuilder(headers=list({"Host": host, **headers}.items())).get_environ()
    return Request(environ | {"SERVER_NAME": arrived_at, "REMOTE_ADDR": "127.0.0.1"})


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("motcua.example.gov.vn", True),
        ("MOTCUA.example.gov.vn:8080", True),
        ("second.example", True),
        ("localhost:8000", True),
        ("127.0.0.1", True),
        ("[::1]:8000", True),
        ("10.1.2.3:8000", True),  # the address that a probe in a cluster asked for
        ("10.9.9.9:8000", False),
        ("evil.vn", False),
        ("motcua.example.gov.vn.evil.vn", False),
        ("[::1].evil.vn", False),
        ("localhost.evil.vn", False),
        ("", False),
    ],
)
def test_only_the_platforms_own_hosts_are_answered(tmp_path: Path, host: str, ours: bool) -> None:
    environ = {"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path), "MOTCUA_HOST": "0.0.0.0"}
    settings = read_settings(
        environ
        | {
            "MOTCUA_PUBLIC_URL": "https://motcua.example.gov.vn",
            "MOTCUA_ALLOWED_HOSTS": "Second.example, third.example",
        }
    )
    if ours:
        OwnHosts(settings).check(asked(host))
    else:
        with pytest.raises(Problem) as refused:
            OwnHosts(settings).check(asked(host))
        assert (refused.value.status, refused.value.slug) == (421, "misdirected")


@given(st.text(alphabet="[]:.@localhost127evl", max_size=20))
def test_no_text_around_an_own_name_passes(host: str) -> None:
    name = host_name(host)
    if name in {"localhost", "::1", "127.0.0.1"}:
        assert host.lower().strip("[]0123456789:.") in ("", "localhost") or host.lower().startswith("localhost:")


def test_every_service_and_the_home_page_refuse_a_foreign_host(tmp_path: Path) -> None:
    client: Any = Client(Platform(tmp_path).wsgi)
    for path in ("/", *(f"/{name}{rest}" for name in SERVICE_NAMES for rest in ("", "/sign-in", "/openapi.json"))):
        for host in ("evil.vn", "evil.vn:8000", "localhost.evil.vn"):
            answer = client.get(path, headers={"Host": host})
            assert (answer.status_code, answer.json["type"]) == (421, "urn:motcua:problem:misdirected")
            assert "evil" not in answer.text + str(answer.headers)


def test_a_redirect_names_no_host_and_no_scheme(tmp_path: Path) -> None:
    client: Any = Client(Platform(tmp_path).wsgi)
    for name in SERVICE_NAMES:
        answer = client.get(f"/{name}", headers={"X-Forwarded-Host": "evil.vn"})
        assert answer.headers.get("Location", f"/{name}/") == f"/{name}/"


@pytest.mark.parametrize(
    ("request_", "bound_to", "own"),
    [
        (asked("localhost:8000"), "127.0.0.1", True),
        (asked("localhost:8000"), "0.0.0.0", False),
        (asked("localhost:8000"), "192.168.1.5", False),
        (asked("evil.vn"), "127.0.0.1", False),
        (asked("motcua.example.gov.vn"), "127.0.0.1", False),
        (asked("localhost:8000", **{"X-Forwarded-For": "1.2.3.4"}), "127.0.0.1", False),
        (asked("localhost:8000", **{"Forwarded": "for=1.2.3.4"}), "127.0.0.1", False),
        (asked("localhost:8000", **{"X-Real-IP": "1.2.3.4"}), "127.0.0.1", False),
        (asked("localhost:8000", **{"Via": "1.1 proxy"}), "127.0.0.1", False),
    ],
)
def test_a_role_may_be_chosen_on_this_machine_only(request_: Request, bound_to: str, own: bool) -> None:
    assert own_browser(request_, bound_to) is own


@pytest.mark.parametrize(
    ("url", "names"), [("https://a.example", {"Strict-Transport-Security"}), ("http://a.example", set())]
)
def test_browsers_are_told_to_use_https_where_the_public_address_does(
    tmp_path: Path, url: str, names: set[str]
) -> None:
    environ = {"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path), "MOTCUA_PUBLIC_URL": url}
    assert set(OwnHosts(read_settings(environ)).headers) == names
