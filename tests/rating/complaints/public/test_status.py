"""The page of one complaint for whoever has its code and secret."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.rating.complaints.attachments.store import uploads
from services.rating.complaints.public.tables import contents
from services.rating.complaints.public.throttle import MAX_FAILURES, delete_old_tries
from services.rating.complaints.sweeps import erase_complaints
from services.rating.complaints.tables import complaints, entries
from tests.intake.online_fixture import pdf
from tests.rating.complaints.complaint_fixture import ANSWER, TEXT, Office
from tests.rating.complaints.visitor import Visitor, hidden
from tests.support.service import ServiceUnderTest

ASKED = "Ông/bà đến quầy ngày nào?"


def opened(rating: ServiceUnderTest, code: str, secret: str) -> Visitor:
    """A browser that has opened a complaint."""
    me = Visitor(rating)
    answer = me.post("feedback/status", {"code": code.lower(), "secret": f" {secret[:4].lower()} {secret[4:]}"})
    assert answer.status_code == 303
    assert code not in answer.headers["Location"]
    return me


def send(me: Visitor, action: str, files: list[tuple[str, bytes]] | None = None, **typed: str) -> str:
    """Sends one of the page's forms; returns the page that follows."""
    page = me.get("feedback/mine").text
    kept = {"action": action, "form_key": hidden(page, "form_key"), "complaint": hidden(page, "complaint")}
    answer = me.post("feedback/mine", kept | typed, files or ())
    return str(me.get("feedback/mine").text if answer.status_code == 303 else answer.text)


def state(rating: ServiceUnderTest) -> str:
    """Of the only complaint."""
    (row,) = rating.rows(complaints)
    return str(row["state"])


def test_code_and_secret_open_it_and_nothing_that_was_written_is_repeated(both_offices: Office) -> None:
    one = both_offices.lodge()
    page = opened(both_offices.rating, one.code, one.secret).get("feedback/mine").text
    assert one.code in page
    assert "Đã tiếp nhận, đang xem xét" in page
    assert not [word for word in (TEXT, "0912345678", "Nguyễn Thị Bưởi", "buoi@example.vn") if word in page]


def test_nobody_guesses_for_long_and_the_right_secret_is_always_taken(office: Office) -> None:
    rating, one = office.rating, office.lodge()
    me = Visitor(rating)
    wrong = [me.post("feedback/status", {"code": one.code, "secret": "AAAAAAAA"}) for _ in range(MAX_FAILURES + 1)]
    assert [one.status_code for one in wrong] == [404] * MAX_FAILURES + [429]
    assert wrong[-1].headers["Retry-After"]
    opened(rating, one.code, one.secret)
    rating.hand.pass_(timedelta(minutes=16))
    assert delete_old_tries(rating.context) == 2


def test_what_was_asked_for_is_sent_with_its_files_once(both_offices: Office) -> None:
    rating, one = both_offices.rating, both_offices.lodge()
    both_offices.act("request_more", one.code, ASKED)
    me = opened(rating, one.code, one.secret)
    assert ASKED in me.get("feedback/mine").text
    assert "nhap.pdf" in send(me, "supply", [("nhap.pdf", pdf())], do="add", text="Hôm qua")
    kept = {"action": "supply", "form_key": "the-form", "complaint": one.code, "text": "Ngày 3 tháng 11."}
    assert [me.post("feedback/mine", kept).status_code for _ in range(2)] == [303, 303]
    assert state(rating) == "lodged"
    assert [row["text"] for row in rating.rows(entries) if row["act"] == "supply"] == ["Ngày 3 tháng 11."]
    assert [(row["name"], row["paper"]) for row in rating.rows(uploads)] == [("nhap.pdf", "attached")]


