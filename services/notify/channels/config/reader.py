"""Reads and checks the provider file. Every fault is named, with its place; until all are mended nothing is sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from services.notify.channels.config.entries import (
    optional_number,
    optional_whole_number,
    secret_of,
    senders_of,
)
from services.notify.channels.config.kinds import KINDS, SPOOL
from services.notify.channels.config.model import NAME, Common, ProviderSettings, Senders
from services.notify.channels.domain import Channel
from shared.data_files import Record, read_record

VARIABLE = "MOTCUA_NOTIFY_PROVIDERS"
MOST_WEIGHT = 1000
MOST_PRICE = 1_000_000
"""Đồng."""


def configured_file(environ: Mapping[str, str] | None = None) -> Path | None:
    """The provider file that the environment names; None if it names none.

    Args:
        environ: the process's environment by default.
    """
    text = (os.environ if environ is None else environ).get(VARIABLE, "").strip()
    return Path(text) if text else None


def read_providers(file: Path, environ: Mapping[str, str] | None = None) -> tuple[ProviderSettings, ...]:
    """The providers of a file.

    Args:
        file: JSON with the list ``providers``, ``post`` for postal providers, and ``description`` as a remark.
        environ: holds the secrets; the process's environment by default.

    Raises:
        shared.data_files.DataError: with every fault.
    """
    known = os.environ if environ is None else environ
    record = read_record(file)
    record.optional_text("description")
    post = record.raw("post")  # read by services.notify.post.providers.configured
    least = 0 if post else 1
    found = tuple(_provider(one, known) for one in record.records("providers", named_by="name", at_least=least))
    names = [one.name for one in found]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        record.fault("providers", f"two providers are called {name}")
    record.done()
    record.raise_faults()
    return found


def _provider(record: Record, environ: Mapping[str, str]) -> ProviderSettings:
    record.optional_text("description")
    name = record.text("name", pattern=NAME, like="a name of small letters, digits and hyphens, at most 40")
    channel, kind_name = _channel_and_kind(record)
    kind = KINDS[kind_name]
    secret = secret_of(record, environ, required=kind.needs_secret)
    senders = senders_of(record) if channel is Channel.SMS and kind.needs_secret else Senders()
    settings = ProviderSettings(
        name=name,
        channel=channel,
        kind=kind_name,
        weight=optional_whole_number(record, "weight", 1, 1, MOST_WEIGHT),
        rate_per_second=optional_number(record, "rate_per_second", 0, 0.01, 100_000),
        price=None if record.raw("price") is None else optional_whole_number(record, "price", 0, 0, MOST_PRICE),
        reports=kind.reports,
        secret=secret,
        open=kind.read(record, Common(name, channel, secret, senders)),
    )
    record.done()
    return settings


def _channel_and_kind(record: Record) -> tuple[Channel, str]:
    channel_name = record.text("channel", choices=[*Channel])
    kind_name = record.text("kind", choices=[*KINDS])
    channel = Channel(channel_name) if channel_name in [*Channel] else Channel.SMS
    kind_name = kind_name if kind_name in KINDS else SPOOL
    if channel not in KINDS[kind_name].channels:
        record.fault("kind", f"{kind_name} takes no {channel}")
    return channel, kind_name
