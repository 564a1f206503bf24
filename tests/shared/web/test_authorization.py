"""Authorization: every route × role, agencies, owners, and routes without a mark."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from shared.auth import ROLES
from shared.web.authorization import UnmarkedRoutes, public, roles, routes_with_roles, unmarked_routes
from shared.web.factory import bare_app, complete_app, create_app
from shared.web.openapi import ApiBlueprint
from shared.web.views import command, query
from tests.shared.web.example_app import ExampleApp

CHALLENGE = "WWW-Authenticate"


def url_of(path: str) -> str:
    return path.replace("<int:number>", "1").replace("<agency>", "A1").replace("<path:filename>", "motcua.css")


def test_every_route_takes_its_roles_and_no_others(example: ExampleApp) -> None:
    walked = 0
    example.during.failure = LookupError()
    for route in routes_with_roles(example.app):
        client = example.client()
        without = client.open(url_of(route.path), method=route.method)
        assert (without.status_code == 401) != route.access.public, route
        for role in ROLES:
            status = client.open(url_of(route.path), method=route.method, headers=example.token(role)).status_code
            expected = route.access.public or role in route.access.roles
            assert (status != 403) == expected, (route, role, status)
            assert status != 401, (route, role)
            walked += 1
    assert walked == len(ROLES) * len(routes_with_roles(example.app)) >= 8 * 18


def test_a_refusal_says_what_is_missing(client: Any, example: ExampleApp) -> None:
    without = client.get("/intake/api/paper")
    assert without.headers[CHALLENGE] == 'Bearer realm="motcua"'
    wrong = client.get("/intake/api/paper", headers={"Authorization": "Bearer a.b.c"})
    assert 'error="invalid_token"' in wrong.headers[CHALLENGE]
    basic = client.get("/intake/api/paper", headers={"Authorization": "Basic dTpw"})
    other = client.get("/intake/api/paper", headers=example.token("device"))
    assert [answer.status_code for answer in (without, wrong, basic, other)] == [401, 401, 401, 403]
    for answer in (without, wrong, basic, other):
        assert answer.content_type == "application/problem+json"
        assert answer.json["status"] == answer.status_code
    assert other.json["roles"] == ["clerk"]


def test_an_agency_in_the_path_must_be_the_own_one(client: Any, example: ExampleApp) -> None:
    url = "/intake/api/agencies/A1/things"
    assert client.get(url, headers=example.token("clerk", agency="A1")).status_code == 200
    for agency in ("A2", "", "A11"):
        refused = client.get(url, headers=example.token("clerk", agency=agency))
        assert (refused.status_code, refused.json["type"]) == (403, "urn:motcua:problem:wrong-agency")


def test_a_records_agency_decides_and_one_of_several_suffices(client: Any, example: ExampleApp) -> None:
    client.post("/intake/api/things", json={"name": "x"}, headers=example.token("clerk"))
    url = "/intake/api/things/1/close"
    assert client.post(url, headers=example.token("officer", agency="A2")).status_code == 403
    assert client.post(url, headers=example.token("officer", agency="")).status_code == 403
    assert client.post(url, headers=example.token("officer", agency="A9")).status_code == 202


def test_a_record_is_shown_to_its_owner_alone(client: Any, example: ExampleApp) -> None:
    client.post("/intake/api/things", json={"name": "x"}, headers=example.token("citizen", "me"))
    assert client.get("/intake/api/things/1", headers=example.token("citizen", "me")).json == {"id": 1, "name": "x"}
    refused = client.get("/intake/api/things/1", headers=example.token("citizen", "you"))
    assert (refused.status_code, refused.json["type"]) == (403, "urn:motcua:problem:not-yours")
    assert client.get("/intake/api/mine", headers=example.token("citizen", "me")).json == [{"id": 1, "name": "x"}]


def test_a_view_that_forgets_to_check_has_no_effect(client: Any, example: ExampleApp) -> None:
    client.post("/intake/api/things", json={"name": "x"}, headers=example.token("clerk"))
    assert client.post("/intake/api/things/1/forget", headers=example.token("officer")).status_code == 500
    assert example.names() == ["x"]


def test_a_page_that_forgets_to_check_shows_nothing(client: Any, example: ExampleApp) -> None:
    assert client.get("/intake/records/checked", headers=example.token("clerk")).text == "hồ sơ"
    assert client.get("/intake/records/checked", headers=example.token("clerk", agency="A2")).status_code == 403
    forgotten = client.get("/intake/records/unchecked", headers=example.token("clerk"))
    assert forgotten.status_code == 500
    assert "hồ sơ" not in forgotten.text


def test_a_public_route_knows_a_caller_with_a_token(client: Any, example: ExampleApp) -> None:
    assert client.get("/intake/api/hello").json == {"subject": None}
    assert client.get("/intake/api/hello", headers=example.token("citizen", "me")).json == {"subject": "me"}
    assert client.get("/intake/api/hello", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_an_app_with_an_unmarked_route_is_not_built(example: ExampleApp) -> None:
    api = ApiBlueprint("intake")
    api.get("/open")(lambda: "")
    with pytest.raises(UnmarkedRoutes, match="/intake/api/open"):
        create_app(example.context, [api])


def test_an_app_with_a_route_outside_its_service_is_not_built(example: ExampleApp) -> None:
    api = ApiBlueprint("routing")
    api.get("/x")(public(lambda: ""))
    with pytest.raises(ValueError, match="outside /intake/: /routing/api/x"):
        create_app(example.context, [api])


def test_an_agency_scope_by_path_needs_an_agency_in_the_path(example: ExampleApp) -> None:
    api = ApiBlueprint("intake")
    api.get("/x")(roles("clerk", agency="path")(query()(lambda connection: {})))
    with pytest.raises(UnmarkedRoutes, match="<agency>"):
        create_app(example.context, [api])


def test_unmarked_routes_are_named(example: ExampleApp) -> None:
    app = bare_app("intake", example.context.settings, "/intake/static")
    app.add_url_rule("/intake/x", "x", lambda: "")
    assert unmarked_routes(app) == ["/intake/x"]
    with pytest.raises(UnmarkedRoutes):
        routes_with_roles(app)
    assert unmarked_routes(example.app) == []


def test_marks_survive_the_order_of_decorators() -> None:
    @command()
    @roles("clerk", agency="any")
    def inner(work: Any) -> dict:
        return {}

    app = Flask("order")
    app.add_url_rule("/x", "x", inner)
    assert unmarked_routes(app) == []
    assert {route.access.roles for route in routes_with_roles(app) if route.endpoint == "x"} == {frozenset({"clerk"})}


def test_invalid_marks_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown roles: king"):
        roles("king", agency="any")
    with pytest.raises(ValueError, match="at least one role"):
        roles(agency="any")
    with pytest.raises(ValueError, match="scope"):
        roles("clerk", agency="some")  # type: ignore[arg-type]


def test_unknown_routes_need_no_token(example: ExampleApp) -> None:
    client = example.client()
    assert client.get("/intake/api/nothing").status_code == 404
    assert client.get("/intake/api/anonymous").status_code == 405
    assert client.options("/intake/api/things").status_code == 405


def test_an_unreachable_issuer_is_not_the_callers_fault(example: ExampleApp, tmp_path: Any) -> None:
    other = ExampleApp(f"sqlite:///{tmp_path}/other.db", tmp_path, MOTCUA_JWKS_URL="http://127.0.0.1:9/keys")
    answer = other.client().get("/intake/api/paper", headers=example.token("clerk"))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    other.context.store.close()


def test_unmarked_routes_are_refused_when_the_app_is_completed(example: ExampleApp) -> None:
    app = bare_app("intake", example.context.settings, "/intake/static")
    app.add_url_rule("/intake/x", "x", lambda: "")
    with pytest.raises(UnmarkedRoutes):
        complete_app(app, None, None, lambda *_: None)  # type: ignore[arg-type]
