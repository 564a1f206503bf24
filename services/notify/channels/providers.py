"""The providers of a process, by channel."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from weakref import WeakKeyDictionary

from services.notify.channels.config.kinds import SPOOL, open_spool
from services.notify.channels.config.model import ProviderSettings, Surroundings
from services.notify.channels.config.reader import configured_file, read_providers
from services.notify.channels.domain import Channel
from services.notify.channels.inbound_port import OnInbound
from services.notify.channels.parts.sink import StoredReceipts
from services.notify.channels.pool.member import Member, MemberSettings
from services.notify.channels.pool.metrics import known
from services.notify.channels.pool.provider_pool import ProviderPool
from services.notify.inbound.commands import taker_of
from services.notify.post.letters.queue import LETTERS, LetterQueue
from shared.persistence.store import Store
from shared.runtime.context import Context

log = logging.getLogger(__name__)

SPOOLED = (Channel.SMS, Channel.EMAIL)
"""Channels whose deliveries are written to files where no provider is configured."""


def configured_providers() -> Sequence[ProviderSettings]:
    """The providers of the file that ``MOTCUA_NOTIFY_PROVIDERS`` names, read once; none without the setting.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    file = configured_file()
    return _read_once(file) if file is not None else ()


@cache
def _read_once(file: Path) -> Sequence[ProviderSettings]:
    return read_providers(file)


def open_providers(context: Context, on_inbound: OnInbound | None = None) -> Mapping[Channel, ProviderPool]:
    """Opens the providers of each channel that has any; they connect at first use.

    Args:
        context: of notify.
        on_inbound: stores messages of citizens; without it they are refused for good.

    Raises:
        shared.data_files.DataError: with every fault of the provider file.
    """
    data = context.settings.data
    around = Surroundings(data, context, StoredReceipts(context.store), on_inbound or _nobody_reads)
    members: dict[Channel, list[Member]] = defaultdict(list)
    found = configured_providers()
    for provider in found:
        settings = MemberSettings(provider.name, provider.kind, provider.weight, provider.rate_per_second)
        members[provider.channel].append(Member(settings, provider.open(around)))
        known(provider.channel, provider.name)
    if not found:
        for channel in SPOOLED:
            members[channel].append(Member(MemberSettings(SPOOL, SPOOL), open_spool(channel, around)))
    letters = LetterQueue(LETTERS, context.store, context.reference.agencies)
    members[Channel.LETTER].append(Member(MemberSettings(LETTERS, LETTERS), letters))
    return {channel: ProviderPool(channel, own) for channel, own in members.items()}


_opened: WeakKeyDictionary[Store, Mapping[Channel, ProviderPool]] = WeakKeyDictionary()
_lock = Lock()


def providers_of(context: Context) -> Mapping[Channel, ProviderPool]:
    """The providers of a service in this process, opened once: they keep their connections.

    Raises:
        shared.data_files.DataError: with every fault of the provider file.
    """
    with _lock:
        if context.store not in _opened:
            _opened[context.store] = open_providers(context, taker_of(context))
        return _opened[context.store]


def _nobody_reads(_sender: str, _recipient: str, _text: str, _at: datetime) -> None:
    """A citizen has written to a number that nobody reads; the network shall not send it again."""
    log.info("a message of a citizen was dropped: nothing reads them")
