from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from services.notify.channels.port import OutgoingMessage, Retryable
from services.notify.channels.spool import SpoolProvider

MESSAGE = OutgoingMessage("m-1", "D-1", "received", "0912345678", "Ho so D-1 da nhan", "gsm-7", 1)


def test_a_message_is_one_file_and_sending_it_again_overwrites_the_file(tmp_path: Path) -> None:
    spool = SpoolProvider(tmp_path / "sms")
    spool.send(MESSAGE)
    spool.send(MESSAGE)
    spool.flush()
    (path,) = (tmp_path / "sms").iterdir()
    assert path.name == "m-1.json"
    assert orjson.loads(path.read_bytes()) == {
        "id": "m-1",
        "dossier": "D-1",
        "kind": "received",
        "phone": "0912345678",
        "text": "Ho so D-1 da nhan",
        "encoding": "gsm-7",
        "segments": 1,
    }


def test_two_messages_are_two_files(tmp_path: Path) -> None:
    spool = SpoolProvider(tmp_path)
    spool.send(MESSAGE)
    spool.send(replace(MESSAGE, id="m-2"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m-1.json", "m-2.json"]


def test_only_the_owner_can_read_files_with_phone_numbers(tmp_path: Path) -> None:
    SpoolProvider(tmp_path / "sms").send(MESSAGE)
    assert (tmp_path / "sms").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "sms" / "m-1.json").stat().st_mode & 0o777 == 0o600


def test_a_disk_error_leaves_the_previous_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = SpoolProvider(tmp_path)
    spool.send(MESSAGE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Retryable, match="No space left"):
        spool.send(replace(MESSAGE, text="another"))
    with pytest.raises(Retryable, match="No space left"):
        spool.flush()
    (path,) = tmp_path.iterdir()
    assert orjson.loads(path.read_bytes())["text"] == MESSAGE.text


def test_the_next_attempt_overwrites_the_draft_of_a_killed_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = SpoolProvider(tmp_path)

    def die(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", die)
        with pytest.raises(KeyboardInterrupt):
            spool.send(MESSAGE)
    assert len(list(tmp_path.iterdir())) == 1
    spool.send(MESSAGE)
    assert [path.name for path in tmp_path.iterdir()] == ["m-1.json"]


def test_a_directory_that_cannot_be_created_is_retryable(tmp_path: Path) -> None:
    (tmp_path / "sms").write_text("a file is in the way")
    with pytest.raises(Retryable):
        SpoolProvider(tmp_path / "sms").send(MESSAGE)
