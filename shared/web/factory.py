"""The app factory: a service adds its blueprints, all the rest is the same for every service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any, Self

from flask import Blueprint, Flask, Response, current_app, request
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from jinja2.filters import FILTERS
from werkzeug.routing import Rule

from shared.auth import TokenVerifier
from shared.observability.metrics import HttpDurations, exposition
from shared.runtime.context import Context
from shared.runtime.settings import Settings
from shared.web.auditor import auditor_api, auditor_pages
from shared.web.authorization import EXTENSION as ACCESS_CONTROL
from shared.web.authorization import AccessControl, public
from shared.web.current_context import EXTENSION
from shared.web.error_handlers import register_error_handlers
from shared.web.health import EXTENSION as READINESS
from shared.web.health import Readiness, add_health
from shared.web.json_encoding import OrjsonProvider
from shared.web.language import prepare_languages
from shared.web.openapi import ApiBlueprint, register_api
from shared.web.own_host import OwnHosts
from shared.web.pages import prepare_pages
from shared.web.reading_audit import enforce_audit
from shared.web.request_body import BoundedRequest
from shared.web.request_hooks import Observe, install_request_hooks
from shared.web.sign_in import sign_in_pages

STATIC_SECONDS = 3600
FORM_PARTS = 500
KEPT_ROUTES = 16
"""Services whose routes are kept in memory, for further apps of theirs."""


class _Rule(Rule):
    """A route whose address builder is compiled when an address is first built: compiling all took most of an app's start."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder

        @cache
        def compiled() -> Callable[..., tuple[str, str]]:
            return compile_now(append_unknown)

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return compiled()(rule, **values)

        return build


HOOKS = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "template_context_processors",
    "url_value_preprocessors",
    "url_default_functions",
)
"""Where Flask keeps what blueprints let it call around a request: by the blueprint's name, None for all."""


class _CompiledTemplates(BytecodeCache):
    """The templates that this process has compiled, for all its apps: the services of one process have many in common."""

    def __init__(self) -> None:
        self._codes: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Finds the code of a template, unless its text has changed."""
        checksum, code = self._codes.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps the code of a template."""
        self._codes[bucket.key] = bucket.checksum, bucket.code


class _App(Flask):
    """Flask that does not look at each call of a view or a hook whether it is a coroutine: none is."""

    url_rule_class = _Rule
    _shares_routes = False
    jinja_options = {"bytecode_cache": _CompiledTemplates()}  # noqa: RUF012 - Flask's own name and kind

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func

    def share_routes(self, routes: Self) -> None:
        """Serves the routes of another app, with the hooks, filters, template globals and error handlers of its blueprints.

        Args:
            routes: has blueprints and views only, gets no more of them, and serves nothing itself.
        """
        self.url_map = routes.url_map
        self.view_functions = {**routes.view_functions, "static": self.view_functions["static"]}
        self.blueprints = dict(routes.blueprints)
        own_filters = {name: one for name, one in routes.jinja_env.filters.items() if one is not FILTERS.get(name)}
        self.jinja_env.filters.update(own_filters)
        for name, one in routes.jinja_env.globals.items():
            self.jinja_env.globals.setdefault(name, one)
        for name in HOOKS:
            own = getattr(self, name)
            for scope, hooks in getattr(routes, name).items():
                own[scope].extend(hook for hook in hooks if hook not in own[scope])
        self.error_handler_spec.update((scope, each) for scope, each in routes.error_handler_spec.items() if scope)
        self._shares_routes = True

    def add_url_rule(self, *args: Any, **options: Any) -> None:
        """Adds a route; not to an app that shares its routes with others, which would get it too."""
        if self._shares_routes:
            raise RuntimeError(f"a further app of {self.name} shares its routes, so none can be added")
        super().add_url_rule(*args, **options)


def create_app(
    context: Context,
    blueprints: Sequence[ApiBlueprint],
    pages: Iterable[Blueprint] = (),
    verifier: TokenVerifier | None = None,
) -> Flask:
    """A service's web app, complete with health, metrics, documentation, sign-in, the audit of reading, authorization and problem details.

    Args:
        context: the service's settings, store and reference data.
        blueprints: its JSON API.
        pages: its web pages, whose routes begin with ``/<service>/``.
        verifier: checks tokens; the services of one process may share one, and its cache of verified tokens.

    Raises:
        shared.web.authorization.UnmarkedRoutes: a route does not declare who may use it.
        ValueError: a route lies outside ``/<service>/``.
        shared.auth.keys.UnusableKey: the configured token key cannot be used.
    """
    service = context.service
    app = bare_app(service, context.settings, f"/{service}/static")
    app.extensions[EXTENSION] = context
    app.extensions[READINESS] = Readiness(context.store)
    app.share_routes(_routes(service, tuple(blueprints), tuple(pages)))
    verifier = verifier or TokenVerifier(context.settings.auth, context.clock.wall)
    complete_app(app, context.settings, verifier, HttpDurations(service).observe)
    return app


@lru_cache(KEPT_ROUTES)
def _routes(service: str, blueprints: tuple[ApiBlueprint, ...], pages: tuple[Blueprint, ...]) -> _App:
    """The routes of a service, alike in all its apps: to register them takes longer than all the rest of an app's start.

    Args:
        service: its name.
        blueprints: its JSON API.
        pages: its web pages.

    Raises:
        ValueError: a route lies outside ``/<service>/``.
    """
    app = _empty_app(service, f"/{service}/static")
    register_api(app, [*blueprints, auditor_api(service)])
    for page in (*pages, auditor_pages(service), sign_in_pages(service)):
        app.register_blueprint(page)
    add_health(app)
    _add_metrics(app)
    stray = [rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(f"/{service}/")]
    if stray:
        raise ValueError(f"routes outside /{service}/: {', '.join(stray)}")
    return app


def _empty_app(name: str, static_path: str) -> _App:
    app = _App("shared.web", static_url_path=static_path)
    app.name = name
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    return app


def bare_app(name: str, settings: Settings, static_path: str) -> _App:
    """An app without routes and hooks: JSON, limits, templates, static files, error handlers.

    Args:
        name: the service's name.
        settings: for the limits.
        static_path: the path of the shared static files.
    """
    app = _empty_app(name, static_path)
    app.request_class = BoundedRequest
    app.json = OrjsonProvider(app)
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        MAX_FORM_MEMORY_SIZE=settings.max_body_bytes,
        MAX_FORM_PARTS=FORM_PARTS,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
    )
    register_error_handlers(app)
    prepare_pages(app)
    prepare_languages(app, settings.public_url.startswith("https:"))
    return app


def complete_app(app: Flask, settings: Settings, verifier: TokenVerifier, observe: Observe) -> None:
    """Installs authorization, the audit of reading and the request hooks in an app that has all its routes.

    Args:
        app: complete.
        settings: name the platform's own hosts.
        verifier: checks tokens.
        observe: called after every request; see :func:`shared.web.request_hooks.install_request_hooks`.

    Raises:
        shared.web.authorization.UnmarkedRoutes: a route does not declare who may use it.
    """
    enforce_audit(app)
    access_control = AccessControl(app, verifier)
    app.extensions[ACCESS_CONTROL] = access_control
    install_request_hooks(app, OwnHosts(settings), access_control.authorize, observe)


def _add_metrics(app: Flask) -> None:
    @public
    def metrics() -> Response:
        """The service's metrics, for Prometheus."""
        text, content_type = exposition(current_app.name, request.headers.get("Accept", ""))
        return Response(text, content_type=content_type)

    app.add_url_rule(f"/{app.name}/metrics", "metrics", metrics, methods=["GET"])
