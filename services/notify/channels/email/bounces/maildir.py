"""Bounces from a Maildir folder, into which a mail server on the same machine, or a program that fetches mail, delivers them.

A file is taken from ``new/`` and then moved: to ``cur/``, or to ``failed/`` where a person may look at it. Whoever dies between the two
leaves it in ``new/``, and it is taken again, which changes nothing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from services.notify.channels.email.bounces.commands import email_providers, take_bounce
from services.notify.channels.email.bounces.domain import MAX_BYTES, NotUnderstood
from shared.persistence.store import Store
from shared.runtime.context import Context
from shared.runtime.private_files import PRIVATE_FOLDER

log = logging.getLogger(__name__)

VARIABLE = "MOTCUA_NOTIFY_BOUNCES"
BATCH = 100
SEEN = ":2,S"
"""After the name of a file in ``cur/``: it has been read."""


def sweep_bounces(context: Context, environ: Mapping[str, str] = os.environ) -> int:
    """Takes some of the bounces that have arrived; returns how many files it moved. The worker's sweep.

    Args:
        context: of notify.
        environ: names the folder; without it nothing is done.
    """
    folder = environ.get(VARIABLE, "").strip()
    if not folder or not (Path(folder) / "new").is_dir():
        return 0
    files = sorted((Path(folder) / "new").iterdir())[:BATCH]
    if not files:
        return 0
    providers = email_providers(environ)
    return sum(_take(context.store, providers, file) for file in files)


def _take(store: Store, providers: Collection[str], file: Path) -> int:
    maildir = file.parent.parent
    try:
        take_bounce(store, providers, _read(file))
    except FileNotFoundError:  # another worker has moved it
        return 0
    except NotUnderstood as error:
        log.warning("a bounce was not understood: %s", error)
        return _move(file, maildir / "failed" / file.name)
    return _move(file, maildir / "cur" / f"{file.name}{SEEN}")


def _read(file: Path) -> bytes:
    """The beginning of a file; a link is not followed, since who may deliver mail could name any file by it.

    Raises:
        FileNotFoundError: another worker has moved it.
        NotUnderstood: it is no file, or must not be read.
    """
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as opened:
            return opened.read(MAX_BYTES)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise NotUnderstood(f"it cannot be read: {error.strerror}") from error


def _move(file: Path, target: Path) -> int:
    target.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    with suppress(FileNotFoundError):  # another worker has moved it
        file.replace(target)
        return 1
    return 0
