"""Authorization: every route declares which roles it admits, and whether the caller's agency matters.

The declaration is a mark on the view function. One hook before every request enforces it, so no view can forget to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar, get_args
from urllib.parse import urlencode

from flask import Flask, current_app, g, request

from shared.auth import ROLES, InvalidToken, Principal, TokenVerifier
from shared.web.input_bounds import limit_form
from shared.web.problem import Problem
from shared.web.session_cookie import SAFE, SignIn, cross_site, from_elsewhere, from_own_origin, token_of

View = TypeVar("View", bound=Callable[..., Any])
AgencyScope = Literal["any", "path", "record"]
"""How the caller's agency matters. ``any``: not at all. ``path``: the path's argument `agency` must be the caller's own.
``record``: the view checks the record and calls :func:`require_agency`, :func:`require_owner` or :func:`scope_checked`; if it calls
none, the request fails."""

MARK = "__motcua_access__"
OPERATION = "__motcua_operation__"
"""The mark of commands and queries. They call :func:`confirm_scope` themselves, a command before it commits."""
EXTENSION = "motcua-access-control"
BROWSER_SESSIONS = "motcua-browser-sessions"
"""The name among an app's extensions of how it knows people and machines by sessions of its own: role → :class:`BrowserSessions`."""
CHALLENGE = 'Bearer realm="motcua"'


@dataclass(frozen=True, slots=True)
class Access:
    """What a route requires; no roles means that it is public."""

    roles: frozenset[str]
    agency: AgencyScope

    @property
    def public(self) -> bool:
        """Whether no token is needed."""
        return not self.roles


@dataclass(frozen=True, slots=True)
class RouteAccess:
    """One route with what it requires."""

    method: str
    path: str
    endpoint: str
    access: Access


PUBLIC = Access(frozenset(), "any")


@dataclass(frozen=True, slots=True)
class BrowserSessions:
    """How a service knows those of one role who have signed in with a browser; it counts for pages only, as the cookie of officials.

    Attributes:
        read: the principal of a request's own session; None without one.
        sign_in_path: where they sign in.
    """

    read: Callable[[], Principal | None]
    sign_in_path: str


class UnmarkedRoutes(ValueError):
    """Some routes do not declare who may use them."""


def roles(*names: str, agency: AgencyScope) -> Callable[[View], View]:
    """Marks a view: the caller needs one of these roles.

    Args:
        names: from :data:`shared.auth.ROLES`.
        agency: how the caller's agency matters on this route.

    Raises:
        ValueError: no role, an unknown role, or an unknown scope.
    """
    unknown = [name for name in names if name not in ROLES]
    if unknown or not names:
        raise ValueError(
            f"unknown roles: {', '.join(unknown)}" if unknown else "a route needs at least one role; see `public`"
        )
    if agency not in get_args(AgencyScope):
        raise ValueError(f"unknown agency scope {agency!r}")
    access = Access(frozenset(names), agency)

    def mark(view: View) -> View:
        setattr(view, MARK, access)
        return view

    return mark


def public(view: View) -> View:
    """Marks a view that needs no token."""
    setattr(view, MARK, PUBLIC)
    return view


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What a route requires; ``None`` when it is not marked. Static files are public."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return PUBLIC
    return getattr(app.view_functions[endpoint], MARK, None)


def unmarked_routes(app: Flask) -> list[str]:
    """Routes without a mark; an app that has any is not built."""
    return sorted(rule.rule for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None)


