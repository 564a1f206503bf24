"""The way in for installations without a provider: a folder into which a modem or a test puts one file for each message."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from services.notify.inbound.commands import take
from shared.data_files import DataError
from shared.data_files.json_file import read_json
from shared.runtime.context import Context

PROVIDER = "spool"
FOLDER = "sms-inbound"
AT_ONCE = 100
LARGEST = 20_000
"""Bytes of a file; more is no SMS."""

log = logging.getLogger(__name__)


def read_spool(context: Context) -> int:
    """Takes the messages of the folder ``sms-inbound`` and removes their files; returns how many there were.

    A file is JSON with ``sender``, ``recipient``, ``text`` and ``at`` (ISO 8601 with its offset). Whoever writes it does so under another
    name and renames it to ``*.json``. What cannot be read is renamed to ``*.bad`` and stays.
    """
    directory = context.settings.data / FOLDER
    files = sorted(directory.glob("*.json"))[:AT_ONCE] if directory.is_dir() else []
    for file in files:
        _take(context, file)
    return len(files)


def _take(context: Context, file: Path) -> None:
    try:
        sender, recipient, text, at = _read(file)
    except (ValueError, OSError) as error:
        log.warning("an inbound SMS in %s cannot be read: %s", file.name, type(error).__name__)
        file.replace(file.with_suffix(".bad"))
        return
    context.store.run(lambda work: take(work, PROVIDER, sender, recipient, text, at))
    file.unlink(missing_ok=True)  # only now: a message that is not stored is read again


def _read(file: Path) -> tuple[str, str, str, datetime]:
    if file.stat().st_size > LARGEST:
        raise ValueError("too large")
    try:
        content = read_json(file)
    except DataError as error:
        raise ValueError("not JSON") from error
    given = content if isinstance(content, dict) else {}
    texts = [one for name in ("sender", "recipient", "text", "at") if isinstance(one := given.get(name), str)]
    if len(texts) != 4:
        raise ValueError("a field is missing")
    at = datetime.fromisoformat(texts[3])
    if at.tzinfo is None:
        raise ValueError("a time without its offset")
    return texts[0], texts[1], texts[2], at
