"""Reads the entries of an SMPP provider in the provider file."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from services.notify.channels.config.entries import (
    host_and_port,
    optional_number,
    optional_whole_number,
    readable_file,
)
from services.notify.channels.config.model import Common, Opener
from services.notify.channels.smpp.provider import SmppProvider
from services.notify.channels.smpp.settings import VERSIONS, Concatenation, ReceiptIds, SmppSettings
from shared.data_files import Record

Choice = TypeVar("Choice", bound=StrEnum)

DEFAULT_PORT = 2775
MOST_SYSTEM_ID, MOST_SYSTEM_TYPE, MOST_PASSWORD = 15, 12, 8
"""Characters (SMPP 3.4, section 5.2)."""


def read_smpp(record: Record, common: Common) -> Opener:
    """Reads the entries; gives how to open the provider.

    Args:
        record: the provider's.
        common: entries that all providers have.
    """
    host, port = host_and_port(record, "address", DEFAULT_PORT)
    version = record.optional_text("version", choices=[*VERSIONS])
    concatenation = record.optional_text("concatenation", choices=[*Concatenation])
    receipt_ids = record.optional_text("receipt_ids", choices=[*ReceiptIds])
    international, tls = record.optional_boolean("international"), record.optional_boolean("tls")
    system_id, system_type = record.text("system_id"), record.optional_text("system_type") or ""
    for key, text, most in (("system_id", system_id, MOST_SYSTEM_ID), ("system_type", system_type, MOST_SYSTEM_TYPE)):
        if len(text) > most or not text.isascii():
            record.fault(key, f"must be at most {most} characters of ASCII (SMPP 3.4, section 5.2)")
    if len(common.secret) > MOST_PASSWORD and version != "5.0":
        record.fault(
            "secret_env", f"a password of SMPP has at most {MOST_PASSWORD} characters (SMPP 3.4, section 5.2.2)"
        )
    settings = SmppSettings(
        name=common.name,
        host=host,
        port=port,
        system_id=system_id,
        password=common.secret,
        system_type=system_type,
        version=VERSIONS.get(version or "", VERSIONS["3.4"]),
        window=optional_whole_number(record, "window", 50, 1, 1000),
        senders=common.senders,
        concatenation=_one_of(Concatenation, concatenation, Concatenation.UDH),
        receipt_ids=_one_of(ReceiptIds, receipt_ids, ReceiptIds.SAME),
        international=international is not False,
        tls=bool(tls),
        tls_ca=readable_file(record, "tls_ca"),
        connect_seconds=optional_number(record, "connect_seconds", 5, 0.1, 20),
        response_seconds=optional_number(record, "response_seconds", 10, 0.1, 20),
        enquire_seconds=optional_number(record, "enquire_seconds", 15, 0.1, 300),
        throttle_seconds=optional_number(record, "throttle_seconds", 1, 0.05, 60),
    )
    return lambda around: SmppProvider(settings, around.sink, around.on_inbound)


def _one_of(kind: type[Choice], text: str | None, default: Choice) -> Choice:
    """The choice that a text names; the default where the entry is missing, or wrong, which is a fault already."""
    return kind(text) if text is not None and text in [*kind] else default
