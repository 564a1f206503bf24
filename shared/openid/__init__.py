"""Signing citizens in with a national-id provider: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636)."""

from __future__ import annotations

from shared.openid.client import OpenIdClient, ProviderUnavailable, Request, SignInFailed
from shared.openid.settings import OpenIdSettings, read_openid_settings

__all__ = [
    "OpenIdClient",
    "OpenIdSettings",
    "ProviderUnavailable",
    "Request",
    "SignInFailed",
    "read_openid_settings",
]
