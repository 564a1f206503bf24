"""Reports of mail servers about e-mails that they could not deliver."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.email.bounces.address import (
    BouncedDelivery,
    bounce_address,
    bounce_token,
    find_delivery,
)
from services.notify.channels.email.bounces.commands import take_bounce
from services.notify.channels.email.bounces.domain import Fate, NotUnderstood, read_bounce
from services.notify.channels.email.bounces.maildir import VARIABLE, sweep_bounces
from services.notify.channels.receipt_store import receipts
from shared.cli.bounce import bounce as bounce_command
from shared.runtime.data_keys import DataKeys
from tests.notify.channels.email.emails import BOUNCES, KEYS
from tests.support.processes import REPOSITORY, python

DELIVERY = "0198f3c2-7d0e-7a53-9c44-2f6d7a8b9c01"
PROVIDER_FILE = {
    "providers": [
        {
            "name": "mail-a",
            "channel": "email",
            "kind": "smtp",
            "address": "127.0.0.1:25",
            "security": "none",
            "sender": "khong-tra-loi@motcua.example",
            "bounces": "bounce@motcua.example",
        }
    ]
}


def report(
    to: str,
    *blocks: str,
    envelope: str = "",
    date: str = "Wed, 26 Nov 2025 09:05:00 +0000",
) -> bytes:
    """A report as Postfix writes it.

    Args:
        to: its recipient.
        *blocks: about each recipient of the e-mail.
        envelope: the envelope's identity, if the server repeats it.
        date: of the report.
    """
    about = "Reporting-MTA: dns; mx.example.org\nX-Postfix-Queue-ID: 4A1B2C3D\n"
    about += f"Original-Envelope-Id: {envelope}\n" if envelope else ""
    return f"""\
From: MAILER-DAEMON@mx.example.org
To: {to}
Date: {date}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4A1B2C3D.1/mx.example.org"

--4A1B2C3D.1/mx.example.org
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

<buoi@example.org>: host mx.example.org said: 550 5.1.1 No such user

--4A1B2C3D.1/mx.example.org
Content-Description: Delivery report
Content-Type: message/delivery-status

{about}
{chr(10).join(f"{block}{chr(10)}" for block in blocks)}
--4A1B2C3D.1/mx.example.org
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

To: buoi@example.org
Message-ID: <{DELIVERY}@motcua.example>

