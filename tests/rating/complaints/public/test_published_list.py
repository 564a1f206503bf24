"""The public list of answers: found with and without diacritics, by agency and field, page by page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from services.rating.complaints.public.list_pages import PAGE_SIZE
from services.rating.complaints.public.store import Wanted, published
from tests.rating.complaints.complaint_fixture import DESK, PROVINCE, Office, employ
from tests.rating.complaints.visitor import Visitor

QUESTION, ANSWER = "Chờ đợi quá lâu ở quầy số 3 khi nộp hồ sơ đất đai.", "Đã mở thêm quầy số 4."
OTHER_QUESTION, OTHER_ANSWER = "Máy lấy số hỏng 100% buổi sáng.", "Máy đã được sửa."


def publish(office: Office, question: str = QUESTION, answer: str = ANSWER, **about: str) -> str:
    """A complaint that was answered and published; returns its code."""
    one = office.answered(**about)
    office.act("publish", one.code, question, answer)
    office.rating.hand.pass_(timedelta(minutes=1))
    return one.code


def found(office: Office, **wanted: str) -> list[str]:
    """Codes that a search finds."""
    with office.rating.store.read() as connection:
        return [one.code for one in published(connection, Wanted(**wanted), None, 100)]


SEARCHES = {
    "": 2,
    "quầy": 1,
    "quay so 3": 1,
    "QUẦY SỐ": 1,
    "cho doi dat dai": 1,
    "dat đai mo them": 1,
    "đấ": 2,  # the beginning of a word, without its diacritics
    "uầy": 0,
    "máy": 1,
    "quầy máy": 0,
    "100%": 1,
    "%": 2,
    "_": 2,
    "không có từ này": 0,
}


def test_words_are_found_with_and_without_diacritics(both_offices: Office) -> None:
    publish(both_offices)
    publish(both_offices, OTHER_QUESTION, OTHER_ANSWER)
    assert {text: len(found(both_offices, text=text)) for text in SEARCHES} == SEARCHES


def test_the_list_is_filtered_by_agency_and_field_and_hides_what_is_looked_at_again(office: Office) -> None:
    land, other = publish(office, field="land"), publish(office, OTHER_QUESTION, OTHER_ANSWER)
    assert found(office) == [other, land]
    assert found(office, field="land") == [land]
    assert found(office, agency=DESK) == [other, land]
    assert found(office, agency=PROVINCE) == []
    me = Visitor(office.rating)
    page = me.get(f"feedback?field=land&agency={DESK}&q=quay").text
    assert QUESTION in page
    assert OTHER_QUESTION not in page
    assert re.search('<option value="land"[^>]* selected>', page)
    assert ANSWER in me.get(f"feedback/answers/{land}").text
    again = office.answered(field="land")
    office.act("publish", again.code, "Cũng thế.", "Đã trả lời.")
    office.own("reopen", again, "Chưa đúng.")
    assert again.code not in found(office)
    assert me.get(f"feedback/answers/{again.code}").status_code == 404


def test_the_list_goes_on_page_by_page_and_says_nothing_of_who_complained(office: Office) -> None:
    codes = [publish(office) for _ in range(PAGE_SIZE + 2)]
    me, path, seen = Visitor(office.rating), "feedback?q=quay", []
    while path:
        page = me.get(path).text
        assert "Nguyễn Thị Bưởi" not in page
        seen += [code for code in reversed(codes) if code in page]
        following = page.partition('rel="next" href="')[2].partition('"')[0]
        path = following.replace("&amp;", "&").removeprefix("/rating/")
    assert seen == codes[::-1]


@pytest.mark.parametrize("place", ["x", "2025-11-03T08:00:00 ", "9999-99-99 a", "2025-11-03T08:00:00+07:00"])
def test_what_is_no_place_in_the_list_is_its_beginning(office: Office, place: str) -> None:
    code = publish(office)
    assert code in Visitor(office.rating).get(f"feedback?after={place.replace('+', '%2B')}").text


def test_an_answer_that_is_not_published_is_not_there(office: Office) -> None:
    one = office.answered()
    employ(office.rating, "official-9")
    me = Visitor(office.rating)
    assert [me.get(f"feedback/answers/{code}").status_code for code in (one.code, "PA-X-2025-00001", "x")] == [404] * 3
