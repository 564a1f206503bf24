"""The names under which the platform answers: no page, link or redirect is made for a Host that is not ours.

Without this check a page of another site, whose name its owner has pointed at this machine (DNS rebinding), could read our answers.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Request

from shared.runtime.settings import Settings
from shared.web.problem import Problem

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})
FORWARDED = ("FORWARDED", "VIA", "X_REAL_IP", "X_FORWARDED", "X_ORIGINAL", "CF_CONNECTING", "TRUE_CLIENT")
"""How the headers begin that proxies add."""


def host_name(host: str) -> str:
    """The name or address in a Host header, in lower case, without port and brackets.

    Args:
        host: such as ``motcua.example:8000`` or ``[::1]:8000``.
    """
    name = host.lower()
    if name.startswith("["):
        address, _, port = name[1:].partition("]")
        return address if not port or (port[0] == ":" and port[1:].isdigit()) else name
    return name.rpartition(":")[0] if name.count(":") == 1 else name


SECURE = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class OwnHosts:
    """Decides whether a request is meant for this platform.

    Ours are the public address, MOTCUA_ALLOWED_HOSTS, the address that the server is bound to, this machine's own names, and the address
    that the connection came to: probes and scrapes in a cluster ask for that.

    Args:
        settings: from the environment.
    """

    def __init__(self, settings: Settings) -> None:
        own = {host_name(urlsplit(settings.public_url).netloc), settings.host, *settings.allowed_hosts}
        self.headers: dict[str, str] = SECURE if settings.public_url.startswith("https:") else {}
        """What every answer has besides, RFC 6797: browsers then use https alone."""
        self._own = frozenset(own - EVERY_ADDRESS) | LOOPBACK

    def check(self, request: Request) -> None:
        """Refuses a request for another host.

        Raises:
            Problem: 421; 400 when an HTTP/1.1 request names no host (RFC 9112, section 3.2).
        """
        environ = request.environ
        host = environ.get("HTTP_HOST")
        if host is None:
            if environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
                raise Problem(400, "bad-request", detail="Thiếu Host.", detail_en="The Host header is missing.")
            return
        name = host_name(host)
        if name not in self._own and name != environ.get("SERVER_NAME"):
            raise Problem(421, "misdirected")


def own_browser(request: Request, bound_to: str) -> bool:
    """Whether the request comes from a browser on this very machine, with no proxy between.

    Args:
        request: the current one.
        bound_to: the address that the server listens on.
    """
    if bound_to not in LOOPBACK or request.remote_addr not in LOOPBACK or host_name(request.host) not in LOOPBACK:
        return False
    return not any(name.startswith("HTTP_") and name[5:].startswith(FORWARDED) for name in request.environ)
