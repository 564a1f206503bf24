"""Validating the linked procedures of a procedure, and the references in its routes' conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shared.catalogue.linked_procedures import LinkedGroup
from shared.catalogue.statutory_limit import StatutoryLimit
from shared.catalogue.text import fold
from shared.catalogue.validation.routes import repeated
from shared.data_files.schema import Finding


def check_linked(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield path and message of every inconsistency in the member ``linked`` of a procedure, if it has one."""
    if "linked" not in data:
        return
    linked = data["linked"]
    entries = linked["procedures"]
    place = ("linked", "procedures")
    yield from repeated(entries, place, lambda entry: entry["code"], "code")
    yield from repeated(entries, place, lambda entry: fold(entry["name"]), "name")
    required = sum(entry["required"] for entry in entries)
    if linked["min"] > linked["max"]:
        yield ("linked", "min"), f"is more than max, {linked['max']}"
    if not required <= linked["max"] <= len(entries):
        yield (
            ("linked", "max"),
            f"must lie between the {required} that are required and the {len(entries)} there are, not {linked['max']}",
        )
    asked = {step.get("when", {}).get("chosen") for route in data["routes"].values() for step in route["steps"]}
    for index, entry in enumerate(entries):
        if not entry["required"] and entry["code"] not in asked:
            yield (*place, index, "code"), f'no step depends on whether "{entry["code"]}" is chosen'


def check_references(route: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield every condition of a route that names an unknown case or linked procedure."""
    cases = {case["code"] for case in data["cases"]}
    linked = {entry["code"] for entry in data.get("linked", {}).get("procedures", ())}
    for index, step in enumerate(route["steps"]):
        condition = step.get("when", {})
        for place, code in enumerate(condition.get("cases", ())):
            if code not in cases:
                yield ("steps", index, "when", "cases", place), f'names no case "{code}"'
        if "chosen" in condition and condition["chosen"] not in linked:
            yield ("steps", index, "when", "chosen"), f'names no linked procedure "{condition["chosen"]}"'


def choices_of(data: Mapping[str, Any], case: Mapping[str, Any]) -> Iterator[tuple[frozenset[str], StatutoryLimit]]:
    """Yield each choice of linked procedures with its time limit in a case; without linked procedures the empty choice."""
    own = StatutoryLimit.from_dict(case["limit"])
    if "linked" not in data:
        yield frozenset(), own
        return
    linked = LinkedGroup.from_dict(data["linked"])
    for chosen in linked.choices():
        yield chosen, linked.longest(own, chosen)
