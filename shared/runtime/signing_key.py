"""The key pair of a platform that issues its own tokens: the private half signs and stays with the issuer, the public half checks."""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


class UnusableSigningKey(ValueError):
    """The file or the text does not hold a P-256 private key in PEM."""


@dataclass(frozen=True)
class SigningKey:
    """A private key with the id of its public half (RFC 7638), by which checkers find it among several."""

    private: EllipticCurvePrivateKey
    kid: str

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half as a JSON Web Key."""
        return {**_members(self.private.public_key()), "kid": self.kid, "use": "sig", "alg": "ES256"}


def new_signing_key() -> bytes:
    """A new private key, in PEM."""
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@lru_cache(maxsize=8)
def read_signing_key(path: str) -> SigningKey:
    """The private key in a file.

    Raises:
        UnusableSigningKey: the file cannot be read, or holds another kind of key.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise UnusableSigningKey(f"{path}: {type(error).__name__}: {error}") from error
    return _parse(content, path)


@lru_cache(maxsize=8)
def parse_signing_key(text: str) -> SigningKey:
    """The private key in the text of a setting; ``\\n`` may stand for the ends of its lines.

    Raises:
        UnusableSigningKey: it holds another kind of key. The message repeats nothing of the text.
    """
    return _parse(text.replace("\\n", "\n").encode(), "the signing key")


def _parse(content: bytes, source: str) -> SigningKey:
    try:
        key = load_pem_private_key(content, None)
    except (ValueError, TypeError) as error:
        raise UnusableSigningKey(f"{source}: {type(error).__name__}: {error}") from error
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise UnusableSigningKey(f"{source} holds no P-256 private key")
    thumbprint = hashlib.sha256(orjson.dumps(_members(key.public_key()), option=orjson.OPT_SORT_KEYS)).digest()
    return SigningKey(key, _base64(thumbprint))


def write_signing_key(path: Path) -> None:
    """Writes a new private key that its owner alone can read.

    Raises:
        FileExistsError: there is a file already; it is kept.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(new_signing_key())


def key_set(*keys: SigningKey) -> str:
    """The public halves as a JWK Set on one line, for MOTCUA_JWKS."""
    return orjson.dumps({"keys": [key.jwk for key in keys]}).decode()


def _members(key: EllipticCurvePublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    x, y = (_base64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
