"""The provider of online payments and the bank account that the settings name."""

from __future__ import annotations

from services.intake.payments.providers.gateway import Gateway
from services.intake.payments.providers.port import Provider
from services.intake.payments.vietqr import BankAccount
from shared.runtime.context import Context


def provider_of(context: Context) -> Provider | None:
    """The provider of online payments; None when the settings name none."""
    settings = context.settings.payments
    return Gateway(settings.gateway_url, settings.gateway_key, context.clock.wall) if settings.gateway_url else None


def account_of(context: Context) -> BankAccount | None:
    """The bank account that takes transfers; None when the settings name none."""
    text = context.settings.payments.account
    return BankAccount(*text.split(":")) if text else None


def can_pay_from_home(context: Context) -> bool:
    """Whether citizens can pay without coming to the desk: by the provider, or by a transfer."""
    return bool(context.settings.payments.gateway_url or context.settings.payments.account)
