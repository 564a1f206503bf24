"""What the SDK asks the platform, with which token, and what each answer means."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.plugin_sdk.sdk import Paper, Person
from shared.plugin_sdk.sdk.metrics import Metrics
from shared.plugin_sdk.sdk.papers import PapersNotYet, PapersRefused, PapersUnavailable
from shared.plugin_sdk.sdk.platform_client import PAUSE_SECONDS, PlatformClient
from shared.plugin_sdk.sdk.settings import read_settings
from tests.shared.plugin_sdk.fake_platform import APPLICANT, DETAILS, NOT_YET_KNOWN, SECRET, FakePlatform, Reply
from tests.shared.plugin_sdk.support import serve_response

BROKER = {"MOTCUA_AGENCY": "H12.14_a", "MOTCUA_AMQP_URL": "amqp://agency.H12.14_a:secret@localhost/"}


class FakeClock:
    """Seconds that the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def platform() -> Iterator[FakePlatform]:
    """A platform that gives papers."""
    with FakePlatform() as platform:
        yield platform


def client_of(platform: FakePlatform, clock: FakeClock | None = None, **more: str) -> PlatformClient:
    """A client of the fake platform."""
    return PlatformClient(read_settings(BROKER | platform.settings(**more)), Metrics(), clock or FakeClock())


def test_a_dossier_is_read_with_all_that_the_platform_tells(platform: FakePlatform) -> None:
    details = client_of(platform).read_dossier("T/1")
    assert (details.dossier, details.procedure, details.case) == ("H12.20-251120-0118", "1.012756", "default")
    assert details.received_at == datetime.fromisoformat("2025-11-20T09:00:00+07:00")
    given_back = datetime.fromisoformat("2025-11-20T10:00:00+07:00")
    contract = Paper("c", "Hợp đồng", "original", 2, form="original", kept=True)
    assert details.papers == (contract, Paper("a", "Đơn", "form", given_back_at=given_back))
    assert details.applicant == Person(
        APPLICANT["name"], APPLICANT["id_number"], APPLICANT["id_kind"], APPLICANT["phone"]
    )
    assert details.representative is not None
    assert (details.representative.relation, details.representative.authority) == ("authorised", "Giấy ủy quyền số 12")
    assert [person.name for person in details.co_applicants] == ["Lê Văn Cam"]
    assert details.data == DETAILS
    assert platform.requests == ["token", "/intake/api/agency/steps/T/1/papers"]
    assert "0912345678" not in f"{Person('A', data=APPLICANT)!r}"


def test_a_token_is_used_until_a_minute_before_its_end(platform: FakePlatform) -> None:
    clock = FakeClock()
    client = client_of(platform, clock)
    for seconds, tokens in ((0, 1), (3539, 1), (2, 2)):
        clock.now += seconds
        client.read_dossier("T-1")
        assert platform.requests.count("token") == tokens


def test_a_refused_token_is_replaced_once(platform: FakePlatform) -> None:
    client = client_of(platform)
    client.read_dossier("T-1")
    platform.valid.clear()  # as after a change of the platform's signing key
    assert client.read_dossier("T-1").dossier
    assert platform.requests.count("token") == 2


def test_a_platform_that_accepts_no_token_is_asked_later(platform: FakePlatform) -> None:
    clock = FakeClock()
    client = client_of(platform, clock, MOTCUA_TOKEN="expired")
    with pytest.raises(PapersUnavailable, match="does not accept MOTCUA_TOKEN"):
        client.read_dossier("T-1")
    with pytest.raises(PapersUnavailable, match="asked again in 5 s"):
        client.read_dossier("T-2")
    assert platform.asked_for_papers == 1
    platform.valid.add("expired")
    clock.now += PAUSE_SECONDS
    assert client.read_dossier("T-2").papers


@pytest.mark.parametrize("status", [403, 404, 409, 410])
def test_refused_papers(platform: FakePlatform, status: int) -> None:
    platform.papers = [Reply(status, {"title": "No"})]
    with pytest.raises(PapersRefused, match=f"{status} No"):
        client_of(platform).read_dossier("T-1")


def test_a_step_that_is_not_known_yet_is_an_answer_of_its_own(platform: FakePlatform) -> None:
    platform.papers = [NOT_YET_KNOWN, Reply(200, DETAILS)]
    client = client_of(platform)
    with pytest.raises(PapersNotYet) as caught:
        client.read_dossier("T-1")
    assert caught.value.retry_after == 2
    assert client.read_dossier("T-1").papers, "no pause: the platform is there"


