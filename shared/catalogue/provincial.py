"""Converting a province's published list of procedures to the catalogue's format.

Such a list holds codes, cases with their time limits, and papers, but no steps; so each case gets a route of one step
that takes the whole time. Waits that the wording does not count become steps of their own, between two halves of the work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.catalogue.limit_wording import Wording, read_waits, read_wording
from shared.catalogue.provincial_route import ListedLimit, route_for, route_id
from shared.catalogue.roles import FIELDS
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


@dataclass(frozen=True, slots=True)
class Unread:
    """Wording of a time limit that was not understood: it stands in the procedure as text and changes no deadline.

    Attributes:
        code: the procedure's.
        text: the words as published.
    """

    code: str
    text: str


def to_native_format(entries: Sequence[Mapping[str, Any]], agency_role: str) -> dict[str, Any]:
    """Return a valid provincial list as ``{"procedures": [...]}``, all handled by the role ``agency_role``."""
    return {"procedures": [_procedure(entry, agency_role) for entry in entries]}


def unread_wording(entries: Sequence[Mapping[str, Any]]) -> list[Unread]:
    """Return the wording of time limits of a valid provincial list that was not understood, in the order of the list."""
    return [Unread(entry["ma_tthc"], text) for entry in entries for text in _unread(entry)]


def _unread(entry: Mapping[str, Any]) -> Iterator[str]:
    wording = _wording(entry)
    limits = [_limit(case, wording) for case in entry["truong_hop"]]
    if wording.same_day and not any(limit.same_day for limit in limits):
        yield normalise(entry["thoi_gian_nguyen_van"])
    for case in entry["truong_hop"]:
        yield from read_waits(_own_uncounted(case)).unread
    waits = {wait for limit in limits for wait in limit.waits}
    for text in wording.uncounted:
        read = read_waits(text)
        yield from read.unread if waits.issuperset(read.known) else [text]
    yield from wording.unread


def _wording(entry: Mapping[str, Any]) -> Wording:
    cases = entry["truong_hop"]
    extra = {int(case.get("cong_them_vung_kho_khan", 0)) for case in cases}
    return read_wording(entry.get("thoi_gian_nguyen_van", ""), {int(case["so_ngay_lam_viec"]) for case in cases}, extra)


def _limit(case: Mapping[str, Any], wording: Wording) -> ListedLimit:
    days = int(case["so_ngay_lam_viec"])
    # A list counts in whole days, so it writes a result on the day of receipt as one day.
    same_day = days == 1 and wording.same_day and not wording.one_day
    return ListedLimit(days, same_day, read_waits(_uncounted(case, wording)).known)


def _own_uncounted(case: Mapping[str, Any]) -> str:
    return normalise(case.get("khong_tinh_thoi_gian", ""))


def _uncounted(case: Mapping[str, Any], wording: Wording) -> str:
    """Which waits do not count, in words: the case's own, else those of the wording of the whole procedure."""
    return _own_uncounted(case) or "; ".join(wording.uncounted)


def _procedure(entry: Mapping[str, Any], agency_role: str) -> dict[str, Any]:
    wording = _wording(entry)
    limits = [_limit(case, wording) for case in entry["truong_hop"]]
    routes = dict.fromkeys(limits)
    route_of = {limit: "default" if len(routes) == 1 else route_id(limit) for limit in routes}
    return {
        "code": entry["ma_tthc"],
        "name": entry["ten"],
        "field": _FIELD_CODES.get(fold(entry["linh_vuc"])) or slug(entry["linh_vuc"])[:40].strip("_"),
        "field_name": entry["linh_vuc"],
        "regulation": "",
        "source": SOURCE,
        "limit_text": entry.get("thoi_gian_nguyen_van", ""),
        "cases": [
            _case(case, number, limit, _uncounted(case, wording), route_of[limit])
            for number, (case, limit) in enumerate(zip(entry["truong_hop"], limits, strict=True), start=1)
        ],
        "papers": [_paper(text, number) for number, text in enumerate(entry["thanh_phan_ho_so"], start=1)],
        "fees": [],
        "routes": {name: route_for(limit, agency_role) for limit, name in route_of.items()},
    }


def _case(case: Mapping[str, Any], number: int, limit: ListedLimit, uncounted: str, route: str) -> dict[str, Any]:
    named = normalise(case["ten"])
    return {
        "code": str(number) if named else "default",
        "name": named or UNNAMED_CASE,
        "limit": {"immediate": True} if limit.same_day else {"working_days": limit.days},
        "remote_extra_days": case.get("cong_them_vung_kho_khan", 0),
        "uncounted": uncounted,
        "route": route,
    }


def _paper(text: str, number: int) -> dict[str, Any]:
    lower = normalise(text).casefold()
    kind = "form" if _FORM.search(lower) else "copy" if _COPY.search(lower) else "original"
    return {"code": str(number), "name": text, "required": not _OPTIONAL.search(lower), "kind": kind}


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
