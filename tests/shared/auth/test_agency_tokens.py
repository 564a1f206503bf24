"""The key pair of agencies' tokens: its tokens have the role of agencies and no other, whatever they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from shared.auth import ROLES, InvalidToken, Principal, TokenVerifier, issue_agency_token, issue_token
from shared.auth.keys import UnusableKey, open_agency_keys
from shared.runtime.settings import AuthSettings
from shared.runtime.signing_key import key_set, new_signing_key, parse_signing_key

AGENCY, NAME, HOUR = "H12.14.02", "agency.H12.14.02", timedelta(hours=1)
OFFICIALS = new_signing_key().decode()
AGENCIES, NEXT = new_signing_key().decode(), new_signing_key().decode()
PRODUCTION = AuthSettings(
    jwks=key_set(parse_signing_key(OFFICIALS)),
    agency_jwks=key_set(parse_signing_key(AGENCIES)),
    agency_signing_key=AGENCIES,
)
SERVICE = replace(PRODUCTION, agency_signing_key="")
"""Every service but routing: it checks, and can issue none."""


def verify(auth: AuthSettings, token: str) -> Principal:
    return TokenVerifier(auth, lambda: datetime.now(UTC)).verify(token)


def signed(key: str, **claims: Any) -> str:
    """A token as somebody makes it who has stolen a key."""
    signer = parse_signing_key(key)
    named = {"sub": "thief", "exp": datetime.now(UTC) + HOUR, "aud": "motcua", **claims}
    return jwt.encode(named, signer.private, algorithm="ES256", headers={"kid": signer.kid})


def test_every_service_checks_a_token_and_only_who_has_the_private_key_issues_one() -> None:
    token = issue_agency_token(PRODUCTION, NAME, AGENCY, HOUR)
    assert verify(SERVICE, token) == Principal(NAME, frozenset({"agency"}), AGENCY)
    assert (PRODUCTION.signs, PRODUCTION.signs_for_agencies, SERVICE.signs_for_agencies) == (False, True, False)
    assert PRODUCTION.agencies_have_keys
    assert SERVICE.agencies_have_keys
    with pytest.raises(ValueError, match="no key here that signs"):
        issue_agency_token(SERVICE, NAME, AGENCY, HOUR)
    with pytest.raises(ValueError, match="no key here that signs"):
        issue_token(PRODUCTION, "clerk-1", "clerk", AGENCY)
    assert "PRIVATE KEY" not in repr(PRODUCTION)


def test_a_stolen_key_of_agencies_opens_nothing_of_officials() -> None:
    assert verify(SERVICE, signed(AGENCIES, roles=list(ROLES), agency=AGENCY)).roles == {"agency"}
    assert verify(SERVICE, signed(AGENCIES, role="leader")).roles == frozenset()
    assert verify(SERVICE, signed(OFFICIALS, role="leader")).roles == {"leader"}


def test_a_token_of_another_key_is_refused() -> None:
    with pytest.raises(InvalidToken, match="unknown key"):
        verify(SERVICE, signed(NEXT, role="agency", agency=AGENCY))
    with pytest.raises(InvalidToken, match="unknown key"):
        verify(replace(SERVICE, agency_jwks=""), signed(AGENCIES, role="agency", agency=AGENCY))
    forged = jwt.encode(
        {"sub": "x"}, parse_signing_key(NEXT).private, "ES256", {"kid": parse_signing_key(AGENCIES).kid}
    )
    with pytest.raises(InvalidToken, match="malformed or not signed"):
        verify(SERVICE, forged)


def test_keys_change_while_old_tokens_are_valid() -> None:
    both = key_set(parse_signing_key(NEXT), parse_signing_key(AGENCIES))
    changed = replace(PRODUCTION, agency_jwks=both, agency_signing_key=NEXT)
    for auth in (PRODUCTION, changed):
        assert verify(changed, issue_agency_token(auth, NAME, AGENCY, HOUR)).agency == AGENCY


def test_on_one_machine_the_platforms_own_key_signs(tmp_path: Path) -> None:
    own = tmp_path / "token.key"
    own.write_text(OFFICIALS)
    for auth in (AuthSettings(signing_key_file=str(own)), AuthSettings(hs256_key="k" * 48)):
        assert verify(auth, issue_agency_token(auth, NAME, AGENCY, HOUR)).roles == {"agency"}
        assert auth.signs_for_agencies
        assert auth.agencies_have_keys


def test_the_private_key_may_stand_on_one_line() -> None:
    one_line = replace(PRODUCTION, agency_signing_key=AGENCIES.strip().replace("\n", "\\n"))
    assert verify(SERVICE, issue_agency_token(one_line, NAME, AGENCY, HOUR)).agency == AGENCY


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"agency_jwks": "no json"}, "key of agencies' tokens"),
        ({"agency_jwks": '{"keys": []}'}, "key of agencies' tokens"),
        ({"agency_signing_key": NEXT}, "does not hold the public half"),
        ({"agency_signing_key": "secret text"}, "the signing key"),
    ],
)
def test_settings_that_do_not_fit_are_refused_at_start(changed: dict[str, str], fault: str) -> None:
    with pytest.raises(UnusableKey, match=fault) as caught:
        open_agency_keys(replace(PRODUCTION, **changed))
    assert "secret text" not in str(caught.value)
