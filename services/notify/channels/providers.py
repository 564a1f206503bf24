"""The SMS provider that the setting ``MOTCUA_SMS_PROVIDER`` names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.notify.channels.port import Provider
from services.notify.channels.spool import SpoolProvider
from shared.runtime.settings import Settings

PROVIDERS: Mapping[str, Callable[[Settings], Provider]] = {
    "spool": lambda settings: SpoolProvider(settings.data / "sms")
}
"""Value of ``MOTCUA_SMS_PROVIDER`` → how to open the provider."""


class UnknownProvider(ValueError):
    """The setting names a provider that does not exist."""


def open_provider(settings: Settings) -> Provider:
    """Opens the SMS provider that the settings name.

    Raises:
        UnknownProvider: no provider has this name.
    """
    factory = PROVIDERS.get(settings.sms_provider)
    if factory is None:
        raise UnknownProvider(
            f"MOTCUA_SMS_PROVIDER={settings.sms_provider!r} is not one of {', '.join(sorted(PROVIDERS))}"
        )
    return factory(settings)
