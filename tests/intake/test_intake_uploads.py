"""Uploads: known by their content, limited, kept whole, and never shown in place."""

from __future__ import annotations

import hashlib
import io
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake import worker
from services.intake.uploads.domain import TYPES, Unacceptable, file_name, media_type_of
from services.intake.uploads.rules import upload_rules
from shared.storage import StorageUnavailable
from tests.intake.online_fixture import JPEG, CitizenBrowser, pdf, png
from tests.intake.service_fixture import IntakeService

GOOD = {"application/pdf": pdf(), "image/jpeg": JPEG, "image/png": png(3, 2)}


def type_of(content: bytes) -> str:
    return media_type_of(io.BytesIO(content), len(content))


@pytest.mark.parametrize("media_type", GOOD)
def test_a_file_is_known_by_its_content(media_type: str) -> None:
    assert type_of(GOOD[media_type]) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00",
        b"<html><script>alert(1)</script>",
        b"GIF89a" + b"\0" * 50,
        b"%PDF-1.4\n%%EOF",
        b"%PDF-9.9" + pdf()[8:],
        pdf(b"/Encrypt 5 0 R"),
        pdf() + b"<script>",
        png()[:-4],
        png() + b"<script>",
        png(0, 1),
        png().replace(b"IDAT", b"IDAX"),
        JPEG[:-2],
        b"\xff\xd8\xff\xe0",
        JPEG[:20] + JPEG[-2:],
    ],
)
def test_other_and_broken_files_are_refused(content: bytes) -> None:
    with pytest.raises(Unacceptable):
        type_of(content)


@given(st.sampled_from(sorted(GOOD)), st.integers(0, 400))
def test_a_file_that_was_cut_off_is_refused(media_type: str, length: int) -> None:
    content = GOOD[media_type].rstrip()
    with pytest.raises(Unacceptable):
        type_of(content[: min(length, len(content) - 1)])


@given(st.binary(max_size=300), st.sampled_from([b"%PDF-1.7\n", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b""]))
def test_no_bytes_make_the_check_fail_otherwise(content: bytes, head: bytes) -> None:
    try:
        assert type_of(head + content) in TYPES
    except Unacceptable:
        return


@given(st.text(max_size=300))
def test_a_name_holds_nothing_that_a_folder_or_a_header_could_misread(given_name: str) -> None:
    name = file_name(given_name, "application/pdf")
    assert name.endswith(".pdf")
    assert len(name) < 160
    assert not set(name) & set('/\\<>:"|?*\r\n\0')
    assert not name.startswith(".")


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


def begun(intake: IntakeService) -> tuple[CitizenBrowser, str]:
    """A draft whose papers are known."""
    me = CitizenBrowser(intake)
    draft = me.begin()
    me.post(f"/drafts/{draft}/case", case="transfer")
    return me, draft
