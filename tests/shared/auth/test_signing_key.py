"""A key pair: who has the public half checks tokens and can issue none; keys can be changed while old tokens are valid."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest

from shared.auth import InvalidToken, TokenVerifier, issue_token
from shared.auth.keys import UnusableKey, open_keys
from shared.runtime.settings import AuthSettings
from shared.runtime.signing_key import key_set, read_signing_key, write_signing_key


def made(path: Path) -> AuthSettings:
    write_signing_key(path)
    return AuthSettings(signing_key_file=str(path))


def checker(*signers: AuthSettings) -> AuthSettings:
    return AuthSettings(jwks=key_set(*(read_signing_key(signer.signing_key_file) for signer in signers)))


def verify(auth: AuthSettings, token: str) -> str:
    return TokenVerifier(auth, lambda: datetime.now(UTC)).verify(token).subject


def test_a_service_checks_tokens_and_can_issue_none(tmp_path: Path) -> None:
    signer = made(tmp_path / "key.pem")
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    token = issue_token(signer, "clerk-1", "clerk")
    assert verify(checker(signer), token) == verify(signer, token) == "clerk-1"
    assert '"d"' not in checker(signer).jwks
    with pytest.raises(ValueError, match="no key here that signs"):
        issue_token(checker(signer), "clerk-1", "clerk")
    with pytest.raises(InvalidToken):
        verify(
            checker(signer),
            issue_token(AuthSettings(hs256_key="some other key of 32 characters or more"), "x", "leader"),
        )


def test_keys_change_while_old_tokens_are_valid(tmp_path: Path) -> None:
    old, new = made(tmp_path / "old.pem"), made(tmp_path / "new.pem")
    tokens = [issue_token(signer, "clerk-1", "clerk") for signer in (old, new)]
    assert [verify(checker(new, old), token) for token in tokens] == ["clerk-1", "clerk-1"]
    with pytest.raises(InvalidToken, match="unknown key"):
        verify(checker(new), tokens[0])


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    made(tmp_path / "key.pem")
    with pytest.raises(FileExistsError):
        write_signing_key(tmp_path / "key.pem")


@pytest.mark.parametrize("jwks", ["{}", "no JSON", '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'])
def test_a_set_without_a_public_key_is_refused(jwks: str) -> None:
    with pytest.raises(UnusableKey):
        open_keys(AuthSettings(jwks=jwks))


@pytest.mark.parametrize("claims", [{"sub": "a\ud800"}, {"sub": "a\x00"}, {"sub": "a", "agency": "H\udfff"}])
def test_claims_that_no_database_stores_make_a_token_invalid(tmp_path: Path, claims: dict[str, Any]) -> None:
    signer = made(tmp_path / "key.pem")
    everything = {"exp": 9_999_999_999, "aud": "motcua", "roles": ["clerk"], **claims}
    token = jwt.PyJWS().encode(
        json.dumps(everything).encode(), read_signing_key(signer.signing_key_file).private, algorithm="ES256"
    )
    with pytest.raises(InvalidToken):
        verify(signer, token)
