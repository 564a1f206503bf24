"""Apps of one service share their routes and compiled templates, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Blueprint, Flask, render_template, request
from sqlalchemy import create_engine

from shared.web.authorization import public
from shared.web.factory import create_app
from shared.web.openapi import ApiBlueprint
from tests.shared.web.example_app import ExampleApp, api_blueprint

PUBLIC_URL = "https://motcua.example"


def pages_with_hooks(folder: Path) -> Blueprint:
    pages = Blueprint("hooked", __name__, url_prefix="/intake", template_folder=folder)

    @pages.before_request
    def refuse() -> str | None:
        return "refused" if "refused" in request.args else None

    @pages.context_processor
    def person() -> dict[str, str]:
        return {"person": "Bưởi"}

    @pages.errorhandler(LookupError)
    def lost(_error: LookupError) -> tuple[str, int]:
        return "lost", 404

    @pages.app_template_filter()
    def politely(name: str) -> str:
        return f"bà {name}"

    @pages.get("/hello")
    @public
    def hello() -> str:
        return render_template("hello.html")

    @pages.get("/lost")
    @public
    def fail() -> str:
        raise LookupError

    return pages


@pytest.fixture
def parts(tmp_path: Path) -> tuple[list[ApiBlueprint], list[Blueprint]]:
    """A JSON API and pages; the template of the pages says hello."""
    (tmp_path / "hello.html").write_text("Chào {{ person|politely }}.")
    return [api_blueprint(SimpleNamespace(command=lambda: None))], [pages_with_hooks(tmp_path)]


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[ExampleApp]:
    """A second place of the same service, with another public address."""
    made = ExampleApp(f"sqlite:///{tmp_path}/other.db", tmp_path / "other", MOTCUA_PUBLIC_URL=PUBLIC_URL)
    yield made
    made.context.store.close()


def test_each_app_serves_the_same_routes_for_its_own_place(
    example: ExampleApp, secure: ExampleApp, parts: tuple[list[ApiBlueprint], list[Blueprint]]
) -> None:
    apps = [create_app(place.context, *parts) for place in (example, secure)]
    assert apps[0].url_map is apps[1].url_map
    for app in apps:
        client = app.test_client()
        assert client.get("/intake/hello").text == "Chào bà Bưởi."
        assert client.get("/intake/hello?refused").text == "refused"
        assert client.get("/intake/lost").text == "lost"
        assert client.get("/intake/static/motcua.css").status_code == 200
    documents = [app.test_client().get("/intake/openapi.json").json for app in apps]
    assert [document and document["externalDocs"]["url"] for document in documents] == [
        f"{example.context.settings.public_url}/intake/docs",
        f"{PUBLIC_URL}/intake/docs",
    ]
    created = apps[0].test_client().post("/intake/api/things", json={"name": "một"}, headers=example.token("clerk"))
    assert (created.status_code, example.names(), secure.names()) == (201, ["một"], [])
    foreign = apps[1].test_client().get("/intake/staff", headers=example.token("clerk"))
    assert foreign.status_code == 404  # not a route of these blueprints, though of the example's own app


def test_one_place_without_its_database_leaves_the_other_ready(
    example: ExampleApp, secure: ExampleApp, parts: tuple[list[ApiBlueprint], list[Blueprint]]
) -> None:
    first, second = (create_app(place.context, *parts).test_client() for place in (example, secure))
    example.context.store.engine.dispose()
    example.context.store.engine = create_engine("sqlite:////nonexistent/folder/x.db")
    assert [client.get("/intake/health/ready").status_code for client in (first, second)] == [503, 200]


def test_a_route_cannot_be_added_to_apps_that_share_theirs(
    example: ExampleApp, parts: tuple[list[ApiBlueprint], list[Blueprint]]
) -> None:
    app: Flask = create_app(example.context, *parts)
    with pytest.raises(RuntimeError, match="shares its routes"):
        app.add_url_rule("/intake/x", "x", lambda: "")


def test_a_changed_template_is_compiled_anew(
    example: ExampleApp, parts: tuple[list[ApiBlueprint], list[Blueprint]], tmp_path: Path
) -> None:
    assert create_app(example.context, *parts).test_client().get("/intake/hello").text == "Chào bà Bưởi."
    (tmp_path / "hello.html").write_text("Xin chào!")
    assert create_app(example.context, *parts).test_client().get("/intake/hello").text == "Xin chào!"
