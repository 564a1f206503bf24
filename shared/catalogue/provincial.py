"""Converting a province's published list of procedures to the catalogue's format.

Such a list holds codes, cases with their time limits, and papers, but no steps; so each case gets a route of one step
that takes the whole time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.catalogue.roles import FIELDS
from shared.catalogue.statutory_limit import HOURS_PER_WORKING_DAY
from shared.catalogue.text import fold, normalise, slug
from shared.data_files import Fault
from shared.data_files.schema import Finding, JsonPath, position, schema_faults

_SCHEMA = Path(__file__).parent / "schema" / "provincial_list.schema.json"

SOURCE = "Danh mục thủ tục hành chính do tỉnh công bố"
UNNAMED_CASE = "Mặc định"

_OPTIONAL = re.compile(r"\(\s*(nếu|trừ trường hợp|đối với)\b|nếu thực hiện qua người đại diện|^hoặc\b")
_FORM = re.compile(r"mẫu số|theo mẫu|^(đơn|phiếu|tờ khai)\b")
_COPY = re.compile(r"bản sao|bản phô tô|bản chụp")
_FIELD_CODES = {fold(name): code for code, name in FIELDS.items()}


def check_provincial(data: Any) -> list[Fault]:
    """Return every fault of a provincial list, positioned as ``mục 3`` (entries counted from 1); empty if valid."""
    findings = list(schema_faults(data, _SCHEMA, "vi"))
    if isinstance(data, list):
        broken = {path[0] for path, _ in findings if path}
        findings += _repeated_codes(data)
        for index, entry in enumerate(data):
            if index not in broken:
                findings += _repeated_texts(entry, index)
        findings.sort(key=lambda finding: finding[0][:1])
    return [_fault(data, path, message) for path, message in findings]


def to_native_format(entries: Sequence[Mapping[str, Any]], agency_role: str) -> dict[str, Any]:
    """Return a valid provincial list as ``{"procedures": [...]}``, all handled by the role ``agency_role``."""
    return {"procedures": [_procedure(entry, agency_role) for entry in entries]}


def _procedure(entry: Mapping[str, Any], agency_role: str) -> dict[str, Any]:
    days = sorted({int(case["so_ngay_lam_viec"]) for case in entry["truong_hop"]})
    route_of = {number: "default" if len(days) == 1 else f"days-{number}" for number in days}
    return {
        "code": entry["ma_tthc"],
        "name": entry["ten"],
        "field": _FIELD_CODES.get(fold(entry["linh_vuc"])) or slug(entry["linh_vuc"])[:40].strip("_"),
        "field_name": entry["linh_vuc"],
        "regulation": "",
        "source": SOURCE,
        "limit_text": entry.get("thoi_gian_nguyen_van", ""),
        "cases": [_case(case, number, route_of) for number, case in enumerate(entry["truong_hop"], start=1)],
        "papers": [_paper(text, number) for number, text in enumerate(entry["thanh_phan_ho_so"], start=1)],
        "fees": [],
        "routes": {route_of[number]: _one_step_route(number, agency_role) for number in days},
    }


def _case(case: Mapping[str, Any], number: int, route_of: Mapping[int, str]) -> dict[str, Any]:
    named = normalise(case["ten"])
    days = int(case["so_ngay_lam_viec"])
    return {
        "code": str(number) if named else "default",
        "name": named or UNNAMED_CASE,
        "limit": {"working_days": days},
        "remote_extra_days": case.get("cong_them_vung_kho_khan", 0),
        "uncounted": case.get("khong_tinh_thoi_gian", ""),
        "route": route_of[days],
    }


def _paper(text: str, number: int) -> dict[str, Any]:
    folded = fold(text)
    kind = "form" if _FORM.search(folded) else "copy" if _COPY.search(folded) else "original"
    return {"code": str(number), "name": text, "required": not _OPTIONAL.search(folded), "kind": kind}


def _one_step_route(days: int, agency_role: str) -> dict[str, Any]:
    step = {
        "id": "handling",
        "task": "Giải quyết hồ sơ",
        "task_en": "Handle the dossier",
        "agency_role": agency_role,
        "official_role": "officer",
        "working_hours": days * HOURS_PER_WORKING_DAY,
        "counted": True,
        "outcomes": {"completed": "end"},
    }
    return {"start": "handling", "steps": [step]}


def _repeated_codes(data: Sequence[Any]) -> list[Finding]:
    found: list[Finding] = []
    first: dict[str, int] = {}
    for index, entry in enumerate(data):
        code = entry.get("ma_tthc") if isinstance(entry, dict) else None
        if not isinstance(code, str):
            continue
        if code in first:
            found.append(((index, "ma_tthc"), f"trùng mã với mục {first[code] + 1}"))
        first.setdefault(code, index)
    return found


def _repeated_texts(entry: Mapping[str, Any], index: int) -> list[Finding]:
    found: list[Finding] = []
    names = [fold(case["ten"]) or fold(UNNAMED_CASE) for case in entry["truong_hop"]]
    papers = [fold(text) for text in entry["thanh_phan_ho_so"]]
    for member, texts in (("truong_hop", names), ("thanh_phan_ho_so", papers)):
        for place, text in enumerate(texts):
            if text in texts[:place]:
                found.append(((index, member, place), f"trùng tên với {member}[{texts.index(text)}]"))
    return found


def _fault(data: Any, path: JsonPath, message: str) -> Fault:
    if not path or not isinstance(path[0], int):
        return Fault("", message)
    entry = data[path[0]]
    code = entry.get("ma_tthc") if isinstance(entry, dict) else None
    inner = position(path[1:])
    return Fault(
        position=f"mục {path[0] + 1}",
        code=code if isinstance(code, str) else "",
        message=f"{inner}: {message}" if inner else message,
    )
