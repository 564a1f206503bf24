"""Reads the entries of a mail server in the provider file."""

from __future__ import annotations

from services.notify.channels.config.model import Common, Opener, Surroundings
from services.notify.channels.email.letterheads import letterhead_of
from services.notify.channels.email.settings import parse_smtp
from services.notify.channels.email.smtp import SmtpProvider
from shared.data_files import Record


def read_smtp(record: Record, common: Common) -> Opener:
    """Reads the entries; gives how to open the provider.

    Args:
        record: the provider's.
        common: entries that all providers have.
    """
    settings = parse_smtp(record, common.name, common.secret)

    def opened(around: Surroundings) -> SmtpProvider:
        context = around.context
        letterhead = letterhead_of(context, settings.sender, settings.reply_to)
        return SmtpProvider(settings, letterhead, context.settings.require_data_keys(), context.clock.wall)

    return opened
