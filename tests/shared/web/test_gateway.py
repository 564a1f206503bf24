"""Five services on one port: routing of requests, and the home page."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import create_engine
from werkzeug.test import Client

from services.registry import SERVICE_NAMES, SERVICE_TITLES
from shared.observability.metrics import outbox_pending
from shared.persistence.store import Store
from shared.runtime.context import Context
from shared.runtime.reference_data import Reference
from shared.runtime.settings import Settings, read_settings
from shared.web.factory import create_app
from shared.web.gateway import Gateway, create_home


class Platform:
    """All five services, empty, on one port."""

    def __init__(self, data: Path) -> None:
        self.settings: Settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(data)})
        self.contexts = {
            name: Context(name, self.settings, Store(self.settings.db_url(name), name), cast(Reference, None))
            for name in SERVICE_NAMES
        }
        apps = {name: create_app(context, []) for name, context in self.contexts.items()}
        self.wsgi = Gateway(apps, create_home(self.settings, self.contexts, SERVICE_TITLES))
        self.client: Any = Client(self.wsgi)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = Platform(tmp_path)
    yield made
    for context in made.contexts.values():
        context.store.close()


def test_every_service_answers_under_its_name(platform: Platform) -> None:
    for name in SERVICE_NAMES:
        for path in ("openapi.json", "metrics", "health/live", "health/ready", "static/motcua.css"):
            assert platform.client.get(f"/{name}/{path}").status_code == 200
        info = platform.client.get(f"/{name}/openapi.json").json["info"]
        assert info["title"].endswith(name)
        assert info["version"] == version("motcua")


def test_each_service_shows_its_own_metrics(platform: Platform) -> None:
    for name in SERVICE_NAMES:
        outbox_pending.labels(name).set(7)
        platform.client.get(f"/{name}/health/live")
    for name in SERVICE_NAMES:
        shown = platform.client.get(f"/{name}/metrics").text
        assert f'motcua_outbox_pending{{service="{name}"}} 7.0' in shown
        assert f'http_route="/{name}/health/live"' in shown
        assert not [other for other in SERVICE_NAMES if other != name and other in shown]


def test_every_other_path_goes_to_the_home_app(platform: Platform) -> None:
    assert platform.client.get("/static/motcua.css").status_code == 200
    for path in ("/nothing", "/intakes/health/live", "//intake/health/live", "/INTAKE/health/live"):
        answer = platform.client.get(path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_the_home_page_links_to_every_service(platform: Platform) -> None:
    page = platform.client.get("/").text
    for link in ("/intake/", "/intake/procedures", "/stats/", "/routing/", "/developers"):
        assert f'href="{link}"' in page
    assert "Hệ thống hoạt động bình thường" in page
    developers = platform.client.get("/developers").text
    for link in ("docs", "openapi.json", "metrics"):
        assert all(f'href="/{name}/{link}"' in developers for name in SERVICE_NAMES)
    assert developers.count("Sẵn sàng") == len(SERVICE_NAMES)
    assert "Chưa sẵn sàng" not in developers


def test_the_language_is_chosen_and_remembered(platform: Platform) -> None:
    client = platform.client
    assert '<html lang="vi">' in client.get("/").text
    english = client.get("/?lang=en")
    assert '<html lang="en">' in english.text
    assert "Hand in once, at one place" in english.text
    assert "Nộp hồ sơ" not in english.text
    assert '<html lang="en">' in client.get("/developers").text, "remembered on other pages"
    assert '<html lang="en">' in client.get("/?lang=xx").text, "an unknown language changes nothing"
    assert '<html lang="vi">' in client.get("/?lang=vi").text
    assert '<html lang="vi">' in client.get("/").text
    assert "Cookie" in client.get("/").headers["Vary"]


def test_the_home_page_shows_which_service_is_not_ready(platform: Platform) -> None:
    platform.contexts["stats"].store.engine.dispose()
    platform.contexts["stats"].store.engine = create_engine("sqlite:////nonexistent/folder/x.db")
    page = platform.client.get("/developers").text
    assert page.count("Sẵn sàng") == len(SERVICE_NAMES) - 1
    assert page.count("Chưa sẵn sàng") == 1
    assert "Có dịch vụ chưa sẵn sàng" in platform.client.get("/").text


def test_a_bare_slash_is_not_needed(platform: Platform) -> None:
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": "", "SERVER_NAME": "x", "SERVER_PORT": "80"}
    environ |= {"wsgi.url_scheme": "http", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost"}
    statuses: list[str] = []
    list(platform.wsgi(environ, lambda status, *_: statuses.append(status)))  # type: ignore[arg-type]
    assert statuses[0].startswith(("200", "308"))
