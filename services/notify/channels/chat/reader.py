"""Reads the entries of a chat service in the provider file."""

from __future__ import annotations

from services.notify.channels.chat.provider import ChatProvider
from services.notify.channels.chat.settings import parse_chat
from services.notify.channels.chat.tokens import AccessTokens
from services.notify.channels.config.model import Common, Opener
from shared.data_files import Record


def read_chat(record: Record, common: Common) -> Opener:
    """Reads the entries; gives how to open the provider.

    Args:
        record: the provider's.
        common: entries that all providers have.
    """
    settings = parse_chat(record, common.name, common.secret)
    return lambda around: ChatProvider(settings, AccessTokens(around.context.store, settings))
