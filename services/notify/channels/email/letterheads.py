"""In whose name e-mails of this platform are written."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from services.notify.channels.email.address import BadAddress, EmailAddress, parse_address
from services.notify.channels.email.message import Letterhead
from shared.runtime.context import Context

NO_REPLY = "khong-tra-loi"
NO_DOMAIN = EmailAddress(NO_REPLY, "motcua.invalid")


def letterhead_of(context: Context, sender: EmailAddress, reply_to: Mapping[str, EmailAddress]) -> Letterhead:
    """The letterhead of a mail server.

    Args:
        context: of notify; agencies are called as on the business day.
        sender: the address in From.
        reply_to: as in :class:`~services.notify.channels.email.message.Letterhead`.
    """
    agencies, clock = context.reference.agencies, context.clock
    return Letterhead(sender, lambda code: agencies.name_of(code, clock.now().date()) if code else "", reply_to)


def spool_letterhead(context: Context) -> Letterhead:
    """The letterhead of e-mails that no mail server sends: the sender's domain is that of the platform."""
    host = urlsplit(context.settings.public_url).hostname or ""
    try:
        sender = parse_address(f"{NO_REPLY}@{host}")
    except BadAddress:  # localhost, or an address without a name
        sender = NO_DOMAIN
    return letterhead_of(context, sender, {})
