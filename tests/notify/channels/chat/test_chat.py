"""Chat messages through a real chat service."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from services.notify.channels.chat.answers import built_in_answers
from services.notify.channels.chat.provider import ChatProvider
from services.notify.channels.chat.settings import MESSAGE_PATH, TOKEN_PATH, ChatSettings
from services.notify.channels.chat.store import chat_tokens
from services.notify.channels.chat.tokens import AccessTokens
from services.notify.channels.port import (
    Accepted,
    ChatContent,
    InDoubt,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    SmsContent,
    TemporarilyFailed,
    Throttled,
)
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.chat import ChatService
from tests.support.chat_service import APP, FIRST_TOKEN, SECRET
from tests.support.service import ServiceUnderTest

CONTENT = ChatContent(
    "received.vi", {"dossier": "D-1", "promised_at": "17:00 28/11/2025"}, "Hồ sơ D-1 đã được tiếp nhận."
)
CHAT = Outgoing("c-1", "D-1", "received", "H57.10.01", "user-1", CONTENT, "vi")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ChatService]:
    """A chat service that has taken nothing yet."""
    folder = tmp_path / "chat"
    folder.mkdir()
    with ChatService(folder) as made:
        yield made


def settings_for(service: ChatService, **changed: object) -> ChatSettings:
    """Settings with which the service can be reached."""
    settings = ChatSettings(
        name="chat-a",
        url=service.url,
        token_url=service.url,
        message_path=MESSAGE_PATH,
        token_path=TOKEN_PATH,
        app_id=APP,
        secret=SECRET,
        refresh_token=FIRST_TOKEN,
        templates={"received": "T-1", "refused.vi": "T-2"},
        answers=built_in_answers(),
        timeout_seconds=5,
        retry_seconds=30,
    )
    return replace(settings, **changed)  # type: ignore[arg-type]


def to(*users: str) -> list[Outgoing]:
    """A message to each of some users, with ids of their own."""
    return [replace(CHAT, id=f"c-{number}", address=user) for number, user in enumerate(users, 1)]


def send(
    notify: ServiceUnderTest, settings: ChatSettings, batch: list[Outgoing], seconds: float = 20
) -> list[tuple[str, Outcome]]:
    """Sends a batch; user and outcome of each, as they came."""
    provider = ChatProvider(settings, AccessTokens(notify.store, settings))
    return [(one.address, outcome) for one, outcome in provider.send(batch, time.monotonic() + seconds)]


def test_a_message_is_a_template_with_its_variables_and_the_deliverys_id(notify, service):
    assert send(notify, settings_for(service), [CHAT]) == [("user-1", Accepted("msg-1", "chat-a"))]
    assert service.messages() == [
        {
            "user_id": "user-1",
            "template_id": "T-1",
            "template_data": {"dossier": "D-1", "promised_at": "17:00 28/11/2025"},
            "tracking_id": "c-1",
            "msg_id": "msg-1",
        }
    ]


def test_a_template_may_differ_by_language_and_one_that_is_missing_lets_another_channel_have_its_turn(notify, service):
    refused = replace(CHAT, content=replace(CONTENT, template="refused.vi"))
    missing = replace(CHAT, id="c-2", content=replace(CONTENT, template="refused.en"))
    outcomes = [outcome for _, outcome in send(notify, settings_for(service), [refused, missing])]
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[1] == PermanentlyFailed("the chat service has no template for refused.en", "chat-a")
    assert [message["template_id"] for message in service.messages()] == ["T-2"]


USERS: dict[str, PermanentlyFailed | TemporarilyFailed] = {
    "unknown-1": PermanentlyFailed("chat: the user does not exist (-118)"),
    "stranger-1": PermanentlyFailed("chat: the user has not followed the account (-213)"),
    "blocked-1": PermanentlyFailed("chat: the user has blocked the account (-141)"),
    "odd-1": TemporarilyFailed("chat: an error that is not in the list (-9999)"),
    "broken-1": TemporarilyFailed("the chat service has an error (500)"),
    "bad-1": PermanentlyFailed("the chat service refuses the message (400)"),
    "": PermanentlyFailed("it is no chat message, or nobody's"),
}


def test_a_user_who_cannot_be_written_to_is_the_fate_of_one_message(notify, service):
    outcomes = send(notify, settings_for(service), to(*USERS, "user-1"))
    assert outcomes[:-1] == [(user, replace(outcome, provider="chat-a")) for user, outcome in USERS.items()]
    assert isinstance(outcomes[-1][1], Accepted)


def test_what_is_no_chat_message_is_refused(notify, service):
    sms = replace(CHAT, content=SmsContent("Ho so", "gsm-7", 1))
    ((_, outcome),) = send(notify, settings_for(service), [sms])
    assert isinstance(outcome, PermanentlyFailed)


@pytest.mark.parametrize(
    ("user", "throttled"),
    [
        ("busy-1", Throttled("the chat service takes no more for now (429)", 7, "chat-a")),
        ("quota-1", Throttled("chat: the quota of the day is used up (-144)", 30, "chat-a")),
    ],
)
def test_a_service_that_takes_no_more_is_left_alone_for_as_long_as_it_says(notify, service, user, throttled):
    outcomes = send(notify, settings_for(service), to("user-1", user, "user-2", "user-3"))
    assert [outcome for _, outcome in outcomes][1:] == [throttled] * 3
    assert service.state()["asked"] == 2


@pytest.mark.parametrize("user", ["drop-1", "cut-1", "garbage-1", "gateway-1"])
def test_no_answer_that_can_be_read_is_in_doubt_and_the_rest_waits(notify, service, user):
    outcomes = [outcome for _, outcome in send(notify, settings_for(service), to(user, "user-2"))]
    assert [type(outcome) for outcome in outcomes] == [InDoubt, Throttled]


@pytest.mark.parametrize("user", ["hang-1", "drip-1"])
def test_a_service_that_never_finishes_its_answer_is_left_in_time(notify, service, user):
    started = time.monotonic()
    outcomes = send(notify, settings_for(service, timeout_seconds=1), to(user, "user-2"))
    assert time.monotonic() - started < 4
    assert [type(outcome) for _, outcome in outcomes] == [InDoubt, Throttled]


def test_a_message_that_the_service_knows_is_not_taken_again(notify, service):
    first = send(notify, settings_for(service), to("drop-1"))
    again = send(notify, settings_for(service), [replace(CHAT, address="user-1")])
    assert isinstance(first[0][1], InDoubt)
    assert again == [("user-1", Accepted("msg-1", "chat-a"))]
    assert len(service.messages()) == 1
    assert service.state()["repeated"] == 1


def test_what_there_is_no_time_for_is_throttled_for_zero_seconds(notify, service):
    send(notify, settings_for(service), [CHAT])
    outcomes = send(notify, settings_for(service), to("user-2", "user-3"), seconds=-1)
    assert {outcome for _, outcome in outcomes} == {Throttled("the time of the batch is over", 0, "chat-a")}


def test_a_service_that_is_not_there_fails_all_for_now(notify, service):
    send(notify, settings_for(service), [CHAT])
    outcomes = send(notify, settings_for(service, url=f"http://127.0.0.1:{free_port()}"), to("user-2", "user-3"))
    reason = "the chat service cannot be reached: Connection refused"
    assert [outcome for _, outcome in outcomes] == [TemporarilyFailed(reason, "chat-a")] * 2


def test_one_access_token_serves_many_batches(notify, service):
    for number in range(3):
        send(notify, settings_for(service), [replace(CHAT, id=f"c-{number}")])
    assert service.state()["renewals"] == 1


@pytest.mark.parametrize("user", ["user-1", "strict-1"])
def test_an_expired_token_is_renewed_once_and_the_message_sent_again(both, service, user):
    send(both, settings_for(service), [CHAT])
    service.control(expire=True)
    outcomes = send(both, settings_for(service), [replace(CHAT, id=f"x-{n}", address=user) for n in range(3)])
    assert all(isinstance(outcome, Accepted) for _, outcome in outcomes)
    assert len(service.messages()) == 4
    assert service.state() == {"renewals": 2, "refused": 0, "asked": 5, "repeated": 0}


def test_a_token_is_renewed_before_it_expires(both, service):
    service.control(expires_in=30)
    send(both, settings_for(service), [CHAT])
    send(both, settings_for(service), [CHAT])
    assert service.state()["renewals"] == 2


def test_several_workers_renew_a_token_once(both, service):
    settings = settings_for(service)
    service.control(renewal_seconds=0.3)

    def run(number: int) -> Outcome:
        return send(both, settings, [replace(CHAT, id=f"w-{number}")])[0][1]

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(run, range(4)))
    assert service.state()["renewals"] == 1
    assert service.state()["refused"] == 0
    assert sum(isinstance(outcome, Accepted) for outcome in outcomes) >= 1
    others = [outcome for outcome in outcomes if not isinstance(outcome, Accepted)]
    assert all(outcome == Throttled("another worker renews the access token", 1, "chat-a") for outcome in others)


def test_whoever_dies_while_renewing_is_replaced(both, service):
    settings = settings_for(service)
    send(both, settings, [CHAT])
    now = both.store.clock.wall()
    with both.store.uow() as work:
        work.execute(
            chat_tokens.update().values(claim="dead", claimed_until=now.replace(year=now.year - 1), expires_at=now)
        )
    ((_, outcome),) = send(both, settings, [replace(CHAT, id="c-2")])
    assert isinstance(outcome, Accepted)
    assert service.state()["renewals"] == 2


def test_a_renewal_that_fails_can_be_tried_again_at_once(both, service):
    service.control(renewal_status=503)
    ((_, failed),) = send(both, settings_for(service), [CHAT])
    assert failed == TemporarilyFailed("the access token cannot be renewed (503)", "chat-a")
    service.control(renewal_status=200)
    ((_, outcome),) = send(both, settings_for(service), [CHAT])
    assert isinstance(outcome, Accepted)


def test_a_refused_refresh_token_loses_no_message_and_a_new_one_of_the_operator_is_taken(both, service):
    lost = settings_for(service, refresh_token="refresh-lost")
    outcomes = send(both, lost, to("user-1", "user-2"))
    reason = "the chat service refuses the refresh token: it needs a new one"
    assert [outcome for _, outcome in outcomes] == [TemporarilyFailed(reason, "chat-a")] * 2
    outcomes = send(both, settings_for(service), to("user-1", "user-2"))
    assert all(isinstance(outcome, Accepted) for _, outcome in outcomes)


def test_tokens_are_not_in_clear_in_the_store(notify, service, tmp_path):
    send(notify, settings_for(service), [CHAT])
    content = b"".join(file.read_bytes() for file in tmp_path.glob("*.db*"))
    assert content
    for secret in (FIRST_TOKEN, "refresh-1", "access-1", SECRET):
        assert secret.encode() not in content
