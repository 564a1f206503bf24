"""The machine-readable description of a service's API, drawn from the same marks that the requests are checked by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import orjson
from flask import Flask, Response
from flask_smorest import Api, Blueprint

from shared.web.authorization import MARK, OPERATION, Access, public
from shared.web.idempotency import HEADER, REPLAYED
from shared.web.problem import CONTENT_TYPE, ProblemSchema
from shared.web.views import Operation

OPENAPI_VERSION = "3.1.0"
BEARER = "bearer"
IDEMPOTENCY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Chosen by the caller, a UUID for example. The same key with the same request has its effect once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}
REPLAYED_HEADER = {
    "description": "true: this is the answer of the first time",
    "schema": {"type": "string", "enum": ["true"]},
}


class ApiBlueprint(Blueprint):
    """The JSON API of a service, or a part of it, under ``/<service>/api``; documents what its views are marked with.

    Args:
        service: the service's name.
        name: the part's name, unique in the service; the documentation groups by it.
        description: one sentence about the part.
    """

    def __init__(self, service: str, name: str = "api", description: str = "") -> None:
        super().__init__(name, f"services.{service}", url_prefix=f"/{service}/api", description=description)

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Callable[..., Any] | None = None, **options: Any
    ) -> None:
        """Registers a view, with the documentation that follows from its marks."""
        documented = self.doc(**_documentation(view_func))(view_func) if view_func is not None else None
        super().add_url_rule(rule, endpoint, documented, **options)


def _documentation(view: Any) -> dict[str, Any]:
    access: Access | None = getattr(view, MARK, None)
    operation: Operation | None = getattr(view, OPERATION, None)
    doc: dict[str, Any] = {"operationId": view.__name__, "responses": {"default": _problem_response()}}
    if access is not None:
        doc["security"] = [] if access.public else [{BEARER: []}]
        doc["x-roles"] = sorted(access.roles)
        doc["x-agency-scope"] = access.agency
    if operation is None:
        return doc
    success: dict[str, Any] = {"description": HTTPStatus(operation.status).phrase}
    if operation.gives is not None:
        success["content"] = {"application/json": {"schema": operation.gives}}
    if operation.kind == "command":
        success["headers"] = {REPLAYED: REPLAYED_HEADER}
        doc["parameters"] = [IDEMPOTENCY_PARAMETER]
        if operation.takes is not None:
            doc["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.takes}}}
    elif operation.takes is not None:
        doc["parameters"] = [{"in": "query", "schema": operation.takes}]
    doc["responses"][str(operation.status)] = success
    return doc


def _problem_response() -> dict[str, Any]:
    return {"description": "Problem details (RFC 9457)", "content": {CONTENT_TYPE: {"schema": ProblemSchema}}}


class _ServiceApi(Api):
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """The app has its own, see :mod:`shared.web.error_handlers`."""


def document(app: Flask, blueprints: Sequence[ApiBlueprint]) -> None:
    """Registers a service's API blueprints and the route that shows their description, ``/<service>/openapi.json``.

    Args:
        app: named after the service.
        blueprints: its API.
    """
    for blueprint in blueprints:
        app.register_blueprint(blueprint)

    @cache
    def description() -> bytes:
        return _description(app.name, blueprints)

    @public
    def openapi() -> Response:
        return Response(description(), content_type="application/json")

    app.add_url_rule(f"/{app.name}/openapi.json", "openapi", openapi, methods=["GET"])


def _description(service: str, blueprints: Sequence[ApiBlueprint]) -> bytes:
    # on an app of its own, when it is first asked for: it takes longer than all the rest of an app's making
    described = Flask(service)
    described.config.update(
        API_TITLE=f"Một cửa – {service}", API_VERSION=version("motcua"), OPENAPI_VERSION=OPENAPI_VERSION
    )
    api = _ServiceApi(described)
    api.spec.components.security_scheme(BEARER, {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    found = api.spec.to_dict()
    found["components"]["schemas"].pop("PaginationMetadata", None)  # the library's own, which nothing here refers to
    return orjson.dumps(found)
