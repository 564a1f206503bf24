"""What the built-in provider signs: codes, identity tokens and access tokens. All are signed, so that no process must remember them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from typing import Any

import jwt
from jwt.exceptions import PyJWTError

from shared.identity_provider.citizens import SampleCitizen
from shared.runtime.signing_key import SigningKey

CODE_SECONDS = 60
TOKEN_SECONDS = 300


class BadGrant(ValueError):
    """The code is not valid, was used before, or was made for another request."""


class Tokens:
    """Makes and checks the tokens of one provider.

    Args:
        issuer: the provider's address.
        client_id: the only client.
        key: signs.
    """

    def __init__(self, issuer: str, client_id: str, key: SigningKey) -> None:
        self.issuer = issuer
        self.client_id = client_id
        self._key = key
        self._used: dict[str, float] = {}
        self._lock = threading.Lock()

    def code(self, citizen: SampleCitizen, redirect_uri: str, challenge: str, nonce: str) -> str:
        """A code for one sign-in, valid for :data:`CODE_SECONDS`."""
        fields = {"redirect_uri": redirect_uri, "challenge": challenge, "nonce": nonce, "jti": secrets.token_hex(8)}
        return self._sign("code", citizen.id, CODE_SECONDS, **fields)

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> tuple[str, str]:
        """The citizen and the nonce of a code, once.

        Raises:
            BadGrant: as it says.
        """
        found = self.read("code", code)
        if found is None:
            raise BadGrant("the code is not valid")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if found["redirect_uri"] != redirect_uri or not hmac.compare_digest(found["challenge"], challenge):
            raise BadGrant("the code was made for another request")
        with self._lock:
            now = time.time()
            self._used = {used: until for used, until in self._used.items() if until > now}
            if found["jti"] in self._used:
                raise BadGrant("the code was used before")
            self._used[found["jti"]] = found["exp"]
        return found["sub"], found["nonce"]

    def identity_token(self, citizen: SampleCitizen, nonce: str) -> str:
        """Says who has signed in; the other claims are at the user information."""
        return self._sign(self.client_id, citizen.id, TOKEN_SECONDS, nonce=nonce, name=citizen.name)

    def access_token(self, citizen: SampleCitizen) -> str:
        """Opens the user information."""
        return self._sign("userinfo", citizen.id, TOKEN_SECONDS)

    def read(self, audience: str, token: str) -> dict[str, Any] | None:
        """The claims of a token of our own; None when it is not valid."""
        try:
            found: dict[str, Any] = jwt.decode(
                token, self._key.private.public_key(), algorithms=["ES256"], audience=audience, issuer=self.issuer
            )
        except PyJWTError:
            return None
        return found

    def _sign(self, audience: str, subject: str, seconds: int, **claims: str) -> str:
        now = int(time.time())
        body = {"iss": self.issuer, "sub": subject, "aud": audience, "iat": now, "exp": now + seconds, **claims}
        return jwt.encode(body, self._key.private, algorithm="ES256", headers={"kid": self._key.kid})
