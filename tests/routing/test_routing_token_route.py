"""The token route of agencies' own software: what it gives, every error of RFC 6749, section 5.2, that applies, and limits for guessing."""

from __future__ import annotations

import string
from base64 import b64encode
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select, update

from services.routing.agency_keys.commands import new_key, revoke_all
from services.routing.agency_keys.store import KEY_FAILURES, agency_keys
from services.routing.agency_keys.throttle import MAX_FAILURES, delete_old_failures
from services.routing.app import create_app
from shared.auth import TokenVerifier
from shared.persistence.wrong_tries import MAX_FAILURES_OF_ADDRESS, WINDOW
from shared.runtime.settings import AuthSettings
from shared.runtime.signing_key import key_set, new_signing_key, parse_signing_key
from tests.routing.service_fixture import REGISTRY, TAX, Client, RoutingFixture

PATH = "/routing/oauth/token"
NAME = f"agency.{REGISTRY}"
GRANT = {"grant_type": "client_credentials"}
ALLOWED = set(string.ascii_letters + string.digits + string.punctuation + " ") - set('"\\')
"""Of an error_description (RFC 6749, section 5.2)."""


@pytest.fixture
def secret(service: RoutingFixture) -> str:
    return service.run(lambda work: new_key(work, REGISTRY, "cli:operator"))[1]


@pytest.fixture
def client(service: RoutingFixture) -> Client:
    return service.client()


def basic(name: str, secret: str) -> dict[str, str]:
    pair = f"{quote_plus(name)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def refused(answer: Any, status: int, error: str) -> str:
    """Checks that a refusal is as the RFC wants it; returns its description."""
    assert (answer.status_code, answer.json["error"]) == (status, error), answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)
    description: str = answer.json["error_description"]
    assert set(description) <= ALLOWED
    assert answer.json["message_vi"]
    return description


@pytest.mark.parametrize("way", ["basic", "body", "basic with its name in the body"])
def test_a_client_gets_a_token_for_its_agency_alone(
    service: RoutingFixture, client: Client, secret: str, way: str
) -> None:
    data = {"body": {"client_id": NAME, "client_secret": secret}, "basic": {}}.get(way, {"client_id": NAME})
    answer = client.post(PATH, data=GRANT | data, headers={} if way == "body" else basic(NAME, secret))
    assert answer.status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    assert answer.content_type == "application/json"
    body = answer.json
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    expected = service.store.clock.wall() + timedelta(days=365)
    assert body["key_expires_at"] == expected.isoformat(timespec="seconds")
    found = TokenVerifier(service.context.settings.auth, service.store.clock.wall).verify(body["access_token"])
    assert (found.subject, found.roles, found.agency) == (NAME, frozenset({"agency"}), REGISTRY)