def test_an_addition_keeps_its_file_and_its_words_when_something_is_wrong(office: Office) -> None:
    one = office.lodge()
    office.act("request_more", one.code, ASKED)
    me = opened(office.rating, one.code, one.secret)
    page = send(me, "supply", [("anh.pdf", pdf())], do="send", text="  ")
    assert "Chưa nhập nội dung." in page
    assert "anh.pdf" in page
    page = send(me, "supply", [("x.exe", b"MZ")], do="send", text="Ngày 3 tháng 11.")
    assert "Chỉ nhận tệp PDF, JPEG hoặc PNG." in page
    assert "Ngày 3 tháng 11." in page
    assert state(office.rating) == "more_requested"


def test_it_is_withdrawn_once(office: Office) -> None:
    one = office.lodge()
    me = opened(office.rating, one.code, one.secret)
    assert "Đã rút phản ánh" in send(me, "withdraw", text="")
    assert state(office.rating) == "withdrawn"
    page = me.get("feedback/mine").text
    assert 'value="withdraw"' not in page
    assert 'value="reopen"' not in page
    assert me.post("feedback/mine", {"action": "withdraw", "form_key": "again"}).status_code == 409
    assert len(office.rating.emitted("complaint.withdrawn")) == 1


def test_a_form_of_another_complaint_changes_nothing(office: Office) -> None:
    first, second = office.lodge(), office.lodge()
    me = opened(office.rating, second.code, second.secret)
    me.post("feedback/mine", {"action": "withdraw", "form_key": "k", "complaint": first.code})
    assert {row["state"] for row in office.rating.rows(complaints)} == {"lodged"}


def test_the_answer_is_read_and_the_last_word_about_it_counts(both_offices: Office) -> None:
    rating, one = both_offices.rating, both_offices.answered()
    me = opened(rating, one.code, one.secret)
    page = me.get("feedback/mine").text
    assert ANSWER in page
    assert "01/TLPA-H12.31.01" in page
    assert "Chọn hài lòng hoặc không." in send(me, "content", words="Chưa rõ")
    assert "hài lòng." in send(me, "content", content="yes")
    assert "không hài lòng." in send(me, "content", content="no", words="Quầy vẫn vắng người.")
    (said,) = rating.rows(contents)
    assert (said["content"], said["words"], said["round"]) == (False, "Quầy vẫn vắng người.", 1)


def test_it_is_looked_at_again_with_a_reason_and_another_answer_can_be_judged(office: Office) -> None:
    one = office.answered()
    me = opened(office.rating, one.code, one.secret)
    send(me, "content", content="no")
    assert "Chưa nhập nội dung." in send(me, "reopen", text="")
    assert "Đã gửi đề nghị xem xét lại." in send(me, "reopen", text="Vẫn chờ lâu.")
    assert state(office.rating) == "reopened"
    page = me.get("feedback/mine").text
    assert 'value="content"' not in page
    assert ANSWER in page, "the first answer stays readable"
    office.act("assign", one.code, "official-1")
    office.act("draft_answer", one.code, "Đã mở thêm quầy số 4.", by="official-1")
    office.act("approve", one.code)
    assert "hài lòng." in send(me, "content", content="yes")
    assert [row["content"] for row in office.rating.rows(contents)] == [False, True]


def test_why_it_was_rejected_is_read(office: Office) -> None:
    one = office.lodge()
    office.act("reject", one.code, "other_authority", "Mời gửi đến Công an tỉnh.")
    page = opened(office.rating, one.code, one.secret).get("feedback/mine").text
    assert "Không thuộc thẩm quyền" in page
    assert "Mời gửi đến Công an tỉnh." in page


@pytest.mark.parametrize("path", ["feedback/mine", "feedback/lodged"])
def test_without_a_complaint_the_form_for_the_code_is_shown(rating: ServiceUnderTest, path: str) -> None:
    assert Visitor(rating).get(path).headers["Location"] == "/rating/feedback/status"


def test_what_is_erased_takes_the_files_and_the_words_about_the_answer_along(office: Office) -> None:
    rating = office.rating
    one = office.answered()
    me = opened(rating, one.code, one.secret)
    send(me, "content", content="no", words="Quầy vẫn vắng người.")
    rating.hand.pass_(timedelta(days=1826))
    assert erase_complaints(rating.context) == 1
    assert [row["words"] for row in rating.rows(contents)] == [""]
