"""The fields of the portal's two services, as texts, at one point of a dossier's history. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.national_portal.history import DossierEvent, State, dossier_status
from shared.national_portal.rules import Rules
from shared.runtime.clock import VIETNAM

Names = Callable[[str], str]
"""An agency's code → its name."""

_POSITIONS = {"officer": "Chuyên viên", "leader": "Lãnh đạo", "clerk": "Cán bộ Bộ phận Một cửa"}
_ENDED = (State.RESOLVED, State.RETURNED, State.STOPPED)


def stamp(moment: datetime | str | None) -> str:
    """A time in the portal's format, ``yyyyMMddHHmmss`` in Vietnam's time; empty when there is none."""
    if not moment:
        return ""
    aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    if aware.tzinfo is None:
        raise ValueError(f"{moment} has no offset")
    return aware.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S")


def dossier_record(
    history: Sequence[DossierEvent], dossier: Mapping[str, Any], rules: Rules, names: Names
) -> dict[str, Any]:
    """The fields of ``DongBoHoSoMC`` at the time of the last event of the history.

    Args:
        history: the dossier's events up to the one that is reported, at least that one.
        dossier: the dossier as intake has it now; holds personal data.
        rules: the portal's codes.
        names: gives the name of an agency.
    """
    state, codes, applicant = _state(history), rules.codes, dossier["applicant"]
    kind = "organisation" if applicant["id_kind"] == "tax_code" else "person"
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
        "NgayHenTra": stamp(_due(history, dossier)),
        "TrangThaiHoSo": str(int(state)),
        "NgayTra": stamp(_moment(history, "dossier.returned")),
        "HinhThuc": codes["return_forms"][dossier["channel"]],
        "NgayKetThucXuLy": stamp(_end(history, dossier)) if state in _ENDED else "",
        "DonViXuLy": names(_handler(history) or dossier["receiving_agency"]),
        "GhiChu": _remark(history),
        "TaiLieuNop": [_paper(paper) for paper in dossier["papers"]],
        "DanhSachLePhi": _fees(history, dossier, codes["fee_moments"]),
        "DanhSachHoSoBoSung": _supplements(history, dossier, codes["supplement_states"], names),
        "DanhSachGiayToKetQua": _results(history, dossier, rules) if state in (State.RESOLVED, State.RETURNED) else [],
    }


def progress_record(history: Sequence[DossierEvent], dossier: str, names: Names) -> dict[str, str]:
    """The fields of ``CapNhatTienDoHoSoMC`` for the last event of the history.

    Events do not name officials, so the agency is given instead of the person.

    Args:
        history: the dossier's events up to the one that is reported.
        dossier: its code.
        names: gives the name of an agency.
    """
    event = history[-1]
    assigned = _assignment(history, event.data.get("task")) if event.name.startswith("step.") else {}
    agency = names(event.agency or _handler(history) or _desk(history))
    return {
        "MaHoSo": dossier,
        "NguoiXuLy": agency,
        "ChucDanh": _POSITIONS.get(assigned.get("official_role", ""), ""),
        "ThoiDiemXuLy": stamp(event.at),
        "PhongBanXuLy": agency,
        "NoiDungXuLy": _content(event, assigned),
        "TrangThai": str(int(_state(history))),
        "NgayBatDau": stamp(event.data.get("assigned_at") or event.at),
        "NgayKetThucTheoQuyDinh": stamp(_until(event, assigned)),
    }


def _state(history: Iterable[DossierEvent]) -> State:
    return dossier_status(history).state or State.RECEIVED


def _moment(history: Sequence[DossierEvent], *names: str) -> datetime | None:
    return next((event.at for name in names for event in reversed(history) if event.name == name), None)


def _end(history: Sequence[DossierEvent], dossier: Mapping[str, Any]) -> datetime | str | None:
    """When the work on it ended: with the result, otherwise with its hand-over, otherwise when it was stopped."""
    resolved = _moment(history, "dossier.resolved") or dossier["resolved_at"]
    return resolved or _moment(history, "dossier.returned", "dossier.stopped")


def _due(history: Sequence[DossierEvent], dossier: Mapping[str, Any]) -> datetime | str:
    """The due time: as intake has it, unless the agency extended it and intake does not know yet."""
    known = {stamp(one["extended_at"]) for one in dossier["reappointments"]}
    for event in reversed(history):
        if event.name == "dossier.extended" and stamp(event.at) not in known:
            return str(event.data["due_at"])
    return str(dossier["due_at"] or dossier["promised_at"])


def _handler(history: Sequence[DossierEvent]) -> str:
    return next((event.agency for event in reversed(history) if event.name.startswith("step.")), "")


def _desk(history: Sequence[DossierEvent]) -> str:
    return next((str(event.data["receiving_agency"]) for event in history if event.data.get("receiving_agency")), "")


def _remark(history: Sequence[DossierEvent]) -> str:
    """The latest reason why it was stopped or extended."""
    reasons = (event.data.get("reason", "") for event in reversed(history) if event.name in _WITH_REASON)
    return next((reason for reason in reasons if reason), "")


