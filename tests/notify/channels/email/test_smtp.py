"""E-mails through a real mail server."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import replace

import pytest

from services.notify.channels.email.bounces.address import bounce_token, find_delivery
from services.notify.channels.port import (
    Accepted,
    ChatContent,
    EmailContent,
    InDoubt,
    PermanentlyFailed,
    TemporarilyFailed,
    Throttled,
)
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.notify.channels.email.emails import CONTENT, EMAIL, KEYS, provider_of, send, settings_for, to
from tests.support.mail import MailServer


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with MailServer(tmp_path_factory.mktemp("mail"), "starttls") as server:
        yield server


@pytest.fixture
def server(_server: MailServer) -> MailServer:
    """A server with STARTTLS that has taken nothing yet."""
    _server.forget()
    return _server


def test_a_batch_goes_encrypted_and_logged_in_through_one_connection(server):
    batch = to("buoi@example.org", "dao@example.org", "man@example.org")
    outcomes = send(settings_for(server), batch)
    assert outcomes == [(one.address, Accepted(one.id, "mail-a", reports_delivery=False)) for one in batch]
    mails = server.mails()
    assert [mail.recipients for mail in mails] == [[one.address] for one in batch]
    assert all(mail.tls and mail.user == "motcua" for mail in mails)
    assert len({mail.peer for mail in mails}) == 1


def test_an_email_says_who_writes_in_text_and_html_and_keeps_answering_machines_silent(server):
    send(settings_for(server), [EMAIL])
    (mail,) = server.mails()
    assert mail.message["From"] == "UBND xã Đất Mũi <khong-tra-loi@motcua.example>"
    assert mail.message["Reply-To"] == "UBND xã Đất Mũi <datmui@motcua.example>"
    assert mail.message["To"] == "buoi@example.org"
    assert mail.message["Subject"] == "Hồ sơ đã được tiếp nhận"
    assert mail.message["Date"] == "Wed, 26 Nov 2025 16:00:00 +0700"
    assert mail.message["Message-ID"] == f"<{EMAIL.id}@motcua.example>"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Content-Language"] == "vi"
    assert mail.message.get_content_type() == "multipart/alternative"
    assert mail.text("plain").strip() == CONTENT.text
    assert mail.text("html").strip() == CONTENT.html


def test_reports_are_asked_for_and_go_to_an_address_that_only_we_can_make(server):
    send(settings_for(server), [EMAIL])
    (mail,) = server.mails()
    token = bounce_token(KEYS, "mail-a", EMAIL.id)
    assert mail.sender == f"bounce+{token}@motcua.example"
    assert mail.dsn == {
        "RET": "HDRS",
        "ENVID": token,
        "NOTIFY": "FAILURE,DELAY",
        "ORCPT": "rfc822;buoi@example.org",
    }
    found = find_delivery(KEYS, ["mail-b", "mail-a"], mail.sender)
    assert found is not None
    assert (found.delivery, found.provider) == (EMAIL.id, "mail-a")


def test_without_a_mailbox_for_bounces_the_sender_gets_them_and_nothing_is_asked_for(server):
    send(settings_for(server, bounces=None), [EMAIL])
    (mail,) = server.mails()
    assert (mail.sender, mail.dsn) == ("khong-tra-loi@motcua.example", {})


REFUSALS: list[tuple[str, PermanentlyFailed | TemporarilyFailed]] = [
    ("refuse@example.org", PermanentlyFailed("the mail server refuses the recipient: no such mailbox (550 5.1.1)")),
    ("full@example.org", TemporarilyFailed("the mail server refuses the recipient: the mailbox is full (452 4.2.2)")),
    (
        "later@example.org",
        TemporarilyFailed(
            "the mail server refuses the recipient: refused by a rule of the recipient's server (451 4.7.1)"
        ),
    ),
    (
        "spam@example.org",
        PermanentlyFailed(
            "the mail server refuses the e-mail: refused by a rule of the recipient's server (554 5.7.1)"
        ),
    ),
    (
        "tired@example.org",
        TemporarilyFailed("the mail server refuses the e-mail: the recipient's server cannot take it (451 4.3.0)"),
    ),
    ("no address", PermanentlyFailed("not an e-mail address")),
    ("x@localhost", PermanentlyFailed("the part of the e-mail address after the @ is no domain")),
]


def test_a_refusal_is_the_fate_of_one_email_and_names_no_address(server):
    wanted = [(address, replace(outcome, provider="mail-a")) for address, outcome in REFUSALS]
    batch = to(*(address for address, _ in REFUSALS), "buoi@example.org")
    outcomes = send(settings_for(server), batch)
    assert outcomes[:-1] == wanted
    assert isinstance(outcomes[-1][1], Accepted)
    assert len({mail.peer for mail in server.mails()}) == 1


def test_a_server_without_room_is_left_alone_with_the_rest(server):
    outcomes = send(settings_for(server), to("buoi@example.org", "busy@example.org", "dao@example.org"))
    throttled = Throttled(
        "the mail server refuses the recipient: the recipient's server cannot take it (452 4.3.1)", 30, "mail-a"
    )
    assert outcomes[1:] == [("busy@example.org", throttled), ("dao@example.org", throttled)]
    assert len(server.mails()) == 1


def test_a_server_that_shuts_down_throttles_what_it_has_not_taken(server):
    outcomes = send(settings_for(server), to("closing@example.org", "dao@example.org"))
    assert [outcome for _, outcome in outcomes] == [
        Throttled("the mail server ends the connection (421)", 30, "mail-a")
    ] * 2


def test_a_connection_that_ends_before_the_content_leaves_no_doubt(server):
    outcomes = dict(send(settings_for(server), to("cut@example.org", "dao@example.org")))
    assert isinstance(outcomes["cut@example.org"], TemporarilyFailed)
    assert isinstance(outcomes["dao@example.org"], Throttled)
    assert server.mails() == []


def test_a_connection_that_ends_after_the_content_is_in_doubt_and_the_rest_waits(server):
    outcomes = dict(send(settings_for(server), to("drop@example.org", "dao@example.org")))
    assert isinstance(outcomes["drop@example.org"], InDoubt)
    assert isinstance(outcomes["dao@example.org"], Throttled)
    assert [mail.recipients for mail in server.mails()] == [["drop@example.org"]]


@pytest.mark.parametrize("name", ["hang", "drip"])
def test_a_server_that_never_finishes_its_answer_is_left_in_time(server, name):
    started = time.monotonic()
    outcomes = dict(send(settings_for(server), to(f"{name}@example.org", "dao@example.org"), seconds=1.5))
    assert time.monotonic() - started < 4
    assert isinstance(outcomes[f"{name}@example.org"], InDoubt)
    assert isinstance(outcomes["dao@example.org"], Throttled)


def test_what_there_is_no_time_for_is_throttled_for_zero_seconds(server):
    outcomes = send(settings_for(server), to("buoi@example.org", "dao@example.org"), seconds=-1)
    assert {outcome for _, outcome in outcomes} == {Throttled("the time of the batch is over", 0, "mail-a")}


def test_a_server_that_takes_few_through_one_connection_gets_the_rest_through_others(tmp_path):
    batch = to(*(f"user{number}@example.org" for number in range(5)))
    with MailServer(tmp_path, "starttls", "limit=2") as server:
        outcomes = send(settings_for(server), batch)
        assert all(isinstance(outcome, Accepted) for _, outcome in outcomes)
        mails = server.mails()
    assert [mail.recipients[0] for mail in mails] == [one.address for one in batch]
    assert len({mail.peer for mail in mails}) == 3


def test_tls_from_the_start_works_too_and_reports_are_not_asked_for_where_the_server_cannot(tmp_path):
    with MailServer(tmp_path, "tls", "no-dsn") as server:
        ((_, outcome),) = send(settings_for(server, "tls"), [EMAIL])
        assert isinstance(outcome, Accepted)
        (mail,) = server.mails()
    assert (mail.tls, mail.dsn) == (True, {})


def test_letters_outside_ascii_need_a_server_that_knows_them(server, tmp_path):
    batch = to("bưởi@example.org", "dao@xã-đất-mũi.example")
    outcomes = send(settings_for(server), batch)
    assert all(isinstance(outcome, Accepted) for _, outcome in outcomes)
    first, second = server.mails()
    assert first.recipients == ["bưởi@example.org"]
    assert first.message["To"] == "bưởi@example.org"
    assert second.recipients == ["dao@xn--x-t-mi-3ta38ap0az18t.example"]
    with MailServer(tmp_path, "starttls", "no-utf8") as plain:
        outcomes = send(settings_for(plain), batch)
        assert [type(outcome) for _, outcome in outcomes] == [PermanentlyFailed, Accepted]


def test_nothing_is_sent_to_a_server_whose_certificate_is_not_its_own(server):
    ((_, unknown),) = send(settings_for(server, ca_file=""), [EMAIL])
    assert isinstance(unknown, TemporarilyFailed)
    assert "certificate is not valid" in unknown.reason
    ((_, other_name),) = send(settings_for(server, host="localhost"), [EMAIL])
    assert isinstance(other_name, TemporarilyFailed)
    assert "certificate is not valid" in other_name.reason
    assert server.mails() == []


def test_nothing_is_sent_where_tls_is_wanted_and_not_offered(tmp_path):
    with MailServer(tmp_path, "none") as server:
        ((_, outcome),) = send(settings_for(server, "starttls"), [EMAIL])
        assert outcome == TemporarilyFailed("the mail server offers no TLS, or no log-in", "mail-a")
        assert server.mails() == []
        ((_, relayed),) = send(settings_for(server, "none"), [EMAIL])
        assert isinstance(relayed, Accepted)


def test_a_wrong_password_is_the_fate_of_no_email(server):
    outcomes = send(settings_for(server, password="wrong"), to("buoi@example.org", "dao@example.org"))
    reason = "the mail server refuses the log-in: refused by a rule of the recipient's server (535 5.7.8)"
    assert [outcome for _, outcome in outcomes] == [TemporarilyFailed(reason, "mail-a")] * 2


def test_a_server_that_refuses_the_sender_does_not_end_emails(server):
    sender = replace(settings_for(server).sender, local="refused")
    ((_, outcome),) = send(settings_for(server, bounces=None, sender=sender), [EMAIL])
    assert isinstance(outcome, TemporarilyFailed)
    assert "refuses the sender" in outcome.reason


def test_a_server_that_is_not_there_fails_all_for_now(server):
    outcomes = send(settings_for(server, port=free_port()), to("buoi@example.org", "dao@example.org"))
    reason = "the mail server cannot be reached: Connection refused"
    assert [outcome for _, outcome in outcomes] == [TemporarilyFailed(reason, "mail-a")] * 2


def test_a_server_that_stands_still_is_left_in_time(tmp_path):
    with MailServer(tmp_path, "starttls") as server:
        server.process.pause()
        started = time.monotonic()
        outcomes = send(settings_for(server, timeout_seconds=0.5), to("buoi@example.org", "dao@example.org"))
        assert time.monotonic() - started < 5
        assert all(isinstance(outcome, TemporarilyFailed) for _, outcome in outcomes)


def test_lines_with_a_dot_and_lines_without_end_arrive_as_they_were(server):
    text = ".\n..hai chấm\n.một\n" + "dài " * 600
    send(settings_for(server), [replace(EMAIL, content=EmailContent("Dòng", text, "<p>.</p>"))])
    (mail,) = server.mails()
    assert mail.text("plain") == text + "\n"


def test_a_subject_cannot_bring_headers_of_its_own(server):
    content = EmailContent("Hồ sơ\r\nBcc: khac@example.org\n\nx", "Nội dung.", "<p>Nội dung.</p>")
    send(settings_for(server), [replace(EMAIL, content=content)])
    (mail,) = server.mails()
    assert mail.message["Bcc"] is None
    assert mail.message["Subject"] == "Hồ sơ Bcc: khac@example.org x"
    assert mail.recipients == [EMAIL.address]


@pytest.mark.parametrize(
    "address",
    [
        "buoi@example.org\r\nRCPT TO:<x@example.org>",
        "<buoi@example.org>",
        "a@b@c.vn",
        '"a b"@x.vn',
        "a@[127.0.0.1]",
        "",
    ],
)
def test_an_address_cannot_bring_commands_of_its_own(server, address):
    ((_, outcome),) = send(settings_for(server), to(address))
    assert isinstance(outcome, PermanentlyFailed)
    assert server.mails() == []


def test_what_is_no_email_is_refused_and_stops_nothing(server):
    chat = replace(EMAIL, content=ChatContent("received.vi", {}, ""))
    outcomes = [outcome for _, outcome in send(settings_for(server), [chat, EMAIL])]
    assert outcomes[0] == PermanentlyFailed("it cannot be written as an e-mail: TypeError", "mail-a")
    assert isinstance(outcomes[1], Accepted)


def test_an_email_that_is_sent_again_has_the_same_identity(server):
    send(settings_for(server), [EMAIL])
    send(settings_for(server), [EMAIL])
    assert len({mail.message["Message-ID"] for mail in server.mails()}) == 1


def test_whoever_stops_listening_leaves_no_connection(server):
    results = provider_of(settings_for(server)).send(to("a@example.org", "b@example.org"), time.monotonic() + 9)
    next(results)
    assert isinstance(results, Generator)
    results.close()
    assert len(server.mails()) == 1
