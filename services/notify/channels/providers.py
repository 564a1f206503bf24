"""The providers of a process, by channel."""

from __future__ import annotations

from collections.abc import Mapping

from services.notify.channels.domain import Channel
from services.notify.channels.port import Provider
from services.notify.channels.spool import SpoolProvider
from shared.runtime.settings import Settings


def open_providers(settings: Settings) -> Mapping[Channel, Provider]:
    """Opens the provider of each channel that has one; they connect at first use.

    Args:
        settings: from the environment.
    """
    return {Channel.SMS: SpoolProvider(settings.data / "sms"), Channel.EMAIL: SpoolProvider(settings.data / "email")}
