"""A dossier as the portal wants it: the fields of its two services, as texts, as of one moment of the dossier's story. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.national_portal.history import DossierEvent, State, dossier_status
from shared.national_portal.rules import Rules
from shared.runtime.clock import VIETNAM

Names = Callable[[str], str]
"""An agency's code → its name."""

_ORGANISATION_DIGITS = (10, 13)
_POSITIONS = {"officer": "Chuyên viên", "leader": "Lãnh đạo", "clerk": "Cán bộ Bộ phận Một cửa"}
_ENDED = (State.RESOLVED, State.RETURNED, State.STOPPED)


def stamp(moment: datetime | str | None) -> str:
    """A moment as the portal writes it, ``yyyyMMddHHmmss`` in Vietnam's time; "" when there is none."""
    if not moment:
        return ""
    aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if aware.tzinfo is None:
        raise ValueError(f"{moment} has no offset")
    return aware.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")


def dossier_record(
    story: Sequence[DossierEvent], dossier: Mapping[str, Any], rules: Rules, names: Names
) -> dict[str, Any]:
    """The fields of ``DongBoHoSoMC``, as things stood when the last event of the story happened.

    Args:
        story: the dossier's events up to the one that is told, at least that one.
        dossier: what intake says of it now; holds personal data.
        rules: the portal's codes.
        names: of agencies.
    """
    state, codes, applicant = _state(story), rules.codes, dossier["applicant"]
    kind = "organisation" if len(applicant["id_number"]) in _ORGANISATION_DIGITS else "person"
    return {
        "MaHoSo": dossier["code"],
        "MaTTHC": dossier["procedure"]["code"],
        "TenTTHC": dossier["procedure"]["name"],
        "MaLinhVuc": dossier["field"],
        "TenLinhVuc": dossier["field_name"],
        "KenhThucHien": codes["channels"][dossier["channel"]],
        "ChuHoSo": applicant["name"],
        "LoaiDoiTuong": codes["applicant_kinds"][kind],
        "MaDoiTuong": applicant["id_number"],
        "Email": applicant["email"],
        "SoDienThoai": applicant["phone"],
        "TrichYeuHoSo": dossier["case_name"] or dossier["procedure"]["name"],
        "NgayTiepNhan": stamp(dossier["received_at"]),
        "NgayHenTra": stamp(_due(story, dossier)),
        "TrangThaiHoSo": str(int(state)),
        "NgayTra": stamp(_moment(story, "dossier.returned")),
        "HinhThuc": codes["return_forms"][dossier["channel"]],
        "NgayKetThucXuLy": stamp(_end(story, dossier)) if state in _ENDED else "",
        "DonViXuLy": names(_handler(story) or dossier["receiving_agency"]),
        "GhiChu": _remark(story),
        "TaiLieuNop": [_paper(paper) for paper in dossier["papers"]],
        "DanhSachLePhi": _fees(story, dossier, codes["fee_moments"]),
        "DanhSachHoSoBoSung": _supplements(story, dossier, codes["supplement_states"], names),
        "DanhSachGiayToKetQua": _results(story, dossier, rules) if state in (State.RESOLVED, State.RETURNED) else [],
    }


def progress_record(story: Sequence[DossierEvent], dossier: str, names: Names) -> dict[str, str]:
    """The fields of ``CapNhatTienDoHoSoMC`` for the last event of the story.

    No event names an official, so the agency stands for the person who did it.

    Args:
        story: the dossier's events up to the one that is told.
        dossier: its code.
        names: of agencies.
    """
    what = story[-1]
    assigned = _assignment(story, what.data.get("task")) if what.name.startswith("step.") else {}
    agency = names(what.agency or _handler(story) or _desk(story))
    return {
        "MaHoSo": dossier,
        "NguoiXuLy": agency,
        "ChucDanh": _POSITIONS.get(assigned.get("official_role", ""), ""),
        "ThoiDiemXuLy": stamp(what.at),
        "PhongBanXuLy": agency,
        "NoiDungXuLy": _content(what, assigned),
        "TrangThai": str(int(_state(story))),
        "NgayBatDau": stamp(what.data.get("assigned_at") or what.at),
        "NgayKetThucTheoQuyDinh": stamp(_until(what, assigned)),
    }


def _state(story: Iterable[DossierEvent]) -> State:
    return dossier_status(story).state or State.RECEIVED


def _moment(story: Sequence[DossierEvent], *names: str) -> datetime | None:
    return next((what.at for name in names for what in reversed(story) if what.name == name), None)


def _end(story: Sequence[DossierEvent], dossier: Mapping[str, Any]) -> datetime | str | None:
    """When the work on it ended: with the result, else when that was handed over, else when it was stopped."""
    resolved = _moment(story, "dossier.resolved") or dossier["resolved_at"]
    return resolved or _moment(story, "dossier.returned", "dossier.stopped")


def _due(story: Sequence[DossierEvent], dossier: Mapping[str, Any]) -> datetime | str:
    """The promised time: as intake has it, unless the agency promised anew and intake has not heard of it."""
    known = {stamp(one["extended_at"]) for one in dossier["reappointments"]}
    for what in reversed(story):
        if what.name == "dossier.extended" and stamp(what.at) not in known:
            return str(what.data["due_at"])
    return str(dossier["due_at"] or dossier["promised_at"])


def _handler(story: Sequence[DossierEvent]) -> str:
    return next((what.agency for what in reversed(story) if what.name.startswith("step.")), "")


def _desk(story: Sequence[DossierEvent]) -> str:
    return next((str(what.data["receiving_agency"]) for what in story if what.data.get("receiving_agency")), "")


