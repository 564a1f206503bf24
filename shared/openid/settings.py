"""Which provider signs citizens in, and as which client it knows this platform."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from shared.runtime.generated_keys import generated_file
from shared.runtime.settings import Settings, SettingsError

CALLBACK = "/intake/online/sign-in/callback"
"""The path to which the provider sends the browser back; register the public address with it as redirect URI."""
BUILT_IN = "identity-provider"
"""The first part of the paths of the provider that comes with the platform, for a machine of one's own."""
DEFAULT_CLIENT = "motcua"
DEFAULT_CLAIM = "citizen_id"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """The settings of the sign-in.

    Attributes:
        issuer: the provider's address; empty where citizens cannot sign in.
        client_id: this platform's name at the provider.
        client_secret: its secret there.
        redirect_uri: where the provider sends the browser back to.
        id_claim: the claim that holds the citizen's identity number.
        built_in: whether the platform's own provider is meant, which lets anybody at this machine choose a sample citizen.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    id_claim: str = DEFAULT_CLAIM
    built_in: bool = False


def read_openid_settings(settings: Settings, environ: Mapping[str, str] | None = None) -> OpenIdSettings:
    """Reads ``MOTCUA_OIDC_*``. Outside production the built-in provider is used where none is named.

    Args:
        settings: of the platform.
        environ: the process's environment by default.

    Raises:
        SettingsError: the issuer is no address, is not protected by TLS, or has no secret.
    """
    values = os.environ if environ is None else environ
    issuer = values.get("MOTCUA_OIDC_ISSUER", "").strip().rstrip("/")
    client = values.get("MOTCUA_OIDC_CLIENT_ID", "").strip() or DEFAULT_CLIENT
    secret = values.get("MOTCUA_OIDC_CLIENT_SECRET", "").strip()
    claim = values.get("MOTCUA_OIDC_ID_CLAIM", "").strip() or DEFAULT_CLAIM
    redirect_uri = settings.public_url + CALLBACK
    if issuer:
        _check(issuer, secret, settings.mode)
        return OpenIdSettings(issuer, client, secret, redirect_uri, claim)
    if settings.mode == "production":
        return OpenIdSettings("", client, "", redirect_uri, claim)
    own = generated_file(settings.data / "identity_provider.secret", lambda: secrets.token_urlsafe(32).encode())
    address = f"{settings.public_url}/{BUILT_IN}"
    return OpenIdSettings(address, DEFAULT_CLIENT, own.read_text().strip(), redirect_uri, DEFAULT_CLAIM, True)


def _check(issuer: str, secret: str, mode: str) -> None:
    faults = []
    parts = urlsplit(issuer)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        faults.append("MOTCUA_OIDC_ISSUER is not an address such as https://id.example.gov.vn")
    elif parts.scheme == "http" and (mode == "production" or parts.hostname not in LOOPBACK):
        faults.append("MOTCUA_OIDC_ISSUER must begin with https://")
    if not secret:
        faults.append("MOTCUA_OIDC_CLIENT_SECRET is not set")
    if faults:
        raise SettingsError(faults)
