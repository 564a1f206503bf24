"""E-mails without a mail server: each becomes a file (``.eml``) that a mail program can open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from services.notify.channels.email.address import BadAddress, parse_address
from services.notify.channels.email.message import Letterhead
from services.notify.channels.port import Outgoing
from services.notify.channels.spool import NotWritable, SpoolProvider


def email_spool(directory: Path, letterhead: Letterhead, wall: Callable[[], datetime]) -> SpoolProvider:
    """A provider that writes ``<id>.eml``.

    Args:
        directory: as in :class:`~services.notify.channels.spool.SpoolProvider`.
        letterhead: in whose name e-mails are written.
        wall: gives real time.
    """

    def encode(outgoing: Outgoing) -> bytes:
        try:
            return letterhead.write(outgoing, parse_address(outgoing.address), wall()).as_bytes()
        except BadAddress as error:
            raise NotWritable(str(error)) from error
        except (TypeError, ValueError) as error:
            raise NotWritable(f"it cannot be written as an e-mail: {type(error).__name__}") from error

    return SpoolProvider(directory, suffix=".eml", encode=encode)
