"""The words in which lists publish time limits: what is understood, and what is handed back to a person."""

from __future__ import annotations

from typing import Any

import pytest

from shared.catalogue import parse_data
from shared.catalogue.limit_wording import Wait, Waits, read_waits, read_wording
from shared.catalogue.provincial import unread_wording
from tests.shared.catalogue.test_catalogue_importing import LAND, REAL, SAMPLE

POSTING_15, POSTING_30, TAX = Wait("posting", 15), Wait("posting", 30), Wait("tax")


@pytest.mark.parametrize(
    ("text", "waits"),
    [
        ("Niêm yết công khai 30 ngày", (POSTING_30,)),
        ("Niêm yết, đăng tin 15 ngày", (POSTING_15,)),
        ("Không tính thời gian 30 ngày niêm yết công khai", (POSTING_30,)),
        ("KHÔNG TÍNH THỜI GIAN NIÊM YẾT, ĐĂNG TIN 15 NGÀY", (POSTING_15,)),
        ("Không kể thời gian thông báo công khai 15 ngày tại UBND cấp xã", (POSTING_15,)),
        ("không bao gồm thời gian niêm yết 15 ngày tại Ủy ban nhân dân xã", (POSTING_15,)),
        ("Thời gian xác định và thực hiện nghĩa vụ tài chính", (TAX,)),
        ("Không tính thời gian cơ quan thuế xác định nghĩa vụ tài chính của người sử dụng đất", (TAX,)),
        ("Không tính 15 ngày niêm yết và thời gian thực hiện nghĩa vụ tài chính", (POSTING_15, TAX)),
        ("Không tính thời gian niêm yết công khai", None),
        ("Niêm yết 15 ngày làm việc", None),
        ("Niêm yết 15 ngày, đăng tin 30 ngày", None),
        ("Niêm yết 15 ngày nếu có tranh chấp", None),
        ("Niêm yết 0 ngày", None),
        ("Niêm yết 400 ngày", None),
        ("Không tính thời gian trưng cầu giám định", None),
        ("Không tính thời gian xem xét xử lý vi phạm 15 ngày", None),
        ("Không tính thời gian", None),
        ("30 ngày", None),
        ("", None),
    ],
)
def test_uncounted_waits_are_read_or_handed_back(text: str, waits: tuple[Wait, ...] | None) -> None:
    assert read_waits(text) == (Waits((), (text,) if text else ()) if waits is None else Waits(waits))


@pytest.mark.parametrize(
    ("text", "waits", "unread"),
    [
        (
            "Thời gian này không tính thời gian tiếp nhận hồ sơ tại xã, thời gian thực hiện nghĩa vụ tài chính của người sử dụng "
            "đất, thời gian xem xét xử lý đối với trường hợp sử dụng đất có vi phạm pháp luật, thời gian trưng cầu giám định",
            (TAX,),
            (
                "thời gian tiếp nhận hồ sơ tại xã",
                "thời gian xem xét xử lý đối với trường hợp sử dụng đất có vi phạm pháp luật",
                "thời gian trưng cầu giám định",
            ),
        ),
        (
            "Không tính thời gian niêm yết công khai 15 ngày và thời gian thực hiện nghĩa vụ tài chính, thời gian đo đạc",
            (POSTING_15, TAX),
            ("thời gian đo đạc",),
        ),
        ("Không tính thời gian các ngày nghỉ, ngày lễ theo quy định của pháp luật", (), ()),
        ("Thời gian này không tính ngày nghỉ, thời gian niêm yết 15 ngày", (POSTING_15,), ()),
    ],
)
def test_of_several_waits_the_known_ones_are_read_and_the_others_handed_back(
    text: str, waits: tuple[Wait, ...], unread: tuple[str, ...]
) -> None:
    assert read_waits(text) == Waits(waits, unread)


@pytest.mark.parametrize(
    "text",
    [
        "Trong ngày làm việc.",
        "Trong ngày: nếu dữ liệu có sẵn. Không quá 10 ngày: nếu dữ liệu không có sẵn.",
        "Ngay trong ngày tiếp nhận hồ sơ",
        "Trong buổi làm việc",
        "Ngay sau khi nhận đủ hồ sơ hợp lệ",
        "Giải quyết ngay khi tiếp nhận",
        "Ngay trong ngày tiếp nhận; nhận hồ sơ sau 15 giờ thì trả kết quả trong ngày làm việc tiếp theo.",
        "Trong ngày làm việc hoặc trong ngày làm việc tiếp theo nếu tiếp nhận sau 15 giờ",
    ],
)
def test_a_same_day_limit_is_no_working_day(text: str) -> None:
    wording = read_wording(text, {1, 10}, {0})
    assert (wording.same_day, wording.one_day, wording.unread) == (True, False, ())


