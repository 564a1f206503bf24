"""The kinds of providers, one table: the entry ``kind`` of the provider file → how its own entries are read."""

from __future__ import annotations

from collections.abc import Mapping

from services.notify.channels.config.model import Common, Kind, Opener
from services.notify.channels.domain import Channel
from services.notify.channels.http_sms.reader import read_http_sms
from services.notify.channels.smpp.reader import read_smpp
from services.notify.channels.spool import SpoolProvider
from shared.data_files import Record

SPOOL = "spool"


def _read_spool(_record: Record, common: Common) -> Opener:
    return lambda around: SpoolProvider(around.data / common.channel)


KINDS: Mapping[str, Kind] = {
    SPOOL: Kind(channels=(Channel.SMS, Channel.EMAIL), read=_read_spool, needs_secret=False),
    "smpp": Kind(channels=(Channel.SMS,), read=read_smpp),
    "http-sms": Kind(channels=(Channel.SMS,), read=read_http_sms, reports=True),
}
