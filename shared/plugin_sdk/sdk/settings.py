"""The settings of an agency's service, read from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class SettingsError(ValueError):
    """Settings are missing or malformed; the message lists all of them."""


@dataclass(frozen=True)
class Settings:
    """The settings of an agency's service.

    Attributes:
        code: the agency's code (``MOTCUA_AGENCY``).
        amqp_url: ``amqp://agency.CODE:password@host:5672/vhost`` (``MOTCUA_AMQP_URL``; amqps for TLS).
        url: the platform's address, to fetch papers (``MOTCUA_URL``).
        client_secret: the agency's key, with which the SDK gets its tokens (``MOTCUA_CLIENT_SECRET``).
        token: a bearer token that is used as it is, for trials (``MOTCUA_TOKEN``).
        metrics_port: port of ``/metrics``; 0 for none (``MOTCUA_METRICS_PORT``).
        prefetch: messages that may be unacknowledged at a time (``MOTCUA_PREFETCH``).
        attempts: how often a failing handler is called before its message is dead-lettered (``MOTCUA_ATTEMPTS``).
        retry_seconds: delay after the first failure, doubled after each further one (``MOTCUA_RETRY_SECONDS``).
        stop_seconds: how long SIGTERM waits for running work (``MOTCUA_STOP_SECONDS``).
    """

    code: str
    amqp_url: str = field(repr=False)
    url: str = ""
    token: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    metrics_port: int = 0
    prefetch: int = 100
    attempts: int = 5
    retry_seconds: float = 1.0
    stop_seconds: float = 20.0


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Reads ``MOTCUA_*``.

    Raises:
        SettingsError: a setting is missing or malformed. The message never contains the URL, because it holds a password.
    """
    faults: list[str] = []

    def text(name: str) -> str:
        return environ.get(name, "").strip()

    def number(name: str, default: float, low: float, high: float) -> float:
        try:
            value = float(text(name) or default)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            faults.append(f"{name} must be a number between {low:g} and {high:g}")
        return value

    code, url = text("MOTCUA_AGENCY"), text("MOTCUA_AMQP_URL")
    if not code:
        faults.append("MOTCUA_AGENCY is not set: the agency's code")
    parts = urlsplit(url) if url else None
    if parts is None or parts.scheme not in ("amqp", "amqps") or not parts.hostname:
        faults.append("MOTCUA_AMQP_URL is not amqp://agency.CODE:password@host:port/vhost")
    settings = Settings(
        code,
        url,
        text("MOTCUA_URL"),
        text("MOTCUA_TOKEN"),
        text("MOTCUA_CLIENT_SECRET"),
        int(number("MOTCUA_METRICS_PORT", 0, 0, 65535)),
        int(number("MOTCUA_PREFETCH", 100, 1, 10_000)),
        int(number("MOTCUA_ATTEMPTS", 5, 1, 100)),
        number("MOTCUA_RETRY_SECONDS", 1, 0.01, 60),
        number("MOTCUA_STOP_SECONDS", 20, 1, 3600),
    )
    if faults:
        raise SettingsError("; ".join(faults))
    return settings
