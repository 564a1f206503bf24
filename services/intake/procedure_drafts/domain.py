"""What the form of a draft changes in a procedure: names, limits, fees, papers and the first day."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from shared.catalogue.merging import shorten

TEXTS = ("name", "regulation", "limit_text", "place", "effective_from")
UNITS = ("working_days", "working_hours", "calendar_days")
NEW_PAPERS = 3
"""Empty lines for papers that are added."""


class StaleDraft(Exception):
    """Somebody changed, published or dropped the draft, or published another version, since the form was made."""


def field_values(data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the form, with the values of a definition."""
    values = {name: str(data.get(name) or "") for name in TEXTS}
    for case in data["cases"]:
        name = f"case-{case['code']}"
        values[f"{name}-limit"] = _amount(case["limit"])
        shortened = case.get("shortened", {})
        values[f"{name}-law"] = _amount(shortened.get("law_limit", {}))
        values[f"{name}-decision"] = shortened.get("decision", "")
        values[f"{name}-since"] = shortened.get("valid_from", "")
    for fee in data["fees"]:
        values[f"fee-{fee['code']}"] = str(fee["amount"])
    for paper in data["papers"]:
        values[f"paper-{paper['code']}"] = paper["name"]
        values[f"paper-{paper['code']}-required"] = "yes" if paper["required"] else "no"
    return values


def changed(data: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """A definition as the form has it; what the form does not hold stays, and what cannot be read is for the validation to refuse.

    Args:
        data: in the catalogue's JSON shape.
        form: values as typed, by the names of :func:`field_values`; further papers as ``new-1`` and so on.
    """
    result = deepcopy(dict(data))
    for name in TEXTS:
        text = form.get(name, str(data.get(name) or "")).strip()
        if text or name == "name":
            result[name] = text
        else:
            result.pop(name, None)
    for case in result["cases"]:
        before = case["limit"]
        _change_case(case, form)
        if case["limit"] != before and all(isinstance(amount, int) and amount > 0 for amount in case["limit"].values()):
            _fit_route(result, case)
    for fee in result["fees"]:
        fee["amount"] = _number(form.get(f"fee-{fee['code']}", str(fee["amount"])))
    papers = []
    for paper in result["papers"]:
        name = form.get(f"paper-{paper['code']}", paper["name"]).strip()
        needed = form.get(f"paper-{paper['code']}-required")
        if name:
            papers.append({**paper, "name": name, "required": paper["required"] if needed is None else needed == "yes"})
    taken = {paper["code"] for paper in result["papers"]}
    for line in range(1, NEW_PAPERS + 1):
        name = form.get(f"new-{line}", "").strip()
        if name:
            code = next(f"paper-{number}" for number in range(1, 1000) if f"paper-{number}" not in taken)
            taken.add(code)
            papers.append({"code": code, "name": name, "required": True, "kind": "original"})
    result["papers"] = papers
    return result


def _change_case(case: dict[str, Any], form: Mapping[str, str]) -> None:
    name = f"case-{case['code']}"
    (unit,) = case["limit"]
    if unit in UNITS:
        case["limit"] = {unit: _number(form.get(f"{name}-limit", _amount(case["limit"])))}
    law = form.get(f"{name}-law", "").strip()
    if f"{name}-law" not in form:
        return
    case.pop("shortened", None)
    if law:
        law_unit = unit if unit in UNITS else "working_days"
        case["shortened"] = {
            "law_limit": {law_unit: _number(law)},
            "decision": form.get(f"{name}-decision", "").strip(),
            "valid_from": form.get(f"{name}-since", "").strip(),
        }


def _fit_route(data: dict[str, Any], case: dict[str, Any]) -> None:
    """Plans less time for the steps of a case whose limit is shorter than they take; other cases keep their route."""
    route = deepcopy(data["routes"][case["route"]])
    shorten(route, case)
    if route == data["routes"][case["route"]]:
        return
    if any(other is not case and other["route"] == case["route"] for other in data["cases"]):
        case["route"] = next(
            name for number in range(2, 1000) if (name := f"{case['route'][:36]}-{number}") not in data["routes"]
        )
    data["routes"][case["route"]] = route


def _amount(limit: Mapping[str, Any]) -> str:
    return next((str(amount) for unit, amount in limit.items() if unit in UNITS), "")


def _number(text: str) -> int | str:
    """A whole number; the text itself where it is none, so that the validation names it."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 15 else text
