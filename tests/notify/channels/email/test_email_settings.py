"""Entries of mail servers in the provider file, and the files that e-mails become without one."""

from __future__ import annotations

import email
import email.policy
import time
from pathlib import Path

import orjson
import pytest

from services.notify.channels.config.reader import read_providers
from services.notify.channels.domain import Channel
from services.notify.channels.email.address import EmailAddress, parse_address
from services.notify.channels.email.frame import WORDS, frame
from services.notify.channels.email.spool import email_spool
from services.notify.channels.plan_loader import channel_plans
from services.notify.channels.port import Accepted, PermanentlyFailed
from services.notify.channels.providers import open_providers
from shared.data_files import DataError
from tests.notify.channels.email.emails import AT, CONTENT, EMAIL, LETTERHEAD, to

ENTRY = {
    "name": "mail-a",
    "channel": "email",
    "kind": "smtp",
    "address": "smtp.example.vn",
    "security": "starttls",
    "user": "motcua",
    "secret_env": "MOTCUA_MAIL_PASSWORD",
    "sender": "khong-tra-loi@motcua.example",
    "bounces": "bounce@motcua.example",
    "reply_to": {"default": "motcua@example.vn"},
}


def read(tmp_path: Path, **changed: object):
    """The file with one provider."""
    file = tmp_path / "providers.json"
    entry = {name: value for name, value in (ENTRY | changed).items() if value is not None}
    file.write_bytes(orjson.dumps({"providers": [entry]}))
    return read_providers(file, {"MOTCUA_MAIL_PASSWORD": "a long password"})


def test_a_mail_server_is_a_provider_of_email(tmp_path):
    (found,) = read(tmp_path)
    assert (found.name, found.channel, found.kind) == ("mail-a", Channel.EMAIL, "smtp")
    assert "a long password" not in repr(found)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"security": "none"}, "security: may be none only for a mail server on the same machine"),
        ({"security": "ssl"}, "security: 'ssl' is none of starttls, tls, none"),
        ({"address": "smtp.example.vn:99999"}, "address"),
        ({"user": None}, "user: user and secret_env are given both or neither"),
        ({"secret_env": None}, "user: user and secret_env are given both or neither"),
        ({"secret_env": "MISSING"}, "secret_env: the environment variable MISSING is not set"),
        ({"sender": "nobody"}, "sender: not an e-mail address"),
        ({"sender": "người-gửi@example.vn"}, "sender: must be in ASCII"),
        ({"bounces": "returns@example.vn"}, "bounces: must be bounce@ and a domain"),
        ({"reply_to": {"H57": "x"}}, "reply_to.H57: not an e-mail address"),
        ({"ca_file": "/missing.pem"}, "ca_file: /missing.pem cannot be read"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"pasword": "x"}, "pasword: unknown"),
        ({"channel": "sms"}, "kind: smtp takes no sms"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path, changed, fault):
    with pytest.raises(DataError) as raised:
        read(tmp_path, **changed)
    assert fault in str(raised.value)


def test_without_a_provider_file_an_email_is_a_file_that_a_mail_program_opens(notify, tmp_path):
    pool = open_providers(notify.context)[Channel.EMAIL]
    ((_, outcome),) = pool.send([EMAIL], time.monotonic() + 9)
    assert isinstance(outcome, Accepted)
    (file,) = (notify.context.settings.data / "email").iterdir()
    assert file.name == f"{EMAIL.id}.eml"
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["To"] == EMAIL.address
    assert message["From"].addresses[0].addr_spec == "khong-tra-loi@motcua.vn"
    html = message.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == CONTENT.html


def test_what_cannot_be_written_as_an_email_stops_no_other(tmp_path):
    spool = email_spool(tmp_path / "email", LETTERHEAD, lambda: AT)
    outcomes = {one.address: outcome for one, outcome in spool.send(to("a@b.vn", "nobody"), time.monotonic() + 9)}
    assert isinstance(outcomes["a@b.vn"], Accepted)
    assert outcomes["nobody"] == PermanentlyFailed("not an e-mail address", "spool")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" buoi@example.org ", EmailAddress("buoi", "example.org")),
        ("Buoi.Nguyen+x@Example.ORG", EmailAddress("Buoi.Nguyen+x", "example.org")),
        ("bưởi@example.org", EmailAddress("bưởi", "example.org")),
    ],
)
def test_an_address_is_read(text, address):
    assert parse_address(text) == address


def test_a_one_time_code_never_goes_by_email_or_letter():
    used = channel_plans().of("one_time_code").used
    assert not {Channel.EMAIL, Channel.LETTER} & used


@pytest.mark.parametrize("language", list(WORDS))
def test_the_frame_asks_nobody_else_for_anything_and_escapes_the_subject(language):
    html = frame("<b>Hồ sơ</b> & giấy tờ", "<p>Nội dung</p>", language, "https://motcua.vn")
    assert f'<html lang="{language}">' in html
    assert "<h1" in html
    assert "&lt;b&gt;Hồ sơ&lt;/b&gt; &amp; giấy tờ" in html
    assert "<p>Nội dung</p>" in html
    assert not [part for part in ("<img", "<script", "<form", "url(", "<link") if part in html]
