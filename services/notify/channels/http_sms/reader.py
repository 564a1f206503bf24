"""Reads the entries of an HTTP gateway in the provider file."""

from __future__ import annotations

from urllib.parse import urlsplit

from services.notify.channels.config.entries import optional_number, optional_whole_number, readable_file
from services.notify.channels.config.model import Common, Opener
from services.notify.channels.http_sms.provider import HttpSmsProvider
from services.notify.channels.http_sms.settings import HttpSmsSettings
from shared.data_files import Record


def read_http_sms(record: Record, common: Common) -> Opener:
    """Reads the entries; gives how to open the provider.

    Args:
        record: the provider's.
        common: entries that all providers have.
    """
    url = record.text("address")
    if url and not _usable(url):
        record.fault("address", "must be https://…; http://… only on this machine")
    settings = HttpSmsSettings(
        name=common.name,
        url=url,
        key=common.secret,
        senders=common.senders,
        concurrency=optional_whole_number(record, "concurrency", 8, 1, 64),
        connect_seconds=optional_number(record, "connect_seconds", 3, 0.1, 20),
        response_seconds=optional_number(record, "response_seconds", 10, 0.1, 20),
        idempotent=record.optional_boolean("idempotent") is not False,
        ca_file=readable_file(record, "tls_ca"),
    )
    return lambda around: HttpSmsProvider(settings)


def _usable(url: str) -> bool:
    """Whether numbers and texts may be posted there: encrypted, or to this machine itself."""
    try:
        parts = urlsplit(url)
        local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        return (
            bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local)) and parts.port != 0
        )
    except ValueError:
        return False
