"""The platform as a client of the provider: where to send the browser, and what its answer proves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import jwt
from jwt import PyJWKSet
from jwt.exceptions import PyJWTError

from shared.auth.keys import KeyRing, KeysUnavailable
from shared.openid.http import CallFailed, get_json, post_form
from shared.openid.settings import OpenIdSettings

SCOPE = "openid profile phone email address"
LEEWAY_SECONDS = 60
"""By how much the provider's clock may differ from ours."""
METADATA_SECONDS = 3600.0
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderUnavailable(Exception):
    """The provider cannot be reached, or does not answer as it must; trying again later may help."""


class SignInFailed(Exception):
    """What came back does not prove who the person is."""


@dataclass(frozen=True, slots=True)
class Request:
    """One sign-in under way. The browser that began it keeps it in a cookie, so nobody else can end it.

    Attributes:
        state: comes back in the address; against answers to requests that this browser did not make.
        nonce: comes back in the identity token; against tokens of other sign-ins.
        verifier: proves that who redeems the code began the sign-in (RFC 7636).
    """

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Request:
        """With new random values."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


@dataclass(frozen=True, slots=True)
class _Metadata:
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    end_session_endpoint: str
    iss_parameter: bool
    keys: KeyRing


class OpenIdClient:
    """The client of one provider; thread-safe. Its metadata and keys are read at first use and kept for a while.

    Args:
        settings: which provider.
    """

    def __init__(self, settings: OpenIdSettings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._metadata: _Metadata | None = None
        self._stale_at = 0.0

    def authorization_url(self, request: Request) -> str:
        """Where to send the browser.

        Raises:
            ProviderUnavailable: the provider's metadata cannot be read.
        """
        challenge = base64.urlsafe_b64encode(hashlib.sha256(request.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.settings.redirect_uri,
            "scope": SCOPE,
            "state": request.state,
            "nonce": request.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._discover().authorization_endpoint
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"

    def claims(self, request: Request, answer: Mapping[str, str]) -> dict[str, Any]:
        """Who has signed in.

        Args:
            request: as kept by the browser.
            answer: the query with which the browser came back.

        Returns:
            the claims of the identity token, and those of the provider's user information.

        Raises:
            SignInFailed: the answer does not belong to the request, or the provider refused.
            ProviderUnavailable: the provider cannot be asked.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), request.state.encode()):
            raise SignInFailed("the state is another one")
        metadata = self._discover()
        if answer.get("iss", "" if metadata.iss_parameter else self.settings.issuer) != self.settings.issuer:
            raise SignInFailed("another issuer answered")  # RFC 9207: against mixing providers up
        if "error" in answer or not answer.get("code"):
            raise SignInFailed("the provider gave no code")
        tokens = self._redeem(metadata, answer["code"], request.verifier)
        claims = self._verified(metadata, tokens.get("id_token"), request.nonce)
        return self._with_user_information(metadata, claims, tokens.get("access_token"))

    def end_session_url(self) -> str:
        """Where a person signs out of the provider too; empty where it has no such page, or cannot be asked."""
        try:
            endpoint = self._discover().end_session_endpoint
        except ProviderUnavailable:
            return ""
        return f"{endpoint}?{urlencode({'client_id': self.settings.client_id})}" if endpoint else ""

    def _discover(self) -> _Metadata:
        with self._lock:
            if self._metadata is not None and time.monotonic() < self._stale_at:
                return self._metadata
            try:
                found = get_json(f"{self.settings.issuer}/.well-known/openid-configuration")
                self._metadata = self._read_metadata(found)
            except CallFailed as error:
                if self._metadata is None:
                    raise ProviderUnavailable(f"metadata: {error}") from error
            self._stale_at = time.monotonic() + METADATA_SECONDS
            return self._metadata

    def _read_metadata(self, found: Mapping[str, Any]) -> _Metadata:
        if found.get("issuer") != self.settings.issuer:
            raise CallFailed("the metadata name another issuer")
        secure = self.settings.issuer.startswith("https:")
        for name in (*_ENDPOINTS, "userinfo_endpoint", "end_session_endpoint"):
            value = found.get(name, "")
            schemes = ("https",) if secure else ("http", "https")
            missing = name in _ENDPOINTS and not value
            if missing or not isinstance(value, str) or (value and urlsplit(value).scheme not in schemes):
                raise CallFailed(f"the metadata have no usable {name}")
        jwks_uri = found["jwks_uri"]
        return _Metadata(
            found["authorization_endpoint"],
            found["token_endpoint"],
            found.get("userinfo_endpoint", ""),
            found.get("end_session_endpoint", ""),
            bool(found.get("authorization_response_iss_parameter_supported")),
            KeyRing(lambda: _key_set(jwks_uri)),
        )

    def _redeem(self, metadata: _Metadata, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.settings.redirect_uri,
            "code_verifier": verifier,
        }
        pair = f"{quote_plus(self.settings.client_id)}:{quote_plus(self.settings.client_secret)}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode()
        try:
            return post_form(metadata.token_endpoint, form, authorization)
        except CallFailed as error:
            if error.status == 400:
                raise SignInFailed("the code was refused") from error
            raise ProviderUnavailable(f"token: {error}") from error

    def _verified(self, metadata: _Metadata, token: Any, nonce: str) -> dict[str, Any]:
        """The claims of an identity token (OpenID Connect Core, section 3.1.3.7). The key decides the algorithm."""
        if not isinstance(token, str):
            raise SignInFailed("there is no identity token")
        try:
            key = metadata.keys.find(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise SignInFailed("the identity token has an unknown key")
            claims: dict[str, Any] = jwt.decode(
                token,
                key.material,
                algorithms=[key.algorithm],
                audience=self.settings.client_id,
                issuer=self.settings.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except KeysUnavailable as error:
            raise ProviderUnavailable("the provider's keys cannot be read") from error
        except PyJWTError as error:
            raise SignInFailed(f"the identity token is not valid: {type(error).__name__}") from error
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise SignInFailed("the identity token is of another sign-in")
        audience = claims["aud"]
        several = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", None if several else self.settings.client_id) != self.settings.client_id:
            raise SignInFailed("the identity token is for another client")
        return claims

    def _with_user_information(self, metadata: _Metadata, claims: dict[str, Any], token: Any) -> dict[str, Any]:
        if not metadata.userinfo_endpoint or not isinstance(token, str):
            return claims
        try:
            found = get_json(metadata.userinfo_endpoint, token)
        except CallFailed as error:
            raise ProviderUnavailable(f"user information: {error}") from error
        if found.get("sub") != claims["sub"]:
            raise SignInFailed("the user information is of another person")
        return {**found, **claims}


def _key_set(address: str) -> PyJWKSet:
    try:
        return PyJWKSet.from_dict(get_json(address))
    except CallFailed as error:
        raise OSError(str(error)) from error
