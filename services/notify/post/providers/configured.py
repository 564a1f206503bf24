"""The postal providers that the file of providers names under ``post``; without any, a folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from services.notify.channels.config.reader import configured_file
from services.notify.post.providers.http_post import HttpPost, HttpPostSettings
from services.notify.post.providers.port import PostalProvider
from services.notify.post.providers.spool import SPOOL, SpoolPost
from shared.data_files import Record, read_record
from shared.runtime.context import Context
from shared.runtime.http_call import check_address

ENTRY = "post"
MOST_SECONDS = 10
"""For one call: see :data:`services.notify.post.parcels.domain.CLAIM`."""
WEAK = 32
"""Characters that a key has at least."""


def parse(record: Record, environ: Mapping[str, str]) -> HttpPostSettings:
    """A provider's settings; faults are added to the record.

    Args:
        record: ``name``, ``address``, ``secret_env`` (which environment variable holds the key) and ``timeout_seconds`` (optional).
        environ: holds the secrets.
    """
    record.optional_text("description")
    name = record.text("name", pattern=r"[a-z0-9][a-z0-9-]{0,39}", like="a name of small letters, digits and hyphens")
    address = record.text("address")
    try:
        check_address(address)
    except ValueError as error:
        record.fault("address", str(error))
        address = "http://localhost"
    variable = record.text("secret_env")
    key = environ.get(variable, "").strip()
    if variable and len(key) < WEAK:
        record.fault("secret_env", f"the environment variable {variable} does not hold {WEAK} characters or more")
    seconds = record.optional_integer("timeout_seconds") or 8
    if not 1 <= seconds <= MOST_SECONDS:
        record.fault("timeout_seconds", f"must be from 1 to {MOST_SECONDS}")
    record.done()
    return HttpPostSettings(name, address.rstrip("/"), key, seconds)


@cache
def read_post_providers(file: Path) -> tuple[HttpPostSettings, ...]:
    """The postal providers of a file, the one for new parcels first.

    Raises:
        shared.data_files.DataError: with every fault.
    """
    record = read_record(file)
    found = tuple(parse(one, os.environ) for one in record.records(ENTRY, named_by="name"))
    if len({one.name for one in found}) < len(found):
        record.fault(ENTRY, "two providers have one name")
    record.raise_faults()
    return found


def _settings() -> tuple[HttpPostSettings, ...]:
    file = configured_file()
    return read_post_providers(file) if file is not None else ()


def providers_of(context: Context) -> Mapping[str, PostalProvider]:
    """The postal providers by name, the one for new parcels first."""
    if settings := _settings():
        return {one.name: HttpPost(one, context.clock.wall) for one in settings}
    spool = SpoolPost(context.settings.data / "post", context.clock.now().date())
    return {spool.name: spool}


def new_parcels_by() -> str:
    """The name of the provider that takes new parcels."""
    settings = _settings()
    return settings[0].name if settings else SPOOL
