"""The adapter that speaks HTTP, with a postal provider that is a real process and fails in every way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.notify.app import create_app
from services.notify.post.parcels import store
from services.notify.post.parcels.commands import cancel_parcel
from services.notify.post.parcels.domain import CLAIM
from services.notify.post.parcels.sweeps import call_due, poll_due
from services.notify.post.providers.configured import read_post_providers
from services.notify.post.providers.http_post import HttpPost, HttpPostSettings
from services.notify.post.providers.port import NoticeRefused, ParcelOrder, PostRefused, PostUnavailable
from shared.auth.message_signature import HEADER, sign
from shared.data_files import DataError
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.runtime.http_call import http_call
from tests.notify.post.test_parcels import MINE, announced, request, state
from tests.support.processes import Proc, python, wait_port
from tests.support.service import ServiceUnderTest

KEY = "a key that only this test and its provider know"
NAME = "vnpost"
ORDER = ParcelOrder(
    "order-1", "result", "H12.31.01", "Phước Long", "Bưởi", "0912345678", ("Ấp 3", "xã Phước Long", "Cà Mau"), 90
)


class Fake:
    """The provider's process."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def tell(self, path: str, value: Any) -> Any:
        answer = http_call("POST", f"{self.url}{path}", {}, orjson.dumps(value), 15)
        return orjson.loads(answer.body)

    def fail(self, *faults: str) -> None:
        self.tell("/faults", faults)

    def seen(self) -> Any:
        return orjson.loads(http_call("GET", f"{self.url}/seen", {}, None, 5).body)


@pytest.fixture(scope="module")
def provider_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fake]:
    port = free_port()
    command = python("-m", "tests.support.postal_provider", str(port), KEY)
    with Proc(command, log=tmp_path_factory.mktemp("post") / "provider.log") as process:
        wait_port(port, process=process)
        yield Fake(port)


@pytest.fixture
def fake(provider_process: Fake) -> Fake:
    provider_process.tell("/reset", {})
    return provider_process


@pytest.fixture
def post(fake: Fake) -> HttpPost:
    return HttpPost(HttpPostSettings(NAME, fake.url, KEY, 1.0), lambda: datetime.now(UTC))


