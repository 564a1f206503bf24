"""Filing a complaint on the web and at a kiosk: nothing is lost on an error, and nothing is lodged twice."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta

import pytest

from services.rating import worker
from services.rating.complaints.attachments import commands as attachments
from services.rating.complaints.attachments.store import AREA, uploads
from services.rating.complaints.entry_rules import central_desk, entry_rules
from services.rating.complaints.tables import complaints
from tests.intake.online_fixture import JPEG, pdf, png
from tests.rating.complaints.visitor import CENTRE, DESK, FILLED, WORDS, Visitor, codes, hidden
from tests.support.service import ServiceUnderTest

DRAFT = {"kind": "feedback", "agency": DESK, "text": WORDS}


def kept(rating: ServiceUnderTest) -> list[tuple[str, str, str]]:
    """Name, owner and state of the files."""
    return [(row["name"], row["paper"], row["state"]) for row in rating.rows(uploads)]


def test_what_is_filed_gets_a_code_and_a_secret(both: ServiceUnderTest) -> None:
    code, secret = Visitor(both).file(name="Trần Thị Bưởi", dossier="h12.31.01-251103-0001", about="quầy 3")
    (row,) = both.rows(complaints)
    assert (row["code"], row["channel"], row["kind"], row["topic"], row["agency"]) == (
        code,
        "web",
        "feedback",
        "delay",
        DESK,
    )
    assert (row["text"], row["name"], row["phone"], row["about"]) == (WORDS, "Trần Thị Bưởi", "0912345678", "quầy 3")
    (told,) = both.emitted("complaint.notice")
    assert (told.data["kind"], told.data["code"], told.data["phone"]) == ("lodged", secret, "0912345678")


def test_a_form_sent_twice_lodges_one_complaint_with_one_secret(rating: ServiceUnderTest) -> None:
    me = Visitor(rating)
    typed = FILLED | {"id": me.form()}
    told = []
    for _ in range(2):
        assert me.post("feedback/new", typed).status_code == 303
        told.append(codes(me.get("feedback/lodged").text))
    assert told[0] == told[1]
    assert len(rating.rows(complaints)) == len(rating.emitted("complaint.lodged")) == 1


def test_other_words_in_a_sent_form_are_no_second_complaint_until_they_are_sent_again(rating: ServiceUnderTest) -> None:
    me = Visitor(rating)
    typed = FILLED | {"id": me.form()}
    me.post("feedback/new", typed)
    changed = me.post("feedback/new", typed | {"text": "Và hôm sau cũng thế."})
    assert changed.status_code == 409
    assert "Và hôm sau cũng thế." in changed.text
    assert len(rating.rows(complaints)) == 1
    again = hidden(changed.text, "id")
    assert again != typed["id"]
    assert me.post("feedback/new", typed | {"text": "Và hôm sau cũng thế.", "id": again}).status_code == 303
    assert len(rating.rows(complaints)) == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"text": " "}, "Chưa nhập nội dung."),
        ({"kind": ""}, "Chọn phản ánh hay kiến nghị."),
        ({"agency": "H99"}, "Chọn một cơ quan trong danh sách."),
        ({"phone": "12"}, "Số điện thoại không đúng."),
        ({"email": "không có"}, "Địa chỉ thư điện tử không đúng."),
        ({"dossier": "?"}, "Mã hồ sơ không đúng."),
        ({"kind": "recommendation"}, "Cần họ và tên"),
        ({"text": "x" * 4001}, "Dài quá 4000 ký tự."),
    ],
)
def test_an_error_loses_nothing_that_was_typed_or_uploaded(
    rating: ServiceUnderTest, wrong: dict[str, str], told: str
) -> None:
    me = Visitor(rating)
    id_ = me.form()
    typed = FILLED | {"id": id_, "about": "quầy số 3"} | wrong
    answer = me.post("feedback/new", typed, [("ảnh.jpg", JPEG)])
    assert answer.status_code == 422
    assert told in answer.text
    assert typed["about"] in answer.text
    assert typed["text"].strip() in answer.text
    assert "ảnh.jpg" in answer.text
    assert rating.rows(complaints) == []
    fixed = me.post("feedback/new", FILLED | {"id": hidden(answer.text, "id")})
    assert fixed.status_code == 303
    assert kept(rating) == [("ảnh.jpg", "attached", "kept")]


def test_files_are_added_and_taken_out_before_the_form_is_sent(rating: ServiceUnderTest) -> None:
    me = Visitor(rating)
    typed = DRAFT | {"id": me.form(), "do": "add"}
    page = me.post("feedback/new", typed, [("một.pdf", pdf()), ("hai.png", png(2, 2))])
    assert page.status_code == 200
    assert WORDS in page.text
    first = next(row for row in rating.rows(uploads) if row["name"] == "một.pdf")
    assert "một.pdf" not in me.post("feedback/new", typed | {"remove": first["id"]}).text
    assert me.post("feedback/new", typed | {"do": "send"}).status_code == 303
    (row,) = rating.rows(complaints)
    belong = [one["name"] for one in rating.rows(uploads) if (one["draft"], one["paper"]) == (row["id"], "attached")]
    assert belong == ["hai.png"]


def test_a_file_that_is_none_of_the_kinds_or_one_too_many_is_named_and_the_others_stay(
    rating: ServiceUnderTest,
) -> None:
    me, most = Visitor(rating), entry_rules(rating.context.clock.now().date()).files
    files = [("chữ.txt", b"abc"), *((f"{number}.png", png(number, 1)) for number in range(1, most + 2))]
    answer = me.post("feedback/new", DRAFT | {"id": me.form()}, files)
    assert answer.status_code == 422
    assert "chữ.txt: Chỉ nhận tệp PDF, JPEG hoặc PNG." in answer.text
    assert f"{most + 1}.png: Tối đa {most} tệp." in answer.text
    assert len(kept(rating)) == most


def test_nothing_is_kept_of_a_formal_complaint_or_denunciation(rating: ServiceUnderTest) -> None:
    me = Visitor(rating)
    for kind in ("formal_complaint", "denunciation"):
        answer = me.post("feedback/new", FILLED | {"id": me.form(), "kind": kind})
        assert answer.status_code == 422
        assert "Ban Tiếp công dân" in answer.text
        assert WORDS in answer.text
    assert rating.rows(complaints) == []


def test_who_ticks_that_gives_no_name_and_number(rating: ServiceUnderTest) -> None:
    Visitor(rating).file(anonymous="yes", name="Lê Văn Tám")
    (row,) = rating.rows(complaints)
    assert (row["name"], row["phone"], row["anonymous"]) == ("", "", True)
    assert rating.emitted("complaint.notice") == []


def test_what_names_no_agency_goes_to_the_desk_at_the_top(rating: ServiceUnderTest) -> None:
    Visitor(rating).file(agency="")
    assert [row["agency"] for row in rating.rows(complaints)] == [CENTRE]
    agencies, today = rating.context.reference.agencies, rating.context.clock.now().date()
    assert central_desk(agencies, today) == CENTRE


def test_a_flood_is_told_to_wait_and_keeps_what_it_typed(rating: ServiceUnderTest) -> None:
    me = Visitor(rating)
    most = entry_rules(rating.context.clock.now().date()).lodged_of_address
    for _ in range(most):
        assert me.post("feedback/new", FILLED | {"id": me.form()}).status_code == 303
    last = FILLED | {"id": me.form()}
    refused = me.post("feedback/new", last)
    assert (refused.status_code, WORDS in refused.text, int(refused.headers["Retry-After"]) > 0) == (429, True, True)
    rating.hand.pass_(timedelta(minutes=16))
    assert me.post("feedback/new", last).status_code == 303


def test_at_a_kiosk_the_next_visitor_sees_nothing_of_it(rating: ServiceUnderTest) -> None:
    me = Visitor(rating)

    def visit(id_: str) -> None:
        known = b64encode(json.dumps({"id": id_, "desk": DESK}).encode()).decode()
        me.client.set_cookie("motcua_visit", known, path="/")

    visit("visit-1")
    assert 'type="file"' not in me.get("feedback/new").text
    code, secret = me.file(agency="")
    assert [(row["channel"], row["agency"]) for row in rating.rows(complaints)] == [("kiosk", DESK)]
    visit("visit-2")
    assert me.get("feedback/lodged").headers["Location"].endswith("/rating/feedback/status")
    assert code not in me.get("feedback/status").text
    assert secret not in me.get("feedback/status").text


def test_files_of_a_form_that_is_never_sent_are_deleted(rating: ServiceUnderTest) -> None:
    me, folder = Visitor(rating), rating.context.settings.data / AREA
    me.post("feedback/new", DRAFT | {"id": me.form(), "do": "add"}, [("một.pdf", pdf())])
    sent = Visitor(rating)
    sent.post("feedback/new", DRAFT | {"id": sent.form()}, [("hai.pdf", pdf(b"/Info 1 0 R"))])
    assert attachments.delete_unsent(rating.context) == 0
    rating.hand.pass_(timedelta(hours=25))
    assert [attachments.delete_unsent(rating.context) for _ in range(2)] == [1, 0]
    assert attachments.delete_discarded_files(rating.context) == 1
    assert [name for name, _, _ in kept(rating)] == ["hai.pdf"]
    assert len([one for one in folder.rglob("*") if one.is_file()]) == 1
    names = {one.name for one in worker.WORKER.sweeps}
    assert {"delete files of complaints that were not sent", "delete discarded files of complaints"} <= names