def routes_with_roles(app: Flask) -> list[RouteAccess]:
    """Every route and method with what it requires, for the test that walks all routes × roles.

    Raises:
        UnmarkedRoutes: a route is not marked.
    """
    return [
        RouteAccess(method, rule.rule, rule.endpoint, access)
        for rule, access in ((rule, _needed(app, rule.endpoint)) for rule in app.url_map.iter_rules())
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _needed(app: Flask, endpoint: str) -> Access:
    access = access_of(app, endpoint)
    if access is None:
        raise UnmarkedRoutes(endpoint)
    return access


class AccessControl:
    """Enforces the marks of one app.

    Args:
        app: with all its routes.
        verifier: checks the tokens.

    Raises:
        UnmarkedRoutes: a route is not marked, or has the scope ``path`` and no argument `agency`.
    """

    def __init__(self, app: Flask, verifier: TokenVerifier) -> None:
        unmarked = unmarked_routes(app)
        if unmarked:
            raise UnmarkedRoutes(f"no roles declared: {', '.join(unmarked)}")
        self._verifier = verifier
        self._table: Mapping[str, Access] = {
            rule.endpoint: _needed(app, rule.endpoint) for rule in app.url_map.iter_rules()
        }
        for rule in app.url_map.iter_rules():
            if self._table[rule.endpoint].agency == "path" and "agency" not in rule.arguments:
                raise UnmarkedRoutes(f"{rule.rule} has no argument <agency> to compare with")
        for endpoint, access in self._table.items():
            if access.agency == "record" and not hasattr(app.view_functions[endpoint], OPERATION):
                app.view_functions[endpoint] = _confirming(app.view_functions[endpoint])

    def authorize(self) -> None:
        """Checks the current request against the mark of its view.

        Raises:
            Problem: 401 or 403; 400 when another site's page sent a form.
            RequestEntityTooLarge: a form is too long or has too many fields.
            SignIn: a browser without a session asks for a page.
        """
        rule = request.url_rule
        if rule is None:
            return
        if request.method not in SAFE and self._is_page(rule.endpoint):
            if from_elsewhere(request):
                raise cross_site()
            limit_form(request, current_app.view_functions[rule.endpoint])
        access = self._table[rule.endpoint]
        g.motcua_scope_checked = access.agency != "record"
        if not access.roles:
            return
        caller = self._from_session(access.roles) or self.authenticate()
        if caller is None:
            self._send_to_sign_in(rule.endpoint)
            raise _unauthenticated("")
        g.motcua_principal = caller
        if caller.roles.isdisjoint(access.roles):
            raise Problem(403, "forbidden", roles=sorted(access.roles))
        if access.agency == "path":
            require_agency((request.view_args or {})["agency"])

    def _from_cookie(self) -> Principal | None:
        """The principal of the browser's cookie, on pages only; ``None`` when the session has ended."""
        token = token_of(request) if self._is_page(request.endpoint) else ""
        try:
            return self._verifier.verify(token) if token else None
        except InvalidToken:
            return None

    def _from_session(self, admitted: frozenset[str]) -> Principal | None:
        """Who has a session of the service's own, on pages only; a change must come from our own page."""
        known = _browser_sessions()
        safe = request.method in SAFE or from_own_origin(request)
        if not known or not safe or not self._is_page(request.endpoint) or "Authorization" in request.headers:
            return None
        found = (known[role].read() for role in sorted(admitted & known.keys()))
        return next((one for one in found if one is not None), None)

    def _is_page(self, endpoint: str | None) -> bool:
        view = current_app.view_functions.get(endpoint or "")
        return view is not None and not hasattr(view, OPERATION)

    def _send_to_sign_in(self, endpoint: str) -> None:
        if "session.sign_in_form" not in current_app.view_functions or not self._is_page(endpoint):
            return
        if request.method == "GET" and request.accept_mimetypes.accept_html:
            known = _browser_sessions()
            (role,) = admitted if len(admitted := self._table[endpoint].roles) == 1 else ("",)
            path = known[role].sign_in_path if role in known else f"/{current_app.name}/sign-in"
            raise SignIn(f"{path}?{urlencode({'next': request.full_path.rstrip('?')})}")

    def verify(self, token: str) -> Principal:
        """The principal that a token names; raises InvalidToken."""
        return self._verifier.verify(token)

    def authenticate(self) -> Principal | None:
        """The principal of the request's token; ``None`` when there is no token.

        Raises:
            Problem: 401, the token is not valid.
        """
        header = request.headers.get("Authorization")
        if not header:
            return self._from_cookie()
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise _unauthenticated("not a bearer token")
        try:
            return self._verifier.verify(token.strip())
        except InvalidToken as error:
            raise _unauthenticated(str(error)) from error


def _browser_sessions() -> Mapping[str, BrowserSessions]:
    known: Mapping[str, BrowserSessions] = current_app.extensions.get(BROWSER_SESSIONS, {})
    return known


def _confirming(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps a page: its answer is sent only if the view checked the record's agency or owner."""

    @wraps(view)
    def endpoint(**path: Any) -> Any:
        answer = view(**path)
        confirm_scope()
        return answer

    return endpoint


def _unauthenticated(reason: str) -> Problem:
    # RFC 6750, section 3.1: no error code when the request has no token at all
    challenge = f'{CHALLENGE}, error="invalid_token", error_description="{reason}"' if reason else CHALLENGE
    extensions: dict[str, Any] = {"detail_en": f"Token: {reason}"} if reason else {}
    return Problem(401, "unauthenticated", headers={"WWW-Authenticate": challenge}, **extensions)


def principal() -> Principal:
    """The caller, on a route that needs a role."""
    caller: Principal = g.motcua_principal
    return caller


def visitor() -> Principal | None:
    """The caller, on a public route; ``None`` without a token.

    Raises:
        Problem: 401, the token is not valid.
    """
    return access_control().authenticate()


def access_control() -> AccessControl:
    """The current app's access control."""
    found: AccessControl = current_app.extensions[EXTENSION]
    return found


def require_agency(*codes: str) -> None:
    """Refuses a caller who acts for none of these agencies.

    Args:
        codes: agencies that may see or change the record, such as the receiving and the handling one.

    Raises:
        Problem: 403.
    """
    own = principal().agency
    if not own or own not in codes:
        raise Problem(403, "wrong-agency")
    g.motcua_scope_checked = True


def require_owner(subject: str) -> None:
    """Refuses a caller who is not the record's owner.

    Args:
        subject: the owner's identifier, as in the subject of the owner's tokens.

    Raises:
        Problem: 403.
    """
    if not subject or principal().subject != subject:
        raise Problem(403, "not-yours")
    g.motcua_scope_checked = True


def scope_checked() -> None:
    """Declares that the view itself ensures that the caller may see the record, such as by a search limited to the own agency."""
    g.motcua_scope_checked = True


def confirm_scope() -> None:
    """Fails if a ``record`` route checked neither agency nor owner; commands call it before they commit.

    Raises:
        RuntimeError: neither was checked.
    """
    if not g.motcua_scope_checked:
        raise RuntimeError(f"{request.endpoint} declares agency='record' and checked neither agency nor owner")
