"""What differs between two versions of a procedure, in the words of the pages instead of the names of the data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.catalogue import differences

TEXTS = {
    "name": ("Tên thủ tục", "Name"),
    "regulation": ("Căn cứ pháp lý", "Legal basis"),
    "limit_text": ("Thời hạn công bố", "Published time limit"),
    "place": ("Nơi nộp", "Where to file"),
    "effective_from": ("Có hiệu lực từ ngày", "Effective from"),
}
UNITS = {
    "working_days": ("ngày làm việc", "working days"),
    "working_hours": ("giờ làm việc", "working hours"),
    "calendar_days": ("ngày", "days"),
}
_VALUES = {"true": ("có", "yes"), "false": ("không", "no")}
_LINE = re.compile(r"([~+-]) (order of )?([^:]+?): (.*)", re.DOTALL)

Label = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        sign: ``+`` new, ``-`` gone, ``~`` changed.
        label: what it is about, in Vietnamese and in English.
        values: the value, or those before and after, in Vietnamese and in English.
    """

    sign: str
    label: Label
    values: Label


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """The differences between two versions.

    Args:
        old, new: procedures in the catalogue's JSON shape.
    """
    names = {
        kind: {one["code"]: one["name"] for data in (old, new) for one in data.get(kind) or ()}
        for kind in ("cases", "fees", "papers")
    }
    for line in differences(old, new):
        found = _LINE.fullmatch(line)
        if found is None:
            yield Change("~", (line, line), ("", ""))
            continue
        sign, order, path, values = found.groups()
        label = _ordered(path, names) if order else _label(path, names)
        entry = re.fullmatch(r"(?:cases|fees|papers)\.([\w-]+)", path)
        shown = ("", "") if entry or order else _shown(values)
        yield Change(sign, label, shown)


def _shown(values: str) -> Label:
    """Values as people read them: without the signs of the data."""
    before, arrow, after = (part.strip() for part in values.partition(" → "))
    texts = [_VALUES.get(text, (text.strip('"'),) * 2) for text in (before, after) if text]
    vi, en = (f" {arrow} ".join(text[place] for text in texts) for place in (0, 1))
    return vi, en


def _ordered(path: str, names: Mapping[str, Mapping[str, str]]) -> Label:
    vi, en = {"papers": ("giấy tờ", "papers"), "cases": ("trường hợp", "cases"), "fees": ("phí, lệ phí", "fees")}.get(
        path, _label(path, names)
    )
    return f"Thứ tự {vi}", f"Order of {en}"


def _label(path: str, names: Mapping[str, Mapping[str, str]]) -> Label:
    for pattern, describe in _PATHS:
        if found := re.fullmatch(pattern, path):
            return describe(names, *(part or "" for part in found.groups()))
    return path, path


def _limit(names: Mapping[str, Mapping[str, str]], case: str, unit: str) -> Label:
    name, (vi, en) = names["cases"].get(case, case), UNITS.get(unit.lstrip("."), ("", ""))
    return f"{name}: thời hạn giải quyết{f' ({vi})' if vi else ''}", f"{name}: time limit{f' ({en})' if en else ''}"


def _shortened(names: Mapping[str, Mapping[str, str]], case: str, part: str) -> Label:
    name = names["cases"].get(case, case)
    what = {
        ".decision": ("quyết định rút ngắn", "decision that shortened it"),
        ".valid_from": ("rút ngắn từ ngày", "shortened since"),
    }
    vi, en = what.get(part, ("thời hạn theo luật", "the law's limit"))
    return f"{name}: {vi}", f"{name}: {en}"


def _named(kind: str, vi: str, en: str) -> Callable[..., Label]:
    """The label of an entry, or of a member of it, by the entry's name."""

    def describe(names: Mapping[str, Mapping[str, str]], code: str) -> Label:
        name = names[kind].get(code, code)
        return f"{vi}: {name}", f"{en}: {name}"

    return describe


_PATHS: tuple[tuple[str, Callable[..., Label]], ...] = (
    *((name, lambda names, label=label: label) for name, label in TEXTS.items()),
    (r"cases\.([\w-]+)\.limit(\.\w+)?", _limit),
    (r"cases\.([\w-]+)\.shortened(\..+)?", _shortened),
    (r"cases\.([\w-]+)", _named("cases", "Trường hợp", "Case")),
    (r"cases\.([\w-]+)\.route", _named("cases", "Quy trình nội bộ của trường hợp", "Route of the case")),
    (r"fees\.([\w-]+)(?:\.amount)?", _named("fees", "Phí, lệ phí", "Fee")),
    (r"papers\.([\w-]+)(?:\.name)?", _named("papers", "Giấy tờ", "Paper")),
    (r"papers\.([\w-]+)\.required", _named("papers", "Giấy tờ bắt buộc", "Required paper")),
    (r"routes\.([\w.\[\]-]+)", lambda names, step: (f"Quy trình nội bộ: {step}", f"Route: {step}")),
)