_WITH_REASON = ("dossier.stopped", "dossier.extended")


def _paper(paper: Mapping[str, Any]) -> dict[str, str]:
    return {"TenTepDinhKem": paper["name"], "MaThanhPhanHoSo": paper["code"], "SoBan": str(paper["copies"])}


def _fees(
    history: Sequence[DossierEvent], dossier: Mapping[str, Any], moments: Mapping[str, str]
) -> list[dict[str, str]]:
    """The filing fees, and the obligations requested up to the last event."""
    filing = [(item["code"], item["name"], item["amount"], moments["filing"]) for item in dossier["fee_items"]]
    requested = {event.data["obligation"]: event.data for event in history if event.name == "obligation.requested"}
    until = history[-1].at
    known = {one["id"]: one for one in dossier["obligations"] if _moment_of(one["requested_at"]) <= until}
    owed = [(one["kind"], one["name"], one["amount"], moments["obligation"]) for one in (known | requested).values()]
    return [
        {"MaPhiLePhi": code, "TenPhiLePhi": name, "Gia": str(amount), "HinhThucThu": moment}
        for code, name, amount, moment in (*filing, *owed)
    ]


def _supplements(
    history: Sequence[DossierEvent], dossier: Mapping[str, Any], states: Mapping[str, str], names: Names
) -> list[dict[str, Any]]:
    """The supplement requests up to the last event, and when the citizen fulfilled them."""
    until = history[-1].at
    requests = {
        stamp(one["requested_at"]): one
        for one in dossier["supplement_requests"]
        if _moment_of(one["requested_at"]) <= until
    }
    for event in history:
        if event.name == "supplement.requested":
            requests.setdefault(stamp(event.at), event.data)
    brought = [event.at for event in history if event.name == "dossier.supplemented"]
    return [
        _supplement(f"{dossier['code']}-{number}", one, _fulfilled_at(one, brought, until), states, names)
        for number, (_, one) in enumerate(sorted(requests.items()), 1)
    ]


def _fulfilled_at(request: Mapping[str, Any], supplemented: Sequence[datetime], until: datetime) -> datetime | None:
    requested_at, known = _moment_of(request["requested_at"]), request.get("supplemented_at")
    if known and _moment_of(known) <= until:
        return _moment_of(known)
    return next((moment for moment in supplemented if moment >= requested_at), None)


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


def _results(history: Sequence[DossierEvent], dossier: Mapping[str, Any], rules: Rules) -> list[dict[str, str]]:
    """The papers for the citizen from the completed steps; none when the dossier was refused."""
    outcomes = (event.data["outcome"] for event in reversed(history) if event.name == "dossier.resolved")
    if next(outcomes, dossier["outcome"]) == "refused":
        return []
    done = {event.data["step"] for event in history if event.name == "step.completed"}
    made = [one for one in dossier["outputs"] if one["step"] in done and one["code"] not in rules.internal_papers]
    return [{"TenGiayTo": one["name"], "MaThanhPhanHoSo": one["code"]} for one in made]


def _assignment(history: Sequence[DossierEvent], task: str | None) -> Mapping[str, Any]:
    for event in reversed(history):
        if event.name == "step.assigned" and event.data["task"] == task:
            return event.data
    return {}


_CONTENTS = {
    "dossier.received": "Tiếp nhận hồ sơ",
    "dossier.supplemented": "Tiếp nhận giấy tờ bổ sung",
    "dossier.withdrawn": "Công dân yêu cầu rút hồ sơ",
    "fee.paid": "Đã thực hiện nghĩa vụ tài chính",
    "dossier.resolved": "Đã có kết quả giải quyết",
    "dossier.returned": "Đã trả kết quả",
}


def _content(event: DossierEvent, assigned: Mapping[str, Any]) -> str:
    if event.name == "step.assigned":
        return str(event.data["name"])
    if event.name == "step.completed":
        return f"Hoàn thành: {assigned.get('name') or event.data['step']}"
    if event.name == "supplement.requested":
        return f"Yêu cầu bổ sung giấy tờ: {event.data['reason']}"
    if event.name == "obligation.requested":
        return f"Yêu cầu thực hiện nghĩa vụ tài chính: {event.data['name']}"
    if event.name in _WITH_REASON:
        label = "Dừng giải quyết hồ sơ" if event.name == "dossier.stopped" else "Xin lỗi và hẹn lại ngày trả kết quả"
        return f"{label}: {event.data['reason']}" if event.data.get("reason") else label
    return _CONTENTS[event.name]


def _until(event: DossierEvent, assigned: Mapping[str, Any]) -> str | None:
    """The due time of the work that the event starts, if there is one."""
    for field in ("due_at", "until", "promised_at"):
        if event.name != "dossier.resolved" and event.data.get(field):
            return str(event.data[field])
    due = assigned.get("due_at")
    return str(due) if due else None


def _moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)
