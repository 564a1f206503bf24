"""Hooks around every request: its id, security headers, log line and metrics."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from shared.runtime.random_bytes import random_hex
from shared.web.admission.overload import OVERLOAD
from shared.web.admission.refusals import busy, disk_full
from shared.web.answer_in_pieces import REFUSED_FOR
from shared.web.own_host import OwnHosts
from shared.web.session_cookie import SAFE

log = logging.getLogger("motcua.request")

REQUEST_ID = "X-Request-ID"
SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}

Observe = Callable[[str, str, int, float], None]


def install_request_hooks(app: Flask, own_hosts: OwnHosts, authorize: Callable[[], None], observe: Observe) -> None:
    """Installs the hooks of an app.

    Args:
        app: named after its service.
        own_hosts: refuses requests for other hosts.
        authorize: runs before the view and raises a problem to refuse the request.
        observe: gets method, route template, status and seconds of every request.
    """
    service = app.name
    probes = {f"/{service}/health/live", f"/{service}/health/ready", f"/{service}/metrics"}

    def begin() -> None:
        g.motcua_started = time.perf_counter()
        given = request.headers.get(REQUEST_ID)
        g.motcua_request_id = given if given and SAFE_REQUEST_ID.fullmatch(given) else random_hex(12)
        own_hosts.check(request)
        environ = request.environ
        if REFUSED_FOR in environ:
            raise busy(environ[REFUSED_FOR])
        if OVERLOAD.disk_full and environ["REQUEST_METHOD"] not in SAFE:
            raise disk_full()
        authorize()

    def end(response: Response) -> Response:
        method, rule, request_id_ = request.method, request.url_rule, g.motcua_request_id
        seconds = time.perf_counter() - g.motcua_started
        route = rule.rule if rule else ""
        status = response.status_code
        _set_headers(response, request_id_)
        if own_hosts.headers:
            response.headers.extend(own_hosts.headers)
        if 300 <= status < 400:
            _stay_here(response)
        observe(method, route, status, seconds)
        level = logging.DEBUG if route in probes and status < 400 else logging.INFO
        cause = g.pop("motcua_cause", "")
        if cause:  # told here and nowhere else: one failure, one line
            level = logging.WARNING
        if log.isEnabledFor(level):
            fields = {
                "service": service,
                "request_id": request_id_,
                "method": method,
                "route": route,  # the template: paths hold dossier codes, query strings hold secrets
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            message = f"{method} {route} {status}{f': {cause}' if cause else ''}"
            # as log.log(), but without a search for this line's place on the stack, which nobody prints
            log.handle(log.makeRecord(log.name, level, __file__, 0, message, (), None, extra={"fields": fields}))
        return response

    app.before_request(begin)
    app.after_request(end)


def _stay_here(response: Response) -> None:
    """Makes a redirect to this host relative: we do not know the scheme and the port that the browser sees behind a proxy."""
    parts = urlsplit(response.headers.get("Location", ""))
    if parts.netloc and parts.netloc == request.host:
        response.headers["Location"] = parts._replace(scheme="", netloc="").geturl()


def _set_headers(response: Response, request_id_: str) -> None:
    headers = response.headers
    headers[REQUEST_ID] = request_id_
    for name, value in HEADERS.items():
        headers.add(
            name, value
        )  # add(), not []=: these are never set elsewhere, and assignment scans all headers first
    if "Content-Security-Policy" in headers:
        if "frame-ancestors 'self'" in headers["Content-Security-Policy"]:  # says itself who may: framing.allow_framing
            headers.remove("X-Frame-Options")
    else:
        headers["Content-Security-Policy"] = PAGE_POLICY if response.mimetype == "text/html" else DATA_POLICY
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"


def request_id() -> str:
    """The current request's id, for log lines."""
    found: str = g.motcua_request_id
    return found
