"""Checks every answer of a JSON API against the OpenAPI document of its service, whichever test asked."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from flask import Flask, Response, request, request_finished
from jsonschema import Draft202012Validator

from shared.web.problem_titles import CONTENT_TYPE

CONTRACT = "tests.api_contract"
SAVED = 200
BODILESS = (204, 304)


class ApiContract:
    """The schemas of the answers of a service's operations, as its OpenAPI document tells them.

    Args:
        document: the OpenAPI document.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._validators: dict[tuple[str, str, str], Draft202012Validator | None] = {}

    def deviation(self, method: str, path: str, status: int, content_type: str, body: bytes) -> str:
        """What the document does not allow in an answer; empty when it agrees.

        Args:
            method: of the request, such as GET.
            path: as in the document, with parameters in braces; empty when no route was found.
            status: of the answer.
            content_type: its media type.
            body: its bytes.
        """
        described = self._document["paths"].get(path, {}).get(method.lower())
        if status >= 400:
            if content_type != CONTENT_TYPE:
                return f"an error as {content_type or 'nothing'}"
            return self._invalid(("", "", "problem"), {"$ref": "#/components/schemas/Problem"}, body)
        if described is None:
            return "an operation that is not described"
        answer = described["responses"].get(str(status))
        if answer is None:
            return "a status that is not described"
        media = answer.get("content")
        if media is None:
            return ""
        if content_type not in media:
            return f"{content_type or 'nothing'} where {', '.join(media)} is described"
        return self._invalid((method, path, str(status)), media[content_type]["schema"], body)

    def _invalid(self, key: tuple[str, str, str], schema: dict[str, Any], body: bytes) -> str:
        validator = self._validators.get(key)
        if validator is None:
            whole = {"components": self._document["components"], "allOf": [schema]}
            validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
            self._validators[key] = validator
        errors = validator.iter_errors(orjson.loads(body))
        return "; ".join(f"{error.json_path}: {error.message[:SAVED]}" for error in errors)


_contracts: dict[object, ApiContract] = {}
"""By the map of routes, which the apps of a service share, and by the routes themselves."""
_lock = threading.Lock()


def contract_of(app: Flask) -> ApiContract:
    """The contract of a service's app; apps with the same routes share it, since a document takes long to make."""
    found: ApiContract | None = app.extensions.get(CONTRACT) or _contracts.get(app.url_map)
    if found is None:
        routes = tuple(sorted(f"{rule.methods} {rule.rule} {rule.endpoint}" for rule in app.url_map.iter_rules()))
        with _lock:
            if routes not in _contracts:
                answer: Any = app.view_functions["openapi"]()
                _contracts[routes] = ApiContract(orjson.loads(answer.get_data()))
            found = app.extensions[CONTRACT] = _contracts[app.url_map] = _contracts[routes]
    return found


@contextmanager
def answers_checked() -> Iterator[list[str]]:
    """Collects how the answers of all APIs in this process deviate from their documents, while the block runs."""
    deviations: list[str] = []

    def check(app: Flask, response: Response, **_: Any) -> None:
        if "openapi" not in app.view_functions or not request.path.startswith(f"/{app.name}/api/"):
            return
        if request.method in ("HEAD", "OPTIONS") or response.is_streamed or response.status_code in BODILESS:
            return
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", request.url_rule.rule) if request.url_rule else ""
        mimetype = response.mimetype or ""
        found = contract_of(app).deviation(request.method, path, response.status_code, mimetype, response.get_data())
        if found:
            deviations.append(f"{request.method} {path or request.path} {response.status_code}: {found}")

    with request_finished.connected_to(check):
        yield deviations
