"""What a provider, or who stands between, may answer to a sign-in: only a right answer tells who somebody is, and none keeps us busy."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.openid import OpenIdClient, OpenIdSettings, ProviderUnavailable, Request, SignInFailed
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.processes import Proc, python, wait_port

Asked = tuple[OpenIdClient, Request]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a provider in a process of its own."""
    port = free_port()
    log = tmp_path_factory.mktemp("provider") / "log"
    with Proc(python("-m", "tests.support.hostile_provider", str(port)), log=Path(log)) as process:
        wait_port(port, process=process)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def asked(issuer: str) -> Asked:
    """A client that knows nothing yet, and a sign-in that it has begun."""
    return OpenIdClient(OpenIdSettings(issuer, "motcua", "secret", "http://localhost/callback")), Request.new()


def claims(asked: Asked, kind: str, **changes: str) -> dict[str, object]:
    client, request = asked
    answer = {"state": request.state, "code": f"{kind}.{request.nonce}", "iss": client.settings.issuer}
    return client.claims(request, answer | changes)


def keys_read(issuer: str) -> int:
    with urllib.request.urlopen(f"{issuer}/count") as answer:
        return int(json.load(answer)["jwks"])


def test_a_right_answer_tells_who_it_is(asked: Asked) -> None:
    found = claims(asked, "right")
    assert (found["sub"], found["citizen_id"]) == ("somebody", "095185001234")


@pytest.mark.parametrize(
    "kind",
    [
        *("other_nonce", "no_nonce", "other_key", "unsigned", "public_key_as_secret", "other_audience", "other_issuer"),
        *("other_party", "no_party", "expired", "future", "no_end", "no_subject", "no_token", "used", "other_person"),
    ],
)
def test_an_answer_with_one_fault_signs_nobody_in(asked: Asked, kind: str) -> None:
    with pytest.raises(SignInFailed):
        claims(asked, kind)


@pytest.mark.parametrize(
    "changes",
    [{"state": "another"}, {"state": ""}, {"iss": "https://other.example"}, {"code": ""}, {"error": "access_denied"}],
)
def test_an_answer_that_belongs_to_no_sign_in_of_ours_signs_nobody_in(asked: Asked, changes: dict[str, str]) -> None:
    with pytest.raises(SignInFailed):
        claims(asked, "right", **changes)


@pytest.mark.parametrize("kind", ["html", "array", "huge", "garbage", "redirect", "broken"])
def test_a_provider_that_answers_nonsense_is_unavailable(asked: Asked, kind: str) -> None:
    with pytest.raises(ProviderUnavailable):
        claims(asked, kind)


@pytest.mark.parametrize("kind", ["silent", "drop_by_drop"])
def test_a_provider_that_is_slow_is_unavailable_in_time(
    asked: Asked, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.openid.http.SECONDS", 0.4)
    monkeypatch.setattr("shared.openid.http.MOST_SECONDS", 0.8)
    with pytest.raises(ProviderUnavailable):
        claims(asked, kind)


def test_a_provider_that_is_away_is_unavailable() -> None:
    client = OpenIdClient(OpenIdSettings(f"http://127.0.0.1:{free_port()}", "motcua", "secret", "http://localhost/"))
    with pytest.raises(ProviderUnavailable):
        client.authorization_url(Request.new())


def test_unknown_keys_make_the_set_be_read_once_more_and_not_each_time(asked: Asked, issuer: str) -> None:
    claims(asked, "right")
    before = keys_read(issuer)
    for _ in range(5):
        with pytest.raises(SignInFailed):
            claims(asked, "unknown_key")
    assert keys_read(issuer) - before <= 1


def test_a_new_key_of_the_provider_is_read_when_it_is_first_met(asked: Asked, issuer: str) -> None:
    before = keys_read(issuer)
    assert claims(asked, "rotated")["sub"] == "somebody"
    assert keys_read(issuer) - before == 1
