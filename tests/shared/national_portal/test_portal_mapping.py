"""Every field of the portal's two services."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.national_portal.history import DossierEvent
from shared.national_portal.mapping import dossier_record, progress_record, stamp
from tests.shared.national_portal.sample_history import (
    CODE,
    DESK,
    REGISTRY_OFFICE,
    RULES,
    STATES,
    WHOLE,
    dossier,
    named,
    sample_event,
)

LAW = """MaHoSo, MaTTHC, TenTTHC, MaLinhVuc, TenLinhVuc, KenhThucHien, ChuHoSo, LoaiDoiTuong, MaDoiTuong, Email, SoDienThoai, TrichYeuHoSo,
NgayTiepNhan, NgayHenTra, TrangThaiHoSo, NgayTra, HinhThuc, NgayKetThucXuLy, DonViXuLy, GhiChu, TaiLieuNop, DanhSachLePhi,
DanhSachHoSoBoSung, DanhSachGiayToKetQua"""
PROGRESS_LAW = "MaHoSo, NguoiXuLy, ChucDanh, ThoiDiemXuLy, PhongBanXuLy, NoiDungXuLy, TrangThai, NgayBatDau, NgayKetThucTheoQuyDinh"
LISTS = ("TaiLieuNop", "DanhSachLePhi", "DanhSachHoSoBoSung", "DanhSachGiayToKetQua")


def record(history: tuple[DossierEvent, ...], **changes: Any) -> dict[str, Any]:
    return dossier_record(history, dossier(**changes), RULES, named)


def progress(number: int) -> dict[str, str]:
    return progress_record(WHOLE[: number + 1], CODE, named)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2025-11-20T08:15:00+07:00", "20251120081500"),
        ("2025-12-31T17:00:00+00:00", "20260101000000"),
        (datetime(2025, 11, 20, 1, 15, 9, tzinfo=UTC), "20251120081509"),
        (None, ""),
        ("", ""),
    ],
)
def test_stamp(moment: datetime | str | None, text: str) -> None:
    assert stamp(moment) == text


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        stamp("2025-11-20T08:15:00")


def test_a_record_has_exactly_the_fields_of_the_portal_with_their_types() -> None:
    for number in range(len(WHOLE)):
        made = record(WHOLE[: number + 1])
        assert set(made) == {name.strip() for name in LAW.split(",")}
        assert all(isinstance(value, list if name in LISTS else str) for name, value in made.items())
        assert set(progress(number)) == {name.strip() for name in PROGRESS_LAW.split(",")}


def test_a_dossier_just_received() -> None:
    assert record(WHOLE[:1]) == {
        "MaHoSo": CODE,
        "MaTTHC": "1.013831",
        "TenTTHC": "Đăng ký biến động",
        "MaLinhVuc": "land",
        "TenLinhVuc": "Đất đai",
        "KenhThucHien": "1",
        "ChuHoSo": "Nguyễn Thị Bưởi",
        "LoaiDoiTuong": "1",
        "MaDoiTuong": "095185001234",
        "Email": "buoi@example.vn",
        "SoDienThoai": "0912345678",
        "TrichYeuHoSo": "Chuyển nhượng",
        "NgayTiepNhan": "20251120081500",
        "NgayHenTra": "20251202173000",
        "TrangThaiHoSo": "2",
        "NgayTra": "",
        "HinhThuc": "0",
        "NgayKetThucXuLy": "",
        "DonViXuLy": named(DESK),
        "GhiChu": "",
        "TaiLieuNop": [{"TenTepDinhKem": "Hợp đồng chuyển nhượng", "MaThanhPhanHoSo": "contract", "SoBan": "2"}],
        "DanhSachLePhi": [{"MaPhiLePhi": "fee", "TenPhiLePhi": "Lệ phí", "Gia": "100000", "HinhThucThu": "1"}],
        "DanhSachHoSoBoSung": [],
        "DanhSachGiayToKetQua": [],
    }


@pytest.mark.parametrize("number", range(len(WHOLE)))
def test_the_state_is_that_of_the_event_although_intake_knows_later_ones(number: int) -> None:
    end = {
        "resolved_at": "2025-11-26T09:00:00+07:00",
        "returned_at": "2025-11-27T09:30:00+07:00",
        "outcome": "completed",
    }
    made = record(WHOLE[: number + 1], **end)
    assert made["TrangThaiHoSo"] == progress(number)["TrangThai"] == str(STATES[number])
    assert made["NgayKetThucXuLy"] == ("20251126090000" if STATES[number] in (9, 10) else "")
    assert made["NgayTra"] == ("20251127093000" if STATES[number] == 10 else "")
    assert [one["MaThanhPhanHoSo"] for one in made["DanhSachGiayToKetQua"]] == (
        ["certificate"] if STATES[number] in (9, 10) else []
    )


@pytest.mark.parametrize(("channel", "codes"), [("counter", "10"), ("online", "20"), ("post", "31")])
def test_channels(channel: str, codes: str) -> None:
    made = record(WHOLE[:1], channel=channel)
    assert made["KenhThucHien"] + made["HinhThuc"] == codes


@pytest.mark.parametrize(
    ("id_kind", "kind"),
    [("citizen_id", "1"), ("old_id", "1"), ("passport", "1"), ("residence_card", "1"), ("tax_code", "2")],
)
def test_kinds_of_applicant(id_kind: str, kind: str) -> None:
    applicant = {**dossier()["applicant"], "id_kind": id_kind}
    assert record(WHOLE[:1], applicant=applicant)["LoaiDoiTuong"] == kind


KNOWN_REQUEST = {
    "agency": REGISTRY_OFFICE,
    "reason": "Thiếu trang chứng thực.",
    "papers": ["Hợp đồng chuyển nhượng có chứng thực"],
    "requested_at": "2025-11-21T09:00:00+07:00",
    "supplemented_at": "2025-11-22T09:00:00+07:00",
}


@pytest.mark.parametrize("known", [[], [KNOWN_REQUEST]], ids=["before intake knows", "when intake knows"])
def test_supplements_as_of_the_moment(known: list[dict[str, Any]]) -> None:
    assert record(WHOLE[:2], supplement_requests=known)["DanhSachHoSoBoSung"] == []
    [asked] = record(WHOLE[:3], supplement_requests=known)["DanhSachHoSoBoSung"]
    assert asked == {
        "HoSoBoSungId": f"{CODE}-1",
        "NguoiYeuCauBoSung": named(REGISTRY_OFFICE),
        "NoiDungBoSung": "Thiếu trang chứng thực.",
        "NgayBoSung": "20251121090000",
        "NgayTiepNhanBoSung": "",
        "TrangThaiBoSung": "0",
        "DanhSachGiayToBoSung": [{"TenGiayTo": "Hợp đồng chuyển nhượng có chứng thực"}],
    }
    [brought] = record(WHOLE[:4], supplement_requests=known)["DanhSachHoSoBoSung"]
    assert brought == {**asked, "NgayTiepNhanBoSung": "20251122090000", "TrangThaiBoSung": "1"}


@pytest.mark.parametrize("known", [True, False])
def test_obligations_as_of_the_moment(known: bool) -> None:
    kept = {"id": "o-1", "kind": "tax", "name": "Thuế", "amount": 12500000, "requested_at": "2025-11-24T09:00:00+07:00"}
    obligations = [kept] if known else []
    assert len(record(WHOLE[:6], obligations=obligations)["DanhSachLePhi"]) == 1
    assert record(WHOLE[:7], obligations=obligations)["DanhSachLePhi"][1:] == [
        {"MaPhiLePhi": "tax", "TenPhiLePhi": "Thuế", "Gia": "12500000", "HinhThucThu": "2"}
    ]


def test_an_extension_changes_the_due_time() -> None:
    extended = sample_event("dossier.extended", "24T10:00", reason="Đo lại", due_at="2025-12-09T17:30:00+07:00")
    history = (*WHOLE[:2], extended)
    assert record(history)["NgayHenTra"] == "20251209173000"
    assert record(history)["GhiChu"] == "Đo lại"
    known = [{"extended_at": "2025-11-24T10:00:00+07:00", "due_at": "2025-12-09T17:30:00+07:00"}]
    later = {"due_at": "2025-12-10T17:30:00+07:00", "reappointments": known}
    assert record(history, **later)["NgayHenTra"] == "20251210173000"  # intake knows this extension and a later one


def test_a_refused_dossier_has_no_result_and_a_stopped_one_a_reason() -> None:
    refused = (*WHOLE[:11], sample_event("dossier.resolved", "26T09:00", outcome="refused"))
    assert record(refused)["DanhSachGiayToKetQua"] == []
    stopped = (*WHOLE[:2], sample_event("dossier.stopped", "26T09:00", cause="stopped", reason="Trùng hồ sơ"))
    made = record(stopped)
    assert (made["TrangThaiHoSo"], made["GhiChu"], made["NgayKetThucXuLy"]) == ("8", "Trùng hồ sơ", "20251126090000")


@pytest.mark.parametrize(
    ("number", "content", "begun", "until", "agency"),
    [
        (0, "Tiếp nhận hồ sơ", "20251120081500", "20251202173000", DESK),
        (1, "Thẩm định hồ sơ", "20251120100000", "20251121100000", REGISTRY_OFFICE),
        (2, "Yêu cầu bổ sung giấy tờ: Thiếu trang chứng thực.", "20251121090000", "20251208235900", REGISTRY_OFFICE),
        (3, "Tiếp nhận giấy tờ bổ sung", "20251122090000", "", REGISTRY_OFFICE),
        (4, "Hoàn thành: Thẩm định hồ sơ", "20251120100000", "20251121100000", REGISTRY_OFFICE),
        (5, "Xác định thuế", "20251123090100", "", "G12.12"),
        (6, "Yêu cầu thực hiện nghĩa vụ tài chính: Thuế", "20251124090000", "", "G12.12"),
        (7, "Đã thực hiện nghĩa vụ tài chính", "20251125090000", "", "G12.12"),
        (11, "Đã có kết quả giải quyết", "20251126090000", "", REGISTRY_OFFICE),
        (12, "Đã trả kết quả", "20251127093000", "", DESK),
    ],
)
def test_progress(number: int, content: str, begun: str, until: str, agency: str) -> None:
    made = progress(number)
    assert (made["NoiDungXuLy"], made["NgayBatDau"], made["NgayKetThucTheoQuyDinh"]) == (content, begun, until)
    assert made["NguoiXuLy"] == made["PhongBanXuLy"] == named(agency)
    assert made["ThoiDiemXuLy"] == stamp(WHOLE[number].at)


def test_positions_by_role() -> None:
    assert [progress(number)["ChucDanh"] for number in (0, 1, 4)] == ["", "Chuyên viên", "Chuyên viên"]
