"""What the environment says about an agency's service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class SettingsError(ValueError):
    """The environment is not usable; the message lists every fault."""


@dataclass(frozen=True)
class Settings:
    """Everything that an agency's service needs to know.

    Attributes:
        code: the agency's code (``MOTCUA_AGENCY``).
        amqp_url: ``amqp://agency.CODE:password@host:5672/vhost`` (``MOTCUA_AMQP_URL``; amqps for TLS).
        url: the platform's address, for the papers (``MOTCUA_URL``).
        token: the agency's bearer token, for the papers (``MOTCUA_TOKEN``).
        metrics_port: ``MOTCUA_METRICS_PORT``; 0 for none.
        prefetch: messages that may be in hand or waiting (``MOTCUA_PREFETCH``).
        attempts: calls of a handler that fails before its message goes to the dead letters (``MOTCUA_ATTEMPTS``).
        retry_seconds: pause after the first failure, doubled after each (``MOTCUA_RETRY_SECONDS``).
        stop_seconds: how long SIGTERM waits for what is in hand (``MOTCUA_STOP_SECONDS``).
    """

    code: str
    amqp_url: str = field(repr=False)
    url: str = ""
    token: str = field(default="", repr=False)
    metrics_port: int = 0
    prefetch: int = 100
    attempts: int = 5
    retry_seconds: float = 1.0
    stop_seconds: float = 20.0


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Reads ``MOTCUA_*``.

    Raises:
        SettingsError: something is missing or malformed. The message never repeats the URL, which holds a password.
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
        int(number("MOTCUA_METRICS_PORT", 0, 0, 65535)),
        int(number("MOTCUA_PREFETCH", 100, 1, 10_000)),
        int(number("MOTCUA_ATTEMPTS", 5, 1, 100)),
        number("MOTCUA_RETRY_SECONDS", 1, 0.01, 60),
        number("MOTCUA_STOP_SECONDS", 20, 1, 3600),
    )
    if faults:
        raise SettingsError("; ".join(faults))
    return settings
