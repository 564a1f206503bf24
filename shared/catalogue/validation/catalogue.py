"""Validating a whole catalogue: all faults are found in one run, each with its position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.catalogue.model import Procedure
from shared.catalogue.route import Route
from shared.catalogue.route_analysis import longest_hours
from shared.catalogue.text import fold
from shared.catalogue.validation.linked import check_linked, check_references, choices_of
from shared.catalogue.validation.questions import check_effective_day, check_forms, check_questions, check_shortenings
from shared.catalogue.validation.routes import check_route, repeated
from shared.catalogue.validation.sub_procedures import check_sub_procedures
from shared.data_files import Fault
from shared.data_files.schema import Finding, JsonPath, position, schema_faults

_SCHEMA = Path(__file__).parents[1] / "schema" / "catalogue.schema.json"


def check_catalogue(data: Any, known: Iterable[Procedure] = ()) -> list[Fault]:
    """Check a catalogue of the shape ``{"procedures": [...]}``.

    Every procedure that matches the JSON schema is also checked for consistency (targets exist, steps are reachable,
    hours fit the limit …), so that one report shows as much as possible.

    Args:
        data: as ``json.loads`` returns it.
        known: procedures outside the catalogue whose sub-dossiers its steps may open.

    Returns:
        All faults, in the order of the data; empty if valid.
    """
    findings = list(schema_faults(data, _SCHEMA, "en"))
    entries = data.get("procedures") if isinstance(data, dict) else None
    if isinstance(entries, list):
        broken = {path[1] for path, _ in findings if len(path) > 1 and path[0] == "procedures"}
        sound: dict[int, Procedure] = {}
        for index, entry in enumerate(entries):
            if index not in broken:
                found = list(check_procedure(entry))
                findings += [(("procedures", index, *path), message) for path, message in found]
                if not found:
                    sound[index] = Procedure.from_dict(entry)
        unsound = {_code_of(entry) for index, entry in enumerate(entries) if index not in sound}
        findings += check_sub_procedures(sound, unsound, known)
        findings += repeated(entries, ("procedures",), _code_of, "code")
        findings.sort(key=lambda finding: _procedure_index(finding[0]))
    return [Fault(position(path), message, _code_at(data, path)) for path, message in findings]


def check_procedure(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield path and message of every inconsistency in a procedure that matches the JSON schema."""
    yield from repeated(data["cases"], ("cases",), lambda case: case["code"], "code")
    yield from repeated(data["cases"], ("cases",), lambda case: fold(case["name"]), "name")
    yield from repeated(data["papers"], ("papers",), lambda paper: paper["code"], "code")
    yield from repeated(data["fees"], ("fees",), lambda fee: fee["code"], "code")
    yield from _check_case_references(data)
    yield from _check_paper_names(data)
    yield from check_linked(data)
    yield from check_questions(data)
    yield from check_forms(data)
    yield from check_shortenings(data)
    yield from check_effective_day(data)
    sound = set()
    for route_id, route in data["routes"].items():
        findings = [*check_route(route), *check_references(route, data)]
        yield from ((("routes", route_id, *path), message) for path, message in findings)
        if not findings:
            sound.add(route_id)
    yield from _check_routes_of_cases(data, sound)


def _check_case_references(data: Mapping[str, Any]) -> Iterator[Finding]:
    codes = {case["code"] for case in data["cases"]}
    for part in ("papers", "fees"):
        for index, entry in enumerate(data[part]):
            for place, code in enumerate(entry.get("cases", ())):
                if code not in codes:
                    yield (part, index, "cases", place), f'names no case "{code}"'


def _check_paper_names(data: Mapping[str, Any]) -> Iterator[Finding]:
    """The names of a case's papers must differ, since a paper may be handed in by name."""
    for case in data["cases"]:
        mine = [
            (index, fold(paper["name"]))
            for index, paper in enumerate(data["papers"])
            if case["code"] in paper.get("cases", [case["code"]])
        ]
        times = Counter(name for _, name in mine)
        for index, name in mine:
            if times[name] > 1:
                yield ("papers", index, "name"), f'case "{case["code"]}" has another paper of this name'


def _check_routes_of_cases(data: Mapping[str, Any], sound: set[str]) -> Iterator[Finding]:
    for index, case in enumerate(data["cases"]):
        if case["route"] not in data["routes"]:
            yield ("cases", index, "route"), f'names no route "{case["route"]}"'
        elif case["route"] in sound:
            yield from ((("cases", index, "limit"), message) for message in _too_long(data, case))
    used = {case["route"] for case in data["cases"]}
    for route_id in data["routes"]:
        if route_id not in used:
            yield ("routes", route_id), "is the route of no case"


def _too_long(data: Mapping[str, Any], case: Mapping[str, Any]) -> Iterator[str]:
    """Yield a message if the counted steps of the longest way exceed the limit, for the smallest such choice."""
    route = Route.from_dict(case["route"], data["routes"][case["route"]])
    for chosen, limit in choices_of(data, case):
        hours = longest_hours(route, case["code"], chosen)
        if hours > limit.planned_hours:
            choice = f" with {', '.join(sorted(chosen))} chosen" if chosen else ""
            yield (
                f"allows {limit.planned_hours} working hours, but the counted steps of "
                f'route "{case["route"]}"{choice} take {hours:g}'
            )
            return


def _code_of(entry: Any) -> str | None:
    code = entry.get("code") if isinstance(entry, dict) else None
    return code if isinstance(code, str) else None


def _code_at(data: Any, path: JsonPath) -> str:
    if len(path) < 2 or path[0] != "procedures" or not isinstance(path[1], int):
        return ""
    return _code_of(data["procedures"][path[1]]) or ""


def _procedure_index(path: Iterable[str | int]) -> int:
    parts = list(path)
    return parts[1] if len(parts) > 1 and isinstance(parts[1], int) else -1
