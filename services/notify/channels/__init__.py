"""Those who carry messages to citizens, behind one small port; which one is a setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.notify.channels.port import Provider
from services.notify.channels.spool import SpoolProvider
from shared.runtime.settings import Settings

PROVIDERS: Mapping[str, Callable[[Settings], Provider]] = {
    "spool": lambda settings: SpoolProvider(settings.data / "sms")
}
"""``MOTCUA_SMS_PROVIDER`` → how to open it."""


class UnknownProvider(ValueError):
    """The setting names a provider that does not exist."""


def open_provider(settings: Settings) -> Provider:
    """The SMS provider that the settings name.

    Raises:
        UnknownProvider: there is none of this name.
    """
    maker = PROVIDERS.get(settings.sms_provider)
    if maker is None:
        raise UnknownProvider(
            f"MOTCUA_SMS_PROVIDER={settings.sms_provider!r} is not one of {', '.join(sorted(PROVIDERS))}"
        )
    return maker(settings)
