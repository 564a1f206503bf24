"""The search for procedures over the whole catalogue: the built-in procedures and the province's list."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.procedures.everyday_words import WORDS_FILE, everyday_words
from services.intake.procedures.readings import EverydayWords, Saying
from services.intake.procedures.search import SearchIndex
from services.intake.procedures.typing_mistakes import distance
from shared.catalogue import load_builtin, parse_data
from shared.catalogue.text import words_of
from tests.intake.service_fixture import IntakeService
from tests.shared.catalogue.test_catalogue_importing import LAND

PROCEDURES = {procedure.code: procedure for procedure in (*parse_data(LAND), *load_builtin())}
ENTRIES = {code: words_of(procedure.name) for code, procedure in PROCEDURES.items()}
INDEX = SearchIndex(ENTRIES, everyday_words())
DAY = date(2025, 11, 3)

BIRTH, LINKED_BIRTH, COPY_OF_BIRTH = "1.001193", "2.002621", "2.000635"
DEATH, LINKED_DEATH, FUNERAL = "1.000656", "1.011537", "1.014028"
MARRIAGE, MARITAL_STATUS, CORRECTION = "1.000894", "1.004873", "1.004859"
TRANSFER, TRANSFER_WITH_TAX, FIRST_CERTIFICATE = "1.013831", "2.000889", "1.013978"
LOST_CERTIFICATE, SPLIT, MORTGAGE, END_OF_MORTGAGE = "1.012786", "1.012784", "1.011441", "1.011443"
CERTIFIED_COPY, CRIMINAL_RECORD, HOUSEHOLD_BUSINESS = "2.000815", "2.000488", "1.001612"


def search(text: str, day: date = DAY) -> list[str]:
    return INDEX.search(text, day).codes


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("kết hôn", [MARRIAGE]),
        ("khai tử", [DEATH, LINKED_DEATH]),
        ("khai sinh", [BIRTH, LINKED_BIRTH, COPY_OF_BIRTH]),
        ("đăng ký khai sinh", [BIRTH, LINKED_BIRTH]),
        ("hôn nhân", [MARITAL_STATUS]),
        ("lý lịch tư pháp", [CRIMINAL_RECORD]),
        ("tư pháp lý lịch", [CRIMINAL_RECORD]),
        ("tách thửa", [SPLIT]),
        ("mai táng", [FUNERAL, LINKED_DEATH]),
        ("khai si", [BIRTH, LINKED_BIRTH, COPY_OF_BIRTH]),
        ("1.013831", [TRANSFER]),
        ("013831", [TRANSFER]),
    ],
)
def test_official_words_find_whole_words_that_stand_together(text: str, first: list[str]) -> None:
    assert search(text) == first


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("làm giấy khai sinh", BIRTH),
        ("tôi muốn làm giấy khai sinh cho con", BIRTH),
        ("xin lại giấy khai sinh", COPY_OF_BIRTH),
        ("giấy chứng tử", DEATH),
        ("mua bán đất", TRANSFER),
        ("sang tên sổ đỏ", TRANSFER),
        ("thủ tục sang tên đất", TRANSFER),
        ("làm sổ đỏ", FIRST_CERTIFICATE),
        ("mất sổ hồng", LOST_CERTIFICATE),
        ("tách sổ", SPLIT),
        ("thẻ bhyt", LINKED_BIRTH),
        ("thẻ BHYT cho trẻ em", LINKED_BIRTH),
        ("xác nhận độc thân", MARITAL_STATUS),
        ("sao y", CERTIFIED_COPY),
        ("công chứng giấy tờ", CERTIFIED_COPY),
        ("mở quán", HOUSEHOLD_BUSINESS),
        ("vay ngân hàng", MORTGAGE),
        ("xóa thế chấp", END_OF_MORTGAGE),
        ("sửa giấy khai sinh", CORRECTION),
    ],
)
def test_everyday_words_find_the_right_procedure_first(text: str, first: str) -> None:
    assert search(text)[0] == first
    letters = "".join(f"{plain} " for _, plain in words_of(text))
    assert search(letters)[0] == first


@pytest.mark.parametrize("text", ["kết hôn", "khai sinh", "khai tử", "làm giấy khai sinh", "làm giấy khai tử"])
def test_civil_status_finds_no_land(text: str) -> None:
    assert not [code for code in search(text) if PROCEDURES[code].field == "land"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("đăng ký khai tử", "đăng kí khai tử"),
        ("đăng ký khai tử", "dang ki khai tu"),
        ("đăng ký khai tử", "DANG KY KHAI TU"),
        ("lý lịch tư pháp", "lí lịch tư pháp"),
        ("xóa đăng ký", "xoá đăng kí"),
        ("xóa đăng ký", "xoa dang ky"),
        ("thẻ bhyt", "the BHYT"),
        ("mua bán đất", "mua ban dat"),
        ("bảo\u200b hiểm y tế", "bảo hiểm y tế"),
        ("khai-sinh", "khai sinh"),
    ],
)
def test_spellings_of_a_word_are_one(one: str, other: str) -> None:
    assert search(one)
    assert sorted(search(one)) == sorted(search(other))


@pytest.mark.parametrize(
    "text", ["", "  ", "!!!", "không có thủ tục nào như thế", "hồ sơ giấy tờ", "k", "qwrt plmk", "\u200b"]
)
def test_other_texts_find_nothing(text: str) -> None:
    assert search(text) == []


def test_every_saying_puts_its_procedures_first_and_knows_only_existing_ones() -> None:
    for saying in json.loads(WORDS_FILE.read_text(encoding="utf-8"))["sayings"]:
        assert set(saying["codes"]) <= set(PROCEDURES)
        for text in saying["say"]:
            assert search(text), text
            assert search(text)[: len(saying["codes"])] == saying["codes"], text


def test_a_saying_is_understood_in_its_days_only() -> None:
    said, meant = (tuple(words_of(text)) for text in ("cỗ bàn", "kết hôn"))
    words = EverydayWords(frozenset(), (Saying((said,), (meant,), (), date(2025, 1, 1), date(2025, 6, 30)),))
    index = SearchIndex(ENTRIES, words)
    found = [index.search("cỗ bàn", day).codes for day in (date(2024, 12, 31), date(2025, 6, 30), DAY)]
    assert found == [[], [MARRIAGE], []]


@settings(deadline=None)
@given(st.sampled_from(sorted(ENTRIES)), st.data())
def test_any_part_of_a_name_finds_its_procedure(code: str, data: st.DataObject) -> None:
    words = ENTRIES[code]
    start = data.draw(st.integers(0, len(words) - 1))
    part = words[start : data.draw(st.integers(start + 1, len(words)))]
    assert code in search(" ".join(data.draw(st.sampled_from(word)) for word in part))


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    assert len(search(text)) <= len(ENTRIES)


def test_the_page_and_the_api_give_the_best_first(sqlite_intake: IntakeService) -> None:
    for text, first in (
        ("khai tử", DEATH),
        ("đăng kí khai tử", DEATH),
        ("mua bán đất", TRANSFER),
        ("thẻ bhyt", LINKED_BIRTH),
    ):
        answer = sqlite_intake.client.get("/intake/api/procedures", query_string={"q": text}).json
        assert answer["items"][0]["code"] == first
        page = sqlite_intake.client.get("/intake/procedures", query_string={"q": text}).get_data(as_text=True)
        places = [page.find(f"/procedures/{item['code']}") for item in answer["items"]]
        assert places == sorted(places)
        assert min(places) > 0


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("so do", FIRST_CERTIFICATE),
        ("giay khai sinh", BIRTH),
        ("dang ky kinh doanh", HOUSEHOLD_BUSINESS),
        ("cong chung", CERTIFIED_COPY),
        ("khia sinh", BIRTH),
        ("giay kahi sinh", BIRTH),
        ("khaisinh", BIRTH),
        ("dang ki ket hom", MARRIAGE),
        ("gay khai tu", DEATH),
        ("tach thuwr", SPLIT),
        ("ly lịch tu phapp", CRIMINAL_RECORD),
        ("số đỏ", FIRST_CERTIFICATE),
        ("sang ten so dor", TRANSFER),
    ],
)
def test_mistyped_words_find_what_was_meant(text: str, first: str) -> None:
    assert search(text)[0] == first


@pytest.mark.parametrize(
    ("one", "other", "mistakes"),
    [
        ("sinh", "sinh", 0),
        ("sihn", "sinh", 1),
        ("snh", "sinh", 1),
        ("siinh", "sinh", 1),
        ("sanh", "sinh", 1),
        ("snih", "sinh", 1),
        ("", "tu", 2),
        ("nhuong", "nghuon", 2),
    ],
)
def test_mistakes_are_counted_by_letter(one: str, other: str, mistakes: int) -> None:
    assert distance(one, other) == distance(other, one) == mistakes


@settings(deadline=None)
@given(st.sampled_from(["ket hon", "ly lich tu phap", "tach thua", "mai tang"]), st.data())
def test_one_letter_too_few_in_a_long_word_is_forgiven(text: str, data: st.DataObject) -> None:
    words = text.split()
    place = data.draw(st.sampled_from([index for index, word in enumerate(words) if len(word) > 3] or [0]))
    letter = data.draw(st.integers(0, len(words[place]) - 1))
    mistyped = [*words[:place], words[place][:letter] + words[place][letter + 1 :], *words[place + 1 :]]
    assert set(search(text)[:1]) & set(search(" ".join(mistyped))) or len(words[place]) <= 3


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [
        ({"level": "commune"}, BIRTH, TRANSFER),
        ({"level": "province"}, TRANSFER, BIRTH),
        ({"agency": "land_registry"}, TRANSFER, BIRTH),
        ({"agency": "H12.14.02"}, TRANSFER, BIRTH),
        ({"agency": "H12.31"}, BIRTH, TRANSFER),
        ({"audience": "enterprise"}, MORTGAGE, BIRTH),
        ({"field": "land"}, TRANSFER, BIRTH),
        ({"field": "land", "q": "giay chung nhan"}, FIRST_CERTIFICATE, BIRTH),
    ],
)
def test_the_list_is_narrowed(sqlite_intake: IntakeService, query: dict[str, str], found: str, missing: str) -> None:
    answer = sqlite_intake.client.get("/intake/api/procedures", query_string={**query, "limit": 200}).json
    codes = [item["code"] for item in answer["items"]]
    assert found in codes
    assert missing not in codes
    assert answer["total"] == len(codes)
    assert found in sqlite_intake.client.get("/intake/procedures", query_string=query).text


def test_an_unknown_agency_has_no_procedures_and_an_unknown_level_is_refused(sqlite_intake: IntakeService) -> None:
    assert sqlite_intake.client.get("/intake/api/procedures?agency=X99").json["total"] == 0
    assert sqlite_intake.client.get("/intake/api/procedures?level=moon").status_code == 422
    assert sqlite_intake.client.get("/intake/procedures?level=moon").status_code == 200