@pytest.fixture
def configured(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """The same provider, named by the file of providers."""
    file = tmp_path / "providers.json"
    entry = {"name": NAME, "address": fake.url, "secret_env": "POST_KEY", "timeout_seconds": 1}
    file.write_bytes(orjson.dumps({"post": [entry]}))
    monkeypatch.setenv("MOTCUA_NOTIFY_PROVIDERS", str(file))
    monkeypatch.setenv("POST_KEY", KEY)
    return fake


def test_a_parcel_is_registered_once_however_often_it_is_asked(post: HttpPost, fake: Fake) -> None:
    first, again = post.register(ORDER), post.register(ORDER)
    assert first == again
    assert first.fee == 26000
    assert first.label.startswith(b"%PDF-")
    seen = fake.seen()
    assert len(seen["parcels"]) == 1
    assert {one["key"] for one in seen["seen"]} == {"order-1"}
    assert seen["seen"][0]["citizen"]["address"] == list(ORDER.address)


@pytest.mark.parametrize("fault", ["slow", "lose_answer", "error", "html"])
def test_no_usable_answer_is_tried_again_and_gives_one_parcel(post: HttpPost, fake: Fake, fault: str) -> None:
    fake.fail(fault)
    with pytest.raises(PostUnavailable) as caught:
        post.register(ORDER)
    assert "Bưởi" not in str(caught.value)
    post.register(ORDER)
    assert len(fake.seen()["parcels"]) == 1


def test_a_refusal_is_final_and_its_reason_holds_no_personal_data(post: HttpPost, fake: Fake) -> None:
    fake.fail("refuse")
    with pytest.raises(PostRefused) as caught:
        post.register(ORDER)
    assert str(caught.value) == "POST was answered with 422"


def test_a_dead_provider_is_unavailable() -> None:
    dead = HttpPost(HttpPostSettings(NAME, f"http://127.0.0.1:{free_port()}", KEY, 1.0), lambda: datetime.now(UTC))
    for call in (lambda: dead.register(ORDER), lambda: dead.cancel("x"), lambda: dead.tracking("EP1")):
        with pytest.raises(PostUnavailable):
            call()


def test_a_wrong_key_is_unavailable(fake: Fake) -> None:
    other = HttpPost(HttpPostSettings(NAME, fake.url, "x" * 40, 1.0), lambda: datetime.now(UTC))
    with pytest.raises(PostUnavailable, match="401"):
        other.register(ORDER)


def test_a_parcel_that_the_post_has_is_not_cancelled(post: HttpPost, fake: Fake) -> None:
    number = post.register(ORDER).number
    post.cancel("unknown")
    fake.tell("/tracking", {number: [{"number": number, "status": "accepted", "at": "2025-11-24T09:00:00+07:00"}]})
    with pytest.raises(PostRefused):
        post.cancel(ORDER.id)
    assert [one.status for one in post.tracking(number)] == ["accepted"]
    assert list(post.tracking("EP99999999")) == []


def test_reports_need_a_fresh_signature(post: HttpPost) -> None:
    now, body = datetime.now(UTC), b'{"events": []}'
    assert list(post.read_notice({HEADER: sign(KEY, body, now)}, body, now)) == []
    for header, content in (
        ("", body),
        (sign("another key", body, now), body),
        (sign(KEY, body, now - timedelta(hours=1)), body),
        (sign(KEY, body, now), body + b" "),
        (sign(KEY, b"[]", now), b"[]"),
        (sign(KEY, b'{"events": [{"number": "x"}]}', now), b'{"events": [{"number": "x"}]}'),
    ):
        with pytest.raises(NoticeRefused):
            post.read_notice({HEADER: header}, content, now)


def test_the_worker_registers_through_faults_and_asks_for_reports(both: ServiceUnderTest, configured: Fake) -> None:
    id = request(both, provider=NAME)
    configured.fail("lose_answer", "error")
    for _ in range(3):
        assert call_due(both.context) == 1
        both.hand.pass_(CLAIM)
    assert (state(both, id), len(configured.seen()["parcels"])) == ("registered", 1)
    number = both.rows(store.parcels)[0]["number"]
    at = both.store.clock.now()
    reports = [{"number": number, "status": "lost", "at": at.isoformat(), "id": "e1"}]
    configured.tell("/tracking", {number: reports})
    configured.fail("error")
    for _ in range(2):
        both.hand.pass_(timedelta(minutes=31))
        poll_due(both.context)
    assert [one for one, *_ in announced(both)] == ["parcel.registered", "parcel.lost"]


def test_a_crash_after_the_call_repeats_it_for_the_same_parcel(
    both: ServiceUnderTest, configured: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = request(both, provider=NAME)
    with monkeypatch.context() as crashed:
        crashed.setattr("services.notify.post.parcels.sweeps.record_registered", _crash)
        with pytest.raises(KeyboardInterrupt):
            call_due(both.context)
    assert state(both, id) == "requested"
    assert call_due(both.context) == 0
    both.hand.pass_(CLAIM)
    assert call_due(both.context) == 1
    assert (state(both, id), len(configured.seen()["parcels"])) == ("registered", 1)


def test_a_cancellation_waits_for_the_call_that_is_under_way(
    both: ServiceUnderTest, configured: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = request(both, provider=NAME)
    with monkeypatch.context() as crashed:
        crashed.setattr("services.notify.post.parcels.sweeps.record_registered", _crash)
        with pytest.raises(KeyboardInterrupt):
            call_due(both.context)
    both.store.run(lambda work: cancel_parcel(work, id, MINE))
    assert call_due(both.context) == 0
    both.hand.pass_(CLAIM)
    assert call_due(both.context) == 1
    assert state(both, id) == "cancelled"
    assert configured.seen()["cancelled"] == [id]


def test_a_provider_that_left_the_configuration_is_waited_for(notify: ServiceUnderTest) -> None:
    id = request(notify, provider="gone")
    assert call_due(notify.context) == 1
    assert state(notify, id) == "requested"
    assert "not configured" in notify.rows(store.parcels)[0]["reason"]


def test_reports_come_in_by_the_call_back(both: ServiceUnderTest, configured: Fake) -> None:
    id = request(both, provider=NAME)
    call_due(both.context)
    number, at = both.rows(store.parcels)[0]["number"], both.store.clock.now()
    client = both.client(create_app)

    def post_report(events: list[dict[str, Any]], key: str = KEY, provider: str = NAME) -> int:
        body = orjson.dumps({"events": events})
        headers = {HEADER: sign(key, body, both.store.clock.wall()), "Content-Type": "application/json"}
        return client.post(f"/notify/api/post-reports/{provider}", data=body, headers=headers).status_code

    delivered = {"number": number, "status": "delivered", "at": at.isoformat(), "received_by": "Lê Văn Tám"}
    accepted = {"number": number, "status": "accepted", "at": (at - timedelta(hours=1)).isoformat()}
    assert post_report([delivered], key="x" * 40) == 401
    assert post_report([delivered], provider="another") == 404
    assert state(both, id) == "registered"
    assert [post_report(one) for one in ([delivered], [accepted], [delivered, accepted])] == [200, 200, 200]
    assert state(both, id) == "delivered"
    assert [one for one, *_ in announced(both)] == ["parcel.registered", "parcel.delivered"]


def test_faults_of_the_configuration_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAK", "short")
    file = tmp_path / "providers.json"
    entry = {"name": "Bad Name", "address": "ftp://x", "secret_env": "WEAK", "timeout_seconds": 99, "surprise": 1}
    file.write_bytes(orjson.dumps({"post": [entry]}))
    with pytest.raises(DataError) as caught:
        read_post_providers(file)
    assert len(caught.value.faults) == 5
    assert "short" not in str(caught.value)


def _crash(*_: object) -> None:
    raise KeyboardInterrupt
