"""Entries of the provider file that several kinds have."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from services.notify.channels.config.model import SENDER, Senders
from shared.data_files import Record

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")


def optional_number(record: Record, key: str, default: float, least: float, most: float) -> float:
    """A number that may be missing.

    Args:
        record: the provider's.
        key: the entry.
        default: the value where it is missing.
        least: the lowest value allowed.
        most: the highest value allowed.
    """
    value = record.raw(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        record.fault(key, f"must be a number from {least:g} to {most:g}, not {value!r}")
        return default
    return float(value)


def optional_whole_number(record: Record, key: str, default: int, least: int, most: int) -> int:
    """A whole number that may be missing; arguments as for :func:`optional_number`."""
    number = optional_number(record, key, default, least, most)
    if number != int(number):
        record.fault(key, f"must be a whole number, not {number!r}")
    return int(number)


def secret_of(record: Record, environ: Mapping[str, str], *, required: bool) -> str:
    """The secret that ``secret_env`` names. The file itself never holds one.

    Args:
        record: the provider's.
        environ: of the process.
        required: whether the entry must be there.
    """
    variable = record.text("secret_env") if required else (record.optional_text("secret_env") or "")
    if not variable:
        return ""
    if not _VARIABLE.fullmatch(variable):
        record.fault("secret_env", "must be the name of an environment variable, such as SMS_A_PASSWORD")
        return ""
    secret = environ.get(variable, "").strip()
    if not secret:
        record.fault("secret_env", f"the environment variable {variable} is not set")
    return secret


def senders_of(record: Record) -> Senders:
    """Brandnames or numbers: ``sender``, and ``agency_senders`` for agencies that have their own."""
    default = record.text("sender")
    by_agency = record.text_map("agency_senders") if record.raw("agency_senders") is not None else {}
    for key, sender in [("sender", default), *((f"agency_senders.{code}", name) for code, name in by_agency.items())]:
        if sender and not SENDER.fullmatch(sender):
            record.fault(key, f"{sender!r} is neither a brandname of at most 11 characters nor a number")
    return Senders(default, by_agency)


def host_and_port(record: Record, key: str, default_port: int) -> tuple[str, int]:
    """An address such as ``smpp.example.vn:2775``; IPv6 in brackets."""
    text = record.text(key)
    found = _HOST_AND_PORT.fullmatch(text)
    port = int(found[2] or default_port) if found else 0
    if text and not 0 < port < 65536:
        record.fault(key, f"{text!r} is not HOST:PORT")
    return (found[1].strip("[]") if found else ""), port


def readable_file(record: Record, key: str) -> str:
    """The path of a file. The entry may be missing; a file that is named must be readable."""
    text = record.optional_text(key) or ""
    if text and not (Path(text).is_file() and os.access(text, os.R_OK)):
        record.fault(key, f"{text} cannot be read")
    return text
