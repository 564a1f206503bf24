"""The OpenAPI document of a service, generated from the marks on the views that also check the requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, TypeVar

import orjson
from flask import Flask, Response, render_template
from flask_smorest import Api, Blueprint

from shared.web.api_reference import api_reference
from shared.web.authorization import MARK, OPERATION, Access, public
from shared.web.current_context import context
from shared.web.idempotency import HEADER, REPLAYED
from shared.web.language import language
from shared.web.problem import ProblemSchema
from shared.web.problem_titles import CONTENT_TYPE, SLUGS, TITLES
from shared.web.reading_audit import is_audited
from shared.web.views import Operation

View = TypeVar("View", bound=Callable[..., Any])
OPENAPI_VERSION = "3.1.0"
BEARER = "bearer"
IDEMPOTENCY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Chosen by the caller, such as a UUID. A request repeated with the same key takes effect once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
}
REPLAYED_HEADER = {
    "description": "true: this is the answer to the first request with this key",
    "schema": {"type": "string", "enum": ["true"]},
}


class ApiBlueprint(Blueprint):  # type: ignore[misc, unused-ignore]
    """The JSON API of a service, or a part of it, under ``/<service>/api``. It documents the marks of its views.

    Args:
        service: the service's name.
        name: the part's name, unique in the service; the tag of its operations.
        description: one sentence about the part.
    """

    def __init__(self, service: str, name: str = "api", description: str = "") -> None:
        super().__init__(name, f"services.{service}", url_prefix=f"/{service}/api", description=description)

    def get(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Registers a view for GET."""
        return self._route("GET", rule, options)

    def post(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Registers a view for POST."""
        return self._route("POST", rule, options)

    def put(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Registers a view for PUT."""
        return self._route("PUT", rule, options)

    def patch(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Registers a view for PATCH."""
        return self._route("PATCH", rule, options)

    def delete(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Registers a view for DELETE."""
        return self._route("DELETE", rule, options)

    def _route(self, method: str, rule: str, options: dict[str, Any]) -> Callable[[View], View]:
        register: Callable[[View], View] = self.route(rule, methods=[method], **options)
        return register

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Callable[..., Any] | None = None, **options: Any
    ) -> None:
        """Registers a view, with the documentation of its marks."""
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
    if is_audited(view):
        doc["x-reading-audited"] = True
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


class _ServiceApi(Api):  # type: ignore[misc, unused-ignore]
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """The app has its own, see :mod:`shared.web.error_handlers`."""


def register_api(app: Flask, blueprints: Sequence[ApiBlueprint]) -> None:
    """Registers a service's API blueprints, and the document and the reference page that describe them.

    Args:
        app: named after the service; gets ``/<service>/openapi.json`` and ``/<service>/docs``.
        blueprints: its API.
    """
    service = app.name
    for blueprint in blueprints:
        app.register_blueprint(blueprint)

    @cache
    def document(public_url: str) -> dict[str, Any]:
        return _document(service, blueprints, public_url)

    @public
    def openapi() -> Response:
        """The OpenAPI document."""
        return Response(orjson.dumps(document(context().settings.public_url)), content_type="application/json")

    @cache
    def page(public_url: str, _language: str) -> str:
        return render_template(
            "api_reference.html",
            service=service,
            api=api_reference(document(public_url), public_url),
            problems=sorted(SLUGS.items()),
            titles=TITLES,
            plain_address=True,
        )

    @public
    def docs() -> str:
        """The API reference as a page."""
        return page(context().settings.public_url, language())

    app.add_url_rule(f"/{service}/openapi.json", "openapi", openapi, methods=["GET"])
    app.add_url_rule(f"/{service}/docs", "docs", docs, methods=["GET"])


def _document(service: str, blueprints: Sequence[ApiBlueprint], public_url: str) -> dict[str, Any]:
    # on an app of its own, at the first request: it takes longer than all the rest of creating an app
    described = Flask(service)
    described.config.update(
        API_TITLE=f"Một cửa – {service}", API_VERSION=version("motcua"), OPENAPI_VERSION=OPENAPI_VERSION
    )
    api = _ServiceApi(described)
    api.spec.components.security_scheme(BEARER, {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    found: dict[str, Any] = api.spec.to_dict()
    found["components"]["schemas"].pop("PaginationMetadata", None)  # flask-smorest's own, which nothing here uses
    found["externalDocs"] = {"url": f"{public_url}/{service}/docs", "description": "The API reference for people"}
    return found