@pytest.mark.parametrize(
    ("text", "same_day", "one_day", "unread"),
    [
        ("01 ngày làm việc", False, True, ()),
        ("Trong 01 ngày làm việc kể từ ngày nhận đủ hồ sơ", False, True, ()),
        ("Trong ngày làm việc tiếp theo", False, False, ("Trong ngày làm việc tiếp theo",)),
        ("Trong ngày: trường hợp A. 01 ngày: trường hợp B.", True, True, ()),
        ("Không quá 03 ngày nếu có lý do chính đáng", False, False, ("Không quá 03 ngày nếu có lý do chính đáng",)),
        ("08 - 10 ngày: Tùy trường hợp cụ thể.", False, False, ()),
        ("10 ngày, trường hợp phức tạp thêm 05 ngày", False, False, ("10 ngày, trường hợp phức tạp thêm 05 ngày",)),
        ("10 ngày (20 ngày ở vùng sâu, vùng xa)", False, False, ("20 ngày ở vùng sâu, vùng xa",)),
        ("", False, False, ()),
    ],
)
def test_other_wording_is_read_or_handed_back(text: str, same_day: bool, one_day: bool, unread: Any) -> None:
    wording = read_wording(text, {1, 10}, {0})
    assert (wording.same_day, wording.one_day, wording.unread) == (same_day, one_day, unread)


def limits(entry: dict[str, Any]) -> list[dict[str, Any]]:
    (procedure,) = parse_data([entry])
    return [case.limit.as_dict() for case in procedure.cases]


def changed(text: str, *cases: dict[str, Any]) -> dict[str, Any]:
    default = {"ten": "", "so_ngay_lam_viec": 1}
    return {**SAMPLE[0], "thoi_gian_nguyen_van": text, "truong_hop": list(cases) or [default]}


def test_mortgages_and_available_data_are_due_on_the_day_of_receipt() -> None:
    by_code = {entry["ma_tthc"]: entry for entry in SAMPLE}
    assert limits(by_code["1.011441"]) == [{"immediate": True}]
    assert limits(by_code["1.012789"]) == [{"immediate": True}, {"working_days": 10}]


def test_a_wording_that_fits_two_cases_leaves_the_numbers_and_is_reported() -> None:
    text = "Trong ngày: trường hợp A. 01 ngày: trường hợp B."
    entry = changed(text, *({"ten": name, "so_ngay_lam_viec": 1} for name in "AB"))
    assert limits(entry) == [{"working_days": 1}, {"working_days": 1}]
    assert [one.text for one in unread_wording([entry])] == [text]


def test_waits_of_the_wording_count_where_the_cases_name_none() -> None:
    entry = changed("8 ngày làm việc (Không tính thời gian 30 ngày niêm yết).", {"ten": "", "so_ngay_lam_viec": 8})
    (procedure,) = parse_data([entry])
    assert procedure.case().uncounted == "Không tính thời gian 30 ngày niêm yết"
    assert [(step.id, step.working_hours, step.counted, step.wait_days) for step in procedure.route().steps] == [
        ("assessment", 32, True, None),
        ("posting", 0, False, 30),
        ("completion", 32, True, None),
    ]
    assert unread_wording([entry]) == []


def test_tax_becomes_an_uncounted_step_with_an_obligation() -> None:
    text = "Thời gian xác định và thực hiện nghĩa vụ tài chính"
    entry = changed("13 ngày", {"ten": "", "so_ngay_lam_viec": 13, "khong_tinh_thoi_gian": text})
    (procedure,) = parse_data([entry])
    tax = procedure.route().step("tax")
    assert (tax.agency_role, tax.counted, tax.obligation and tax.obligation.kind) == ("tax", False, "tax")


def test_a_wait_that_is_not_understood_stays_as_text_and_is_reported() -> None:
    text = "Thời gian trưng cầu giám định"
    entry = changed("13 ngày", {"ten": "", "so_ngay_lam_viec": 13, "khong_tinh_thoi_gian": text})
    (procedure,) = parse_data([entry])
    assert procedure.case().uncounted == text
    assert [(one.code, one.text) for one in unread_wording([entry])] == [(entry["ma_tthc"], text)]


def test_a_case_and_the_wording_that_name_other_days_are_reported() -> None:
    case = {"ten": "", "so_ngay_lam_viec": 8, "khong_tinh_thoi_gian": "Niêm yết 15 ngày"}
    entry = changed("8 ngày (Không tính 30 ngày niêm yết)", case)
    assert [one.text for one in unread_wording([entry])] == ["Không tính 30 ngày niêm yết"]


def test_of_the_published_lists_exactly_this_wording_is_not_understood() -> None:
    reasons = "Hoặc không quá 03 ngày nếu có lý do chính đáng"
    expected = [("1.011441", reasons)]
    if REAL.exists():
        expected += [(code, reasons) for code in ("1.011442", "1.011443", "1.011444", "1.011445")]
        expected += [
            ("1.012783", "Trường hợp cấp đổi đồng loạt do đo đạc lại bản đồ, thời gian theo dự án được duyệt"),
            ("1.012791", "Tùy thuộc vào việc GCN bị thu hồi được cấp lần đầu hay cấp do biến động"),
        ]
    assert sorted((one.code, one.text) for one in unread_wording(LAND)) == expected