def test_the_token_opens_what_agencies_may_and_nothing_else(
    service: RoutingFixture, client: Client, secret: str
) -> None:
    token = client.post(PATH, data=GRANT, headers=basic(NAME, secret)).json["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/routing/api/tasks/none", headers=headers).status_code == 404
    assert client.get("/routing/api/queues", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("data", "error", "named"),
    [
        ({"other": "field"}, "invalid_request", "grant_type is missing"),
        ({"grant_type": ""}, "invalid_request", "grant_type is missing"),
        ({"grant_type": ["client_credentials"] * 2}, "invalid_request", "grant_type comes twice"),
        ({**GRANT, "client_id": ["a", "b"]}, "invalid_request", "client_id comes twice"),
        ({**GRANT, "client_secret": "again"}, "invalid_request", "one way only"),
        ({**GRANT, "client_id": f"agency.{TAX}"}, "invalid_request", "one way only"),
        ({"grant_type": "password"}, "unsupported_grant_type", "must be client_credentials"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type", "must be client_credentials"),
        ({**GRANT, "scope": "admin"}, "invalid_scope", "no scopes"),
        ({**GRANT, "scope": "a\x00b"}, "invalid_request", "cannot be read"),
    ],
)
def test_a_wrong_request_is_named(client: Client, secret: str, data: dict[str, Any], error: str, named: str) -> None:
    assert named in refused(client.post(PATH, data=data, headers=basic(NAME, secret)), 400, error)


def test_only_a_form_in_the_body_is_read(client: Client, secret: str) -> None:
    credentials = {"client_id": NAME, "client_secret": secret}
    as_json = client.post(PATH, json={**GRANT, **credentials})
    assert "x-www-form-urlencoded" in refused(as_json, 400, "invalid_request")
    in_address = client.post(f"{PATH}?client_secret={secret}", data={**GRANT, "client_id": NAME})
    assert "not the address" in refused(in_address, 400, "invalid_request")
    other_charset = client.post(
        PATH, data=b"grant_type=client_credentials", content_type="application/x-www-form-urlencoded; charset=utf-16"
    )
    refused(other_charset, 400, "invalid_request")
    assert client.get(PATH).status_code == 405


@pytest.mark.parametrize(
    "header",
    ["", "Bearer abc", "Basic", "Basic %%%", "Basic " + b64encode(b"\xff:\xff").decode(), "Basic YWJj", "Basic Og=="],
)
def test_a_client_that_does_not_name_itself_is_asked_to(client: Client, header: str) -> None:
    answer = client.post(PATH, data=GRANT, headers={"Authorization": header} if header else {})
    refused(answer, 401, "invalid_client")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="motcua", charset="UTF-8"'
    refused(client.post(PATH, data={**GRANT, "client_id": NAME}), 401, "invalid_client")


@pytest.mark.parametrize(
    "name", [f"agency.{TAX}", REGISTRY, "agency.", "agency.H99.99", "agency.\x00", "agency." + "x" * 300, "cơ quan"]
)
def test_an_unknown_client_is_answered_as_a_wrong_secret(client: Client, secret: str, name: str) -> None:
    of_unknown = client.post(PATH, data=GRANT, headers=basic(name, secret))
    of_wrong = client.post(PATH, data=GRANT, headers=basic(NAME, "wrong"))
    refused(of_unknown, 401, "invalid_client")
    assert of_unknown.json == of_wrong.json


def test_a_key_that_is_over_is_named_to_who_has_it(service: RoutingFixture, client: Client, secret: str) -> None:
    service.advance(timedelta(days=365))
    expired = client.post(PATH, data=GRANT, headers=basic(NAME, secret))
    assert "expired at 08:15 20/11/2026" in refused(expired, 401, "invalid_client")
    service.run(lambda work: revoke_all(work, REGISTRY, "cli:operator"))
    for _ in range(MAX_FAILURES + 1):  # who has the right secret does not guess, so it goes on being told why
        revoked = client.post(PATH, data=GRANT, headers=basic(NAME, secret))
        assert "was revoked" in refused(revoked, 401, "invalid_client")


def test_guessing_is_limited_and_the_right_secret_is_never_refused(
    service: RoutingFixture, client: Client, secret: str
) -> None:
    for number in range(MAX_FAILURES):
        refused(client.post(PATH, data=GRANT, headers=basic(NAME, f"guess-{number}")), 401, "invalid_client")
    answer = client.post(PATH, data=GRANT, headers=basic(NAME, "another guess"))
    assert "too many wrong secrets" in refused(answer, 429, "temporarily_unavailable")
    assert 0 < int(answer.headers["Retry-After"]) <= WINDOW.total_seconds()
    assert client.post(PATH, data=GRANT, headers=basic(NAME, secret)).status_code == 200
    service.advance(WINDOW)
    refused(client.post(PATH, data=GRANT, headers=basic(NAME, "a guess")), 401, "invalid_client")


def test_guessing_at_many_agencies_is_limited_by_the_address(service: RoutingFixture, client: Client) -> None:
    guesses = [
        client.post(PATH, data=GRANT, headers=basic(f"agency.H{number}", "guess")).status_code
        for number in range(MAX_FAILURES_OF_ADDRESS + 1)
    ]
    assert guesses == [401] * MAX_FAILURES_OF_ADDRESS + [429]
    with service.store.read() as connection:
        counted = connection.execute(select(KEY_FAILURES.table.c.of)).scalars().all()
    assert not [of for of in counted if "127.0.0.1" in of]
    service.advance(WINDOW + timedelta(seconds=1))
    assert delete_old_failures(service.context) == len(counted)


def test_a_revoked_key_gives_no_token_at_once(service: RoutingFixture, client: Client, secret: str) -> None:
    assert client.post(PATH, data=GRANT, headers=basic(NAME, secret)).status_code == 200
    service.run(lambda work: work.execute(update(agency_keys).values(revoked_at=work.clock.wall(), revoked_by="x")))
    refused(client.post(PATH, data=GRANT, headers=basic(NAME, secret)), 401, "invalid_client")


def with_auth(service: RoutingFixture, auth: AuthSettings) -> Client:
    """Routing's API with other keys of tokens."""
    context = replace(service.context, settings=replace(service.context.settings, auth=auth))
    app = create_app(context)
    app.test_client_class = Client
    made = app.test_client()
    assert isinstance(made, Client)
    return made


OFFICIALS, AGENCIES = (parse_signing_key(new_signing_key().decode()) for _ in range(2))


def test_where_an_identity_provider_issues_tokens_the_route_says_so(sqlite_service: RoutingFixture) -> None:
    client = with_auth(sqlite_service, AuthSettings(jwks=key_set(OFFICIALS)))
    answer = client.post(PATH, data=GRANT, headers=basic(NAME, "any"))
    assert "identity provider" in refused(answer, 400, "unsupported_grant_type")


def test_in_production_a_key_for_agencies_alone_signs(sqlite_service: RoutingFixture) -> None:
    _, secret = sqlite_service.run(lambda work: new_key(work, REGISTRY, "cli:operator"))
    pem = AGENCIES.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    checking = AuthSettings(jwks=key_set(OFFICIALS), agency_jwks=key_set(AGENCIES))
    answer = with_auth(sqlite_service, replace(checking, agency_signing_key=pem)).post(
        PATH, data=GRANT, headers=basic(NAME, secret)
    )
    found = TokenVerifier(checking, sqlite_service.store.clock.wall).verify(answer.json["access_token"])
    assert (found.subject, found.roles, found.agency) == (NAME, frozenset({"agency"}), REGISTRY)
    without = with_auth(sqlite_service, checking).post(PATH, data=GRANT, headers=basic(NAME, secret))
    assert "tell the platform's operators" in refused(without, 503, "temporarily_unavailable")
    assert without.headers["Retry-After"] == "60"