def _remark(story: Sequence[DossierEvent]) -> str:
    """Why it was stopped or promised anew, the newest of these."""
    said = (what.data.get("reason", "") for what in reversed(story) if what.name in _WITH_REASON)
    return next((reason for reason in said if reason), "")


_WITH_REASON = ("dossier.stopped", "dossier.extended")


def _paper(paper: Mapping[str, Any]) -> dict[str, str]:
    return {"TenTepDinhKem": paper["name"], "MaThanhPhanHoSo": paper["code"], "SoBan": str(paper["copies"])}


def _fees(
    story: Sequence[DossierEvent], dossier: Mapping[str, Any], moments: Mapping[str, str]
) -> list[dict[str, str]]:
    """The fees of filing, and the obligations that were requested until now."""
    filing = [(item["code"], item["name"], item["amount"], moments["filing"]) for item in dossier["fee_items"]]
    requested = {what.data["obligation"]: what.data for what in story if what.name == "obligation.requested"}
    until = story[-1].at
    known = {one["id"]: one for one in dossier["obligations"] if _moment_of(one["requested_at"]) <= until}
    owed = [(one["kind"], one["name"], one["amount"], moments["obligation"]) for one in (known | requested).values()]
    return [
        {"MaPhiLePhi": code, "TenPhiLePhi": name, "Gia": str(amount), "HinhThucThu": moment}
        for code, name, amount, moment in (*filing, *owed)
    ]


def _supplements(
    story: Sequence[DossierEvent], dossier: Mapping[str, Any], states: Mapping[str, str], names: Names
) -> list[dict[str, Any]]:
    """What the citizen was asked for until now, and when he brought it."""
    until = story[-1].at
    requests = {
        stamp(one["requested_at"]): one
        for one in dossier["supplement_requests"]
        if _moment_of(one["requested_at"]) <= until
    }
    for what in story:
        if what.name == "supplement.requested":
            requests.setdefault(stamp(what.at), what.data)
    brought = [what.at for what in story if what.name == "dossier.supplemented"]
    return [
        _supplement(f"{dossier['code']}-{number}", one, _brought(one, brought, until), states, names)
        for number, (_, one) in enumerate(sorted(requests.items()), 1)
    ]


def _brought(request: Mapping[str, Any], brought: Sequence[datetime], until: datetime) -> datetime | None:
    asked, told = _moment_of(request["requested_at"]), request.get("supplemented_at")
    if told and _moment_of(told) <= until:
        return _moment_of(told)
    return next((moment for moment in brought if moment >= asked), None)


def _supplement(
    id_: str, one: Mapping[str, Any], brought: datetime | None, states: Mapping[str, str], names: Names
) -> dict[str, Any]:
    return {
        "HoSoBoSungId": id_,
        "NguoiYeuCauBoSung": names(one["agency"]),
        "NoiDungBoSung": one["reason"],
        "NgayBoSung": stamp(one["requested_at"]),
        "NgayTiepNhanBoSung": stamp(brought),
        "TrangThaiBoSung": states["handed_in" if brought else "asked"],
        "DanhSachGiayToBoSung": [{"TenGiayTo": paper} for paper in one["papers"]],
    }


def _results(story: Sequence[DossierEvent], dossier: Mapping[str, Any], rules: Rules) -> list[dict[str, str]]:
    """The papers that the completed steps have made for the citizen; none when the dossier was refused."""
    outcomes = (what.data["outcome"] for what in reversed(story) if what.name == "dossier.resolved")
    if next(outcomes, dossier["outcome"]) == "refused":
        return []
    done = {what.data["step"] for what in story if what.name == "step.completed"}
    made = [one for one in dossier["outputs"] if one["step"] in done and one["code"] not in rules.internal_papers]
    return [{"TenGiayTo": one["name"], "MaThanhPhanHoSo": one["code"]} for one in made]


def _assignment(story: Sequence[DossierEvent], task: str | None) -> Mapping[str, Any]:
    for what in reversed(story):
        if what.name == "step.assigned" and what.data["task"] == task:
            return what.data
    return {}


_CONTENTS = {
    "dossier.received": "Tiếp nhận hồ sơ",
    "dossier.supplemented": "Tiếp nhận giấy tờ bổ sung",
    "dossier.withdrawn": "Công dân yêu cầu rút hồ sơ",
    "fee.paid": "Đã thực hiện nghĩa vụ tài chính",
    "dossier.resolved": "Đã có kết quả giải quyết",
    "dossier.returned": "Đã trả kết quả",
}


def _content(what: DossierEvent, assigned: Mapping[str, Any]) -> str:
    if what.name == "step.assigned":
        return str(what.data["name"])
    if what.name == "step.completed":
        return f"Hoàn thành: {assigned.get('name') or what.data['step']}"
    if what.name == "supplement.requested":
        return f"Yêu cầu bổ sung giấy tờ: {what.data['reason']}"
    if what.name == "obligation.requested":
        return f"Yêu cầu thực hiện nghĩa vụ tài chính: {what.data['name']}"
    if what.name in _WITH_REASON:
        label = "Dừng giải quyết hồ sơ" if what.name == "dossier.stopped" else "Xin lỗi và hẹn lại ngày trả kết quả"
        return f"{label}: {what.data['reason']}" if what.data.get("reason") else label
    return _CONTENTS[what.name]


def _until(what: DossierEvent, assigned: Mapping[str, Any]) -> str | None:
    """When what the event begins has to be done, if it says so."""
    for field in ("due_at", "until", "promised_at"):
        if what.name != "dossier.resolved" and what.data.get(field):
            return str(what.data[field])
    due = assigned.get("due_at")
    return str(due) if due else None


def _moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)