--4A1B2C3D.1/mx.example.org--
""".replace("\n", "\r\n").encode()


def block(action: str, status: str) -> str:
    """What became of one recipient."""
    return (
        f"Final-Recipient: rfc822; buoi@example.org\nOriginal-Recipient: rfc822;buoi@example.org\nAction: {action}\n"
        f"Status: {status}\nDiagnostic-Code: smtp; 550 {status} <buoi@example.org>: no such user"
    )


def address(keys: DataKeys = KEYS, provider: str = "mail-a") -> str:
    """The bounce address of the delivery."""
    return str(bounce_address(keys, provider, DELIVERY, BOUNCES))


FIND = partial(find_delivery, KEYS, ("mail-b", "mail-a"))


@pytest.mark.parametrize(
    ("action", "status", "fate", "reason"),
    [
        ("failed", "5.1.1", Fate.FAILED, "no such mailbox (5.1.1)"),
        ("Failed", "5.2.2 (mailbox full)", Fate.FAILED, "the mailbox is full (5.2.2)"),
        ("failed", "4.4.7", Fate.FAILED, "it could not be delivered in time (4.4.7)"),
        ("failed", "5.9.99", Fate.FAILED, "the mail server could not deliver it (5.9.99)"),
        ("failed", "nonsense", Fate.FAILED, "the mail server could not deliver it"),
        ("delayed", "4.4.1", Fate.UNDECIDED, ""),
        ("relayed", "2.0.0", Fate.UNDECIDED, ""),
        ("expanded", "2.0.0", Fate.UNDECIDED, ""),
        ("delivered", "2.0.0", Fate.DELIVERED, ""),
        ("something new", "5.0.0", Fate.UNDECIDED, ""),
    ],
)
def test_a_report_says_what_became_of_an_email_without_its_address(action, status, fate, reason):
    bounce = read_bounce(report(address(), block(action, status)), FIND)
    assert (bounce.delivery, bounce.fate, bounce.reason) == (BouncedDelivery(DELIVERY, "mail-a"), fate, reason)


def test_a_failure_counts_among_several_blocks():
    bounce = read_bounce(report(address(), block("delayed", "4.4.1"), block("failed", "5.1.1")), FIND)
    assert bounce.fate is Fate.FAILED


@pytest.mark.parametrize("where", ["recipient", "to", "envelope", "upper case"])
def test_the_delivery_is_named_by_the_recipient_a_header_or_the_envelope(where):
    ours, other = address(), "postmaster@motcua.example"
    given = {
        "recipient": (report(other, block("failed", "5.1.1")), ours),
        "to": (report(f"<{ours}>", block("failed", "5.1.1")), ""),
        "envelope": (report(other, block("failed", "5.1.1"), envelope=bounce_token(KEYS, "mail-a", DELIVERY)), ""),
        "upper case": (report(ours.upper(), block("failed", "5.1.1")), ""),
    }[where]
    assert read_bounce(given[0], FIND, given[1]).delivery == BouncedDelivery(DELIVERY, "mail-a")


OTHER_KEYS = DataKeys([("k1", "another key, that somebody has guessed")])


@pytest.mark.parametrize(
    "to",
    [
        address(OTHER_KEYS),
        address().replace("8b9c01.", "8b9c02."),
        address()[:-20] + "0" * 4 + "@motcua.example",
        f"bounce+{DELIVERY}@motcua.example",
        str(bounce_address(KEYS, "mail-c", DELIVERY, BOUNCES)),
        "",
    ],
)
def test_a_forged_report_names_no_delivery(to):
    with pytest.raises(NotUnderstood):
        read_bounce(report(to, block("failed", "5.1.1")), FIND)


def test_an_address_made_with_an_older_key_is_still_genuine():
    old = str(bounce_address(KEYS, "mail-a", DELIVERY, BOUNCES))
    both = DataKeys(
        [("k2", "the key after it, also long enough"), ("k1", "a key that only these tests use, and nobody else")]
    )
    assert find_delivery(both, ["mail-a"], old) == BouncedDelivery(DELIVERY, "mail-a")


def test_a_bounce_address_is_short_enough_for_every_mail_server():
    assert len(address().partition("@")[0]) <= 64


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not an e-mail at all \xff\x00",
        b"To: " + address().encode() + b"\r\nSubject: Out of office\r\n\r\nI am away.",
        report(address()),
        report(address(), block("failed", "5.1.1")).replace(b"message/delivery-status", b"text/plain"),
        report(address(), block("failed", "5.1.1")).replace(b"Action: failed", b"X-Nothing: failed"),
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n--x--",
    ],
)
def test_what_is_no_report_is_not_understood(content):
    with pytest.raises(NotUnderstood):
        read_bounce(content, FIND)


@given(st.binary(max_size=2000), st.integers(0, 1400), st.integers(0, 1400))
def test_a_damaged_report_is_understood_or_not_but_ends_nothing(noise, begins, ends):
    whole = report(address(), block("failed", "5.1.1"))
    damaged = whole[: min(begins, ends)] + noise + whole[max(begins, ends) :]
    try:
        bounce = read_bounce(damaged, FIND)
    except NotUnderstood:
        return
    assert bounce.delivery == BouncedDelivery(DELIVERY, "mail-a")


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """A folder into which a mail server delivers."""
    folder = tmp_path / "bounces"
    for name in ("tmp", "new", "cur"):
        (folder / name).mkdir(parents=True)
    return folder


@pytest.fixture
def environ(maildir: Path, tmp_path: Path) -> dict[str, str]:
    """Settings of the worker."""
    file = tmp_path / "providers.json"
    file.write_bytes(orjson.dumps(PROVIDER_FILE))
    return {VARIABLE: str(maildir), "MOTCUA_NOTIFY_PROVIDERS": str(file)}


def _names(maildir: Path) -> dict[str, list[str]]:
    return {
        name: sorted(file.name for file in (maildir / name).iterdir())
        for name in ("new", "cur", "failed")
        if (maildir / name).is_dir()
    }


def test_a_folder_of_reports_is_taken_each_file_once(both, maildir, environ):
    keys = both.store.data_keys
    failed = report(address(keys), block("failed", "5.1.1"))
    (maildir / "new" / "1.a.host").write_bytes(failed)
    (maildir / "new" / "2.b.host").write_bytes(report(address(keys), block("delayed", "4.4.1")))
    (maildir / "new" / "3.c.host").write_bytes(b"Subject: Viagra\r\n\r\nBuy!")
    (maildir / "new" / "4.d.host").write_bytes(failed)
    assert sweep_bounces(both.context, environ) == 4
    assert sweep_bounces(both.context, environ) == 0
    assert _names(maildir) == {
        "new": [],
        "cur": ["1.a.host:2,S", "2.b.host:2,S", "4.d.host:2,S"],
        "failed": ["3.c.host"],
    }
    (row,) = both.rows(receipts)
    assert (row["provider"], row["reference"], row["status"]) == ("mail-a", DELIVERY, "failed")
    assert row["reason"] == "no such mailbox (5.1.1)"


def test_links_and_folders_among_the_reports_are_put_aside_unread(notify, maildir, environ, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(report(address(notify.store.data_keys), block("failed", "5.1.1")))
    (maildir / "new" / "link").symlink_to(secret)
    (maildir / "new" / "folder").mkdir()
    os.mkfifo(maildir / "new" / "pipe")
    sweep_bounces(notify.context, environ)
    assert _names(maildir)["failed"] == ["folder", "link", "pipe"]
    assert notify.rows(receipts) == []


def test_a_worker_that_dies_before_it_moves_a_file_takes_it_again(notify, maildir, environ, monkeypatch):
    (maildir / "new" / "1.a.host").write_bytes(report(address(notify.store.data_keys), block("failed", "5.1.1")))

    def die(*_: object) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die)
        with pytest.raises(KeyboardInterrupt):
            sweep_bounces(notify.context, environ)
    assert sweep_bounces(notify.context, environ) == 1
    assert len(notify.rows(receipts)) == 1


def test_without_a_folder_nothing_is_done(notify, tmp_path):
    assert sweep_bounces(notify.context, {}) == 0
    assert sweep_bounces(notify.context, {VARIABLE: str(tmp_path / "missing")}) == 0


@pytest.mark.parametrize(
    ("date", "believed"),
    [
        ("Mon, 01 Jan 0001 00:00:00 +0000", False),
        ("Fri, 31 Dec 9999 23:59:59 -1200", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_a_time_that_cannot_be_is_not_believed(notify, date, believed):
    content = report(address(notify.store.data_keys), block("failed", "5.1.1"), date=date)
    take_bounce(notify.store, ["mail-a"], content)
    (row,) = notify.rows(receipts)
    assert (row["at"] == row["received_at"]) is not believed


def test_the_mail_servers_own_time_is_kept(notify):
    at = (notify.context.clock.now() - timedelta(hours=3)).replace(microsecond=0)
    last = f"{block('failed', '5.1.1')}\nLast-Attempt-Date: {at.strftime('%a, %d %b %Y %H:%M:%S %z')}"
    take_bounce(notify.store, ["mail-a"], report(address(notify.store.data_keys), last))
    (row,) = notify.rows(receipts)
    found = row["at"]
    assert isinstance(found, datetime)
    assert found == at


@pytest.fixture
def piped(notify, environ, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    """Runs `motcua bounce` with a report: exit status and output."""
    monkeypatch.setenv("MOTCUA_MODE", "test")
    monkeypatch.setenv("MOTCUA_BUS_URL", "embedded:")
    monkeypatch.setenv("MOTCUA_DATA", str(notify.context.settings.data))
    monkeypatch.setenv("MOTCUA_NOTIFY_DB_URL", str(notify.store.engine.url))
    monkeypatch.setenv("MOTCUA_NOTIFY_PROVIDERS", environ["MOTCUA_NOTIFY_PROVIDERS"])

    def run(content: bytes, *arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(bounce_command, list(arguments), input=content)
        return result.exit_code, result.stdout

    return run


REPORT = report("postmaster@motcua.example", block("failed", "5.1.1"))


def test_the_command_of_a_mail_servers_pipe_takes_a_report(notify, piped):
    to = address(notify.store.data_keys)
    assert piped(REPORT, to) == (0, "failed\n")
    assert piped(REPORT, to) == (0, "failed\n")
    (row,) = notify.rows(receipts)
    assert row["reference"] == DELIVERY


def test_the_command_tells_the_mail_server_to_drop_what_is_none_of_ours(notify, piped):
    assert piped(REPORT) == (os.EX_DATAERR, "")
    assert piped(b"", address(OTHER_KEYS)) == (os.EX_DATAERR, "")
    assert notify.rows(receipts) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOTCUA_PORT", "none"),
        ("MOTCUA_NOTIFY_DB_URL", "sqlite:////proc/motcua.db"),
        ("MOTCUA_NOTIFY_PROVIDERS", "/missing.json"),
    ],
)
def test_the_command_lets_the_mail_server_keep_the_report_while_something_is_wrong_here(
    notify, piped, monkeypatch, name, value
):
    monkeypatch.setenv(name, value)
    assert piped(REPORT, address(notify.store.data_keys)) == (os.EX_TEMPFAIL, "")


def test_the_command_as_a_process_takes_what_is_piped_into_it(notify, piped, tmp_path):
    file = tmp_path / "report.eml"
    file.write_bytes(REPORT)
    command = python("-m", "shared.cli", "bounce", address(notify.store.data_keys))
    with file.open("rb") as content:
        done = subprocess.run(command, stdin=content, cwd=REPOSITORY, capture_output=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (0, b"failed\n")
