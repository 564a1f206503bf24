"""The kinds of providers, one table: the entry ``kind`` of the provider file → how its own entries are read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from services.notify.channels.chat.reader import read_chat
from services.notify.channels.config.model import Common, Kind, Opener, Surroundings
from services.notify.channels.domain import Channel
from services.notify.channels.email.letterheads import spool_letterhead
from services.notify.channels.email.reader import read_smtp
from services.notify.channels.email.spool import email_spool
from services.notify.channels.http_sms.reader import read_http_sms
from services.notify.channels.smpp.reader import read_smpp
from services.notify.channels.spool import SpoolProvider
from shared.data_files import Record

SPOOL = "spool"


def open_spool(channel: Channel, around: Surroundings) -> SpoolProvider:
    """Writes the deliveries of a channel into files of its own folder."""
    folder = around.data / channel
    if channel is Channel.EMAIL:
        return email_spool(folder, spool_letterhead(around.context), around.context.clock.wall)
    return SpoolProvider(folder)


def _read_spool(_record: Record, common: Common) -> Opener:
    return partial(open_spool, common.channel)


KINDS: Mapping[str, Kind] = {
    SPOOL: Kind(channels=(Channel.SMS, Channel.EMAIL), read=_read_spool, needs_secret=False),
    "smpp": Kind(channels=(Channel.SMS,), read=read_smpp),
    "smtp": Kind(channels=(Channel.EMAIL,), read=read_smtp, needs_secret=False),
    "http-chat": Kind(channels=(Channel.CHAT,), read=read_chat, reports=True),
    "http-sms": Kind(channels=(Channel.SMS,), read=read_http_sms, reports=True),
}
