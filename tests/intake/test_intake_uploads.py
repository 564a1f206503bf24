"""Uploads: known by their content, limited, kept whole, and never shown in place."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.intake import worker
from services.intake.app import create_app
from services.intake.uploads.rules import upload_rules
from services.intake.uploads.store import rows
from shared.runtime.data_keys import DataKeys
from shared.storage import StorageUnavailable, open_storage
from shared.uploads.keeping import files_by_key, reseal_files
from tests.intake.online_fixture import JPEG, pdf, png
from tests.intake.service_fixture import IntakeService
from tests.intake.upload_fixture import begun, make_old, stored_files
from tests.support.s3 import S3Server


def test_a_file_is_kept_with_its_hash_and_comes_back_as_a_download(intake: IntakeService) -> None:
    me, draft = begun(intake)
    assert me.upload(draft, "application", pdf(), "../Đơn của tôi.exe").status_code == 303
    (row,) = intake.rows("upload")
    assert (row["media_type"], row["name"], row["state"]) == ("application/pdf", "Đơn của tôi.pdf", "kept")
    assert row["sha256"] == hashlib.sha256(pdf()).hexdigest()
    answer = me.get(f"/drafts/{draft}/files/{row['id']}")
    assert answer.data == pdf()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_same_file_once_more_is_kept_once(sqlite_intake: IntakeService) -> None:
    me, draft = begun(sqlite_intake)
    for _ in range(2):
        assert me.upload(draft, "application", png()).status_code == 303
    assert len(sqlite_intake.rows("upload")) == 1


@pytest.mark.parametrize(("content", "name"), [(b"MZ", "don.pdf"), (b"", "trong.pdf")])
def test_what_is_not_accepted_is_named_and_not_kept(sqlite_intake: IntakeService, content: bytes, name: str) -> None:
    me, draft = begun(sqlite_intake)
    answer = me.upload(draft, "application", content, name)
    assert answer.status_code == 422
    assert name in answer.text
    assert 'href="#f-file"' in answer.text
    assert sqlite_intake.rows("upload") == []


def test_a_file_may_be_as_large_as_the_rule_says_and_no_larger(sqlite_intake: IntakeService) -> None:
    me, draft = begun(sqlite_intake)
    most = upload_rules(date(2025, 11, 20)).file_bytes
    head = JPEG[:-2]
    fits = head + b"\x55" * (most - len(JPEG)) + JPEG[-2:]
    assert me.upload(draft, "application", fits, "lon.jpg").status_code == 303
    assert me.upload(draft, "application", fits + b"\x00", "lon.jpg").status_code == 422
    assert me.upload(draft, "application", b"\0" * (21 << 20), "lon.jpg").status_code == 413


def test_a_paper_has_so_many_files_and_no_more(sqlite_intake: IntakeService) -> None:
    me, draft = begun(sqlite_intake)
    most = upload_rules(date(2025, 11, 20)).files_per_paper
    answers = [me.upload(draft, "application", png(1, height)) for height in range(1, most + 2)]
    assert [answer.status_code for answer in answers] == [303] * most + [422]


def test_a_storage_that_fails_loses_no_draft_and_leaves_nothing(
    sqlite_intake: IntakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, draft = begun(sqlite_intake)
    storage = sqlite_intake.client.application.extensions["motcua.intake"].storage

    def full(*_: Any) -> None:
        raise StorageUnavailable("full")

    with monkeypatch.context() as failing:
        failing.setattr(type(storage), "put", full)
        assert me.upload(draft, "application", png()).status_code == 503
    assert "Đã tải lên" not in me.get(f"/drafts/{draft}/papers/application").text
    sqlite_intake.advance(timedelta(hours=2))
    assert worker.delete_discarded_uploads(sqlite_intake.context) == 1
    assert sqlite_intake.rows("upload") == []


def test_a_deleted_file_leaves_the_draft_at_once_and_the_storage_soon(sqlite_intake: IntakeService) -> None:
    me, draft = begun(sqlite_intake)
    me.upload(draft, "application", png())
    (row,) = sqlite_intake.rows("upload")
    me.post(f"/drafts/{draft}/files/{row['id']}/delete")
    assert me.get(f"/drafts/{draft}/files/{row['id']}").status_code == 404
    assert worker.delete_discarded_uploads(sqlite_intake.context) == 1
    assert list((sqlite_intake.context.settings.data / "uploads").rglob("*-*")) == []


def test_neither_file_nor_name_nor_hash_can_be_read_in_database_and_folder(sqlite_intake: IntakeService) -> None:
    me, draft = begun(sqlite_intake)
    me.upload(draft, "application", pdf(), "Don cua ba Buoi.pdf")
    digest = hashlib.sha256(pdf()).hexdigest().encode()
    kept = [path for path in sqlite_intake.context.settings.data.rglob("*") if path.is_file()]
    assert len([path for path in kept if path.read_bytes().startswith(b"MCS1")]) == 1
    for path in kept:
        content = path.read_bytes()
        for text in (b"Don cua ba", digest, b"%PDF", b"/Catalog"):
            assert text not in content, path


def test_an_upload_that_was_given_up_is_not_kept_after_all(
    sqlite_intake: IntakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, draft = begun(sqlite_intake)
    storage = sqlite_intake.client.application.extensions["motcua.intake"].storage
    put = storage.put

    def late(*given: Any) -> None:
        sqlite_intake.advance(timedelta(hours=2))
        assert worker.delete_discarded_uploads(sqlite_intake.context) == 1
        put(*given)

    monkeypatch.setattr(storage, "put", late)
    assert me.upload(draft, "application", png()).status_code == 503
    assert sqlite_intake.rows("upload") == []
    (orphan,) = stored_files(sqlite_intake)
    assert worker.delete_orphaned_files(sqlite_intake.context) == 0  # not old enough
    make_old(orphan)
    assert worker.delete_orphaned_files(sqlite_intake.context) == 1
    assert stored_files(sqlite_intake) == []


def test_the_sweep_of_orphans_leaves_what_is_known_and_what_is_not_ours(intake: IntakeService) -> None:
    me, draft = begun(intake)
    me.upload(draft, "application", png())
    (known,) = stored_files(intake)
    foreign = known.with_name(f"{known.parent.name}-somebody-else-s")
    foreign.write_bytes(b"another program's file")
    copied = known.with_name(f"{known.parent.name}-a-copy")
    copied.write_bytes(known.read_bytes())
    for path in (known, foreign, copied):
        make_old(path)
    assert worker.delete_orphaned_files(intake.context) == 0
    assert all(path.exists() for path in (known, foreign, copied))


def test_all_files_are_resealed_by_a_new_key_and_stay_readable(intake: IntakeService) -> None:
    me, draft = begun(intake)
    for height in (1, 2):
        me.upload(draft, "application", png(1, height))
    (row, _) = intake.rows("upload")
    old = intake.context.settings.data_keys
    assert old is not None
    keys = DataKeys([("k9", "a new key that is made for this test alone"), *old._keys.items()])
    storage = open_storage(replace(intake.context.settings, data_keys=keys), {})
    assert storage.key_id(row["id"]) == "k1"
    assert files_by_key(rows, intake.store, storage) == {"k1": 2}
    assert [reseal_files(rows, intake.store, storage) for _ in range(2)] == [2, 0]
    assert files_by_key(rows, intake.store, storage) == {"k9": 2}
    assert storage.key_id(row["id"]) == "k9"
    with storage.open(row["id"]) as file:
        assert file.read() in (png(1, 1), png(1, 2))


def test_files_in_a_bucket_are_used_in_the_same_way_and_a_server_that_is_away_loses_nothing(
    sqlite_intake: IntakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with S3Server(tmp_path / "s3.log") as server:
        bucket = server.new_bucket()
        for name, value in (
            ("ENDPOINT", bucket.endpoint),
            ("BUCKET", bucket.bucket),
            ("ACCESS_KEY", bucket.access_key),
            ("SECRET_KEY", bucket.secret_key),
        ):
            monkeypatch.setenv(f"MOTCUA_S3_{name}", value)
        app = create_app(sqlite_intake.context)
        sqlite_intake.client = app.test_client()
        me, draft = begun(sqlite_intake)
        assert me.upload(draft, "application", png()).status_code == 303
        (row,) = sqlite_intake.rows("upload")
        assert list(server.content(bucket)) == [row["id"]]
        file = f"/drafts/{draft}/files/{row['id']}"
        assert me.get(file).data == png()
        me.post(f"{file}/delete")
        assert worker.delete_discarded_uploads(sqlite_intake.context) == 1
        assert server.content(bucket) == {}
        me.upload(draft, "application", png())
        (row,) = sqlite_intake.rows("upload")
    for answer in (me.get(f"/drafts/{draft}/files/{row['id']}"), me.upload(draft, "application", png(2, 2))):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert me.get(f"/drafts/{draft}/papers/application").text.count("anh.png") >= 1
    assert stored_files(sqlite_intake) == []