@pytest.mark.parametrize(
    "reply",
    [
        *(Reply(status, {}) for status in (0, 302, 400, 408, 429, 500, 502, 503, 504)),
        Reply(503, b"<html>"),
        Reply(200, b"no JSON"),
        Reply(200, b"[" * 100_000),
        Reply(200, {"dossier": "D", "papers": 1}),
        Reply(200, {"dossier": "D", "papers": [{"code": 1}]}),
        Reply(200, {"dossier": "D", "papers": [], "applicant": "An"}),
    ],
    ids=lambda reply: f"{reply.status}-{str(reply.content)[:12]}",
)
def test_any_other_answer_means_later(platform: FakePlatform, reply: Reply) -> None:
    platform.papers = [reply]
    with pytest.raises(PapersUnavailable) as caught:
        client_of(platform).read_dossier("T-1")
    assert not isinstance(caught.value, PapersNotYet)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply(401, {"error": "invalid_client"}), "does not accept MOTCUA_CLIENT_SECRET"),
        (Reply(400, {"error": "unsupported_grant_type"}), "400 unsupported_grant_type"),
        (Reply(429, {}, {"Retry-After": "7"}), "429"),
        (Reply(0), "RemoteDisconnected"),
        (Reply(200, b"no JSON"), "JSONDecodeError"),
        (Reply(200, {"access_token": "", "expires_in": 1}), "must be a text"),
        (Reply(200, {"access_token": "t"}), "expires_in"),
    ],
)
def test_without_a_token_papers_are_asked_later(platform: FakePlatform, reply: Reply, text: str) -> None:
    platform.token_replies = [reply]
    with pytest.raises(PapersUnavailable, match=text) as caught:
        client_of(platform).read_dossier("T-1")
    assert caught.value.retry_after == (7 if reply.status == 429 else None)
    assert SECRET not in str(caught.value)
    assert platform.requests == ["token"]


def test_a_wrong_secret_is_said_and_not_shown(platform: FakePlatform) -> None:
    with pytest.raises(PapersUnavailable, match="ended, is revoked or mistyped") as caught:
        client_of(platform, MOTCUA_CLIENT_SECRET="wrong").read_dossier("T-1")
    assert "wrong" not in str(caught.value)
    with pytest.raises(PapersUnavailable, match="MOTCUA_CLIENT_SECRET is not set"):
        client_of(platform, MOTCUA_CLIENT_SECRET="").read_dossier("T-1")
    settings = read_settings(BROKER | platform.settings())
    assert SECRET not in repr(settings)


def test_no_token_follows_a_redirect(platform: FakePlatform) -> None:
    elsewhere: list[tuple[str, str | None]] = []
    with serve_response(200, b"{}", elsewhere) as address:
        platform.papers = [Reply(302, {}, {"Location": f"{address}/stolen"})]
        with pytest.raises(PapersUnavailable, match="302"):
            client_of(platform).read_dossier("T-1")
    assert elsewhere == []


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "http://127.0.0.1:{port}", "http://a b"])
def test_a_wrong_or_silent_address_means_later(platform: FakePlatform, url: str) -> None:
    client = client_of(platform, MOTCUA_URL=url.format(port=free_port()))
    with pytest.raises(PapersUnavailable):
        client.read_dossier("T-1")


def test_the_end_of_the_key_is_a_metric_and_warned_of_once_a_day(
    platform: FakePlatform, caplog: pytest.LogCaptureFixture
) -> None:
    clock, metrics = FakeClock(), Metrics()
    platform.key_expires_at = datetime.now(UTC) + timedelta(days=29)
    client = PlatformClient(read_settings(BROKER | platform.settings()), metrics, clock)
    with caplog.at_level(logging.WARNING, logger="motcua.agency"):
        for seconds, warnings in ((0, 1), (3600, 1), (86400, 2)):
            clock.now += seconds
            client.read_dossier("T-1")
            assert caplog.text.count("the agency's key ends at") == warnings
    assert metrics.value("key_expires_timestamp_seconds") == platform.key_expires_at.timestamp()
    assert f"_key_expires_timestamp_seconds {platform.key_expires_at.timestamp():.12g}\n" in metrics.text()
