from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from services.notify.channels.port import (
    Accepted,
    EmailContent,
    Outcome,
    Outgoing,
    SmsContent,
    TemporarilyFailed,
    Throttled,
)
from services.notify.channels.spool import SpoolProvider

SMS = Outgoing("m-1", "D-1", "received", "H57.01", "0912345678", SmsContent("Ho so D-1 da nhan", "gsm-7", 1), "vi")
ACCEPTED = Accepted("", "spool")


def spool(directory: Path) -> SpoolProvider:
    return SpoolProvider(directory, monotonic=lambda: 5)


def outcomes(directory: Path, *batch: Outgoing, until: float = 9) -> list[Outcome]:
    return [outcome for _, outcome in spool(directory).send(batch, until)]


def test_a_delivery_is_one_file_and_sending_it_again_overwrites_the_file(tmp_path: Path) -> None:
    for _ in range(2):
        assert outcomes(tmp_path / "sms", SMS) == [ACCEPTED]
    (path,) = (tmp_path / "sms").iterdir()
    assert path.name == "m-1.json"
    assert orjson.loads(path.read_bytes()) == {
        "id": "m-1",
        "dossier": "D-1",
        "kind": "received",
        "agency": "H57.01",
        "language": "vi",
        "phone": "0912345678",
        "text": "Ho so D-1 da nhan",
        "encoding": "gsm-7",
        "segments": 1,
    }


def test_an_email_has_its_address_subject_and_texts(tmp_path: Path) -> None:
    content = EmailContent("Hồ sơ D-1", "Đã tiếp nhận", "<p>Đã tiếp nhận</p>")
    assert outcomes(tmp_path, replace(SMS, address="an@example.vn", content=content)) == [ACCEPTED]
    written = orjson.loads((tmp_path / "m-1.json").read_bytes())
    assert (written["address"], written["subject"], written["html"]) == ("an@example.vn", content.subject, content.html)


def test_two_deliveries_are_two_files(tmp_path: Path) -> None:
    assert outcomes(tmp_path, SMS, replace(SMS, id="m-2")) == [ACCEPTED] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m-1.json", "m-2.json"]


def test_nothing_is_begun_after_the_end_of_the_batch(tmp_path: Path) -> None:
    assert outcomes(tmp_path, SMS, until=4) == [Throttled("the time of the batch is over", 0, "spool")]
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_files_with_addresses(tmp_path: Path) -> None:
    assert outcomes(tmp_path / "sms", SMS) == [ACCEPTED]
    assert (tmp_path / "sms").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "sms" / "m-1.json").stat().st_mode & 0o777 == 0o600


def test_a_disk_error_leaves_the_previous_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes(tmp_path, SMS)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    other = replace(SMS, content=SmsContent("another", "gsm-7", 1))
    assert outcomes(tmp_path, other) == [TemporarilyFailed("spool: No space left on device", "spool")]
    (path,) = tmp_path.iterdir()
    assert orjson.loads(path.read_bytes())["text"] == "Ho so D-1 da nhan"


def test_a_directory_that_cannot_be_made_durable_fails_the_whole_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, files = os.fsync, iter([True, True, False])

    def last_fails(handle: int) -> None:
        if not next(files):
            raise OSError(5, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fsync", last_fails)
    failed = TemporarilyFailed("spool: Input/output error", "spool")
    assert outcomes(tmp_path, SMS, replace(SMS, id="m-2")) == [failed, failed]


def test_the_next_attempt_overwrites_the_draft_of_a_killed_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", die)
        with pytest.raises(KeyboardInterrupt):
            outcomes(tmp_path, SMS)
    assert len(list(tmp_path.iterdir())) == 1
    assert outcomes(tmp_path, SMS) == [ACCEPTED]
    assert [path.name for path in tmp_path.iterdir()] == ["m-1.json"]


def test_a_directory_that_cannot_be_created_fails_for_a_time(tmp_path: Path) -> None:
    (tmp_path / "sms").write_text("a file is in the way")
    (outcome,) = outcomes(tmp_path / "sms", SMS)
    assert isinstance(outcome, TemporarilyFailed)
