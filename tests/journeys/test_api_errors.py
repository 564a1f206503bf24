"""Every service answers what its API does not take with problem details of the documented type."""

from __future__ import annotations

from typing import Any

from flask import Flask

from shared.auth import issue_token
from shared.web.authorization import OPERATION, routes_with_roles
from shared.web.current_context import EXTENSION
from shared.web.problem_titles import CONTENT_TYPE, SLUGS
from shared.web.views import Operation
from tests.support.routes import filled

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
AS_IT_CAME = {
    "/intake/api/payment-notices/<provider>",
    "/notify/api/receipts/<provider>",
    "/notify/api/inbound/<provider>",
    "/notify/api/post-reports/<provider>",
}
"""What a provider has signed is checked as it came, before its form is looked at."""


def check(answer: Any, *statuses: int, slug: str = "") -> None:
    assert answer.status_code in statuses
    assert answer.mimetype == CONTENT_TYPE
    assert answer.json["status"] == answer.status_code
    assert answer.json["type"].endswith(f":{slug or SLUGS[answer.status_code]}")


def test_unknown_paths_and_methods(service_app: Flask) -> None:
    client = service_app.test_client()
    for accept in ("application/json", "text/html", "*/*"):
        check(client.get(f"/{service_app.name}/api/no-such-thing", headers={"Accept": accept}), 404)
    known = [route for route in routes_with_roles(service_app) if "/api/" in route.path]
    taken: dict[str, set[str]] = {}
    for route in known:
        taken.setdefault(filled(route.path, "1"), set()).add(route.method)
    for path, methods in taken.items():
        for method in set(METHODS) - methods:
            found = client.open(path, method=method, headers={"Accept": "text/html"})
            check(found, 401, 404, 405)  # 401: a variable part of another path takes this one
            if found.status_code == 405:
                assert methods <= set(found.headers["Allow"].split(", "))


def test_bodies_of_another_kind(service_app: Flask) -> None:
    client = service_app.test_client()
    auth = service_app.extensions[EXTENSION].settings.auth
    for route in routes_with_roles(service_app):
        if route.path in AS_IT_CAME:
            continue
        operation: Operation | None = getattr(service_app.view_functions[route.endpoint], OPERATION, None)
        if operation is None or operation.kind != "command" or operation.takes is None:
            continue
        path = filled(route.path, "1")
        headers = {"Accept": "text/html"}
        if route.access.roles:
            bearer = issue_token(auth, "official-7", sorted(route.access.roles)[0], "H12.35.01")
            headers["Authorization"] = f"Bearer {bearer}"
        for sent, media in ((b"a=b", "application/x-www-form-urlencoded"), (b"<a/>", "application/xml")):
            answer = client.open(path, method=route.method, data=sent, content_type=media, headers=headers)
            check(answer, 415, 422)
        broken = client.open(path, method=route.method, data=b"{", content_type="application/json", headers=headers)
        check(broken, 400, slug="malformed-json")
