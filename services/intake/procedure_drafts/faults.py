"""What is wrong in a draft, at the field of the form where it can be mended, and in the form's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from services.intake.procedure_drafts.domain import NEW_PAPERS
from services.intake.procedures.changes import TEXTS, Label

_CASE = re.compile(r"cases\[(\d+)\]\.(limit|shortened)(?:\.(\w+))?.*")
_ENTRY = re.compile(r"(fees|papers)\[(\d+)\](?:\.(\w+))?.*")
_SHORTENED = {"decision": "decision", "valid_from": "since"}


def field_of(place: str, definition: Mapping[str, Any], form: Mapping[str, str]) -> str:
    """The form's field of a place in a definition; empty where the form has none.

    Args:
        place: such as ``cases[0].limit.working_days``.
        definition: as the form has changed it.
        form: as typed.
    """
    if place in TEXTS:
        return place
    if found := _CASE.fullmatch(place):
        code = definition["cases"][int(found[1])]["code"]
        return f"case-{code}-limit" if found[2] == "limit" else f"case-{code}-{_SHORTENED.get(found[3] or '', 'law')}"
    if found := _ENTRY.fullmatch(place):
        kind, number = found[1], int(found[2])
        code = definition[kind][number]["code"]
        if kind == "fees":
            return f"fee-{code}"
        if f"paper-{code}" in form:
            return f"paper-{code}-required" if found[3] == "required" else f"paper-{code}"
        typed = [line for line in range(1, NEW_PAPERS + 1) if form.get(f"new-{line}", "").strip()]
        place_of_new = number - (len(definition["papers"]) - len(typed))
        return f"new-{typed[place_of_new]}" if 0 <= place_of_new < len(typed) else ""
    return ""


def field_labels(data: Mapping[str, Any]) -> dict[str, Label]:
    """The labels of the form's fields.

    Args:
        data: the definition from which the form is made.
    """
    labels: dict[str, Label] = dict(TEXTS)
    for case in data["cases"]:
        name, several = case["name"], len(data["cases"]) > 1
        for part, (vi, en) in _OF_CASE.items():
            labels[f"case-{case['code']}-{part}"] = (f"{name}: {vi}", f"{name}: {en}") if several else (vi, en)
    labels |= {f"fee-{fee['code']}": (fee["name"],) * 2 for fee in data["fees"]}
    for number, paper in enumerate(data["papers"], 1):
        labels[f"paper-{paper['code']}"] = (f"Giấy tờ {number}", f"Paper {number}")
        labels[f"paper-{paper['code']}-required"] = (f"Giấy tờ {number}: bắt buộc", f"Paper {number}: required")
    for line in range(1, NEW_PAPERS + 1):
        labels[f"new-{line}"] = (f"Thêm giấy tờ bắt buộc ({line})", f"Another required paper ({line})")
    return labels


_OF_CASE = {
    "limit": ("Thời hạn giải quyết", "Time limit"),
    "law": ("Thời hạn theo luật, nếu được rút ngắn", "The law's limit, if it was shortened"),
    "decision": ("Quyết định rút ngắn", "Decision that shortened it"),
    "since": ("Rút ngắn từ ngày", "Shortened since"),
}
_MESSAGES = (
    (r"must be text that is not blank.*", "Không được bỏ trống."),
    (r"must be a whole number.*", "Phải là một số nguyên."),
    (r"must be a day.*", "Phải là một ngày, ví dụ 2025-12-31."),
    (r"is longer than (\d+) characters", r"Dài quá \1 ký tự."),
    (r"must be at least (\d+).*", r"Ít nhất là \1."),
    (r"must be at most (\d+).*", r"Nhiều nhất là \1."),
)


def in_vietnamese(message: str) -> str:
    """What is usually wrong in a form, in Vietnamese; other messages are about data that the form does not show."""
    for pattern, text in _MESSAGES:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return found.expand(text)
    return message
