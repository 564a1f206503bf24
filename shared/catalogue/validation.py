"""Everything that can be wrong with a catalogue, found at once and named by its position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from shared.catalogue.faults import Fault
from shared.catalogue.limit import Limit
from shared.catalogue.roles import AGENCY_ROLES, OFFICIAL_ROLES
from shared.catalogue.route import END, Route
from shared.catalogue.structure import Path_, differences, position
from shared.catalogue.text import fold

Finding = tuple[Path_, str]


def check_catalogue(data: Any) -> list[Fault]:
    """Check a catalogue of the shape ``{"procedures": [...]}``.

    The rules of meaning (targets exist, steps are reachable, hours fit the limit …) are applied to every procedure
    whose structure is right, so that one report shows all that can be known.

    Args:
        data: as ``json.loads`` returns it.

    Returns:
        All faults, in the order of the data; empty if the catalogue is valid.
    """
    findings = list(differences(data, "catalogue", "en"))
    entries = data.get("procedures") if isinstance(data, dict) else None
    if isinstance(entries, list):
        broken = {path[1] for path, _ in findings if len(path) > 1 and path[0] == "procedures"}
        for index, entry in enumerate(entries):
            if index not in broken:
                findings += [(("procedures", index, *path), message) for path, message in check_procedure(entry)]
        findings += _repeated(entries, ("procedures",), _code_of, "code")
        findings.sort(key=lambda finding: _procedure_index(finding[0]))
    return [Fault(position(path), _code_at(data, path), message) for path, message in findings]


def check_procedure(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield path and message of every fault of meaning in one procedure whose structure is right."""
    yield from _repeated(data["cases"], ("cases",), lambda case: case["code"], "code")
    yield from _repeated(data["cases"], ("cases",), lambda case: fold(case["name"]), "name")
    yield from _repeated(data["papers"], ("papers",), lambda paper: paper["code"], "code")
    yield from _repeated(data["fees"], ("fees",), lambda fee: fee["code"], "code")
    yield from _check_case_references(data)
    yield from _check_paper_names(data)
    sound = set()
    for route_id, route in data["routes"].items():
        findings = list(check_route(route))
        yield from ((("routes", route_id, *path), message) for path, message in findings)
        if not findings:
            sound.add(route_id)
    yield from _check_routes_of_cases(data, sound)


def check_route(route: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield path and message of every fault of meaning in one route whose structure is right."""
    steps = route["steps"]
    ids = {step["id"] for step in steps}
    yield from _repeated(steps, ("steps",), lambda step: step["id"], "id")
    if route["start"] not in ids:
        yield ("start",), f'names no step "{route["start"]}"'
    for index, step in enumerate(steps):
        yield from ((("steps", index, *path), message) for path, message in _check_step(step, ids))
    if route["start"] in ids:
        yield from _check_reach(route)


def _check_step(step: Mapping[str, Any], ids: set[str]) -> Iterator[Finding]:
    if step["id"] == END:
        yield ("id",), f'"{END}" is the name of the end, not of a step'
    if step["agency_role"] not in AGENCY_ROLES:
        yield ("agency_role",), f'no agency has the role "{step["agency_role"]}"'
    if step["official_role"] not in OFFICIAL_ROLES:
        yield ("official_role",), f'no official has the role "{step["official_role"]}"'
    for outcome, target in step["outcomes"].items():
        if target != END and target not in ids:
            yield ("outcomes", outcome), f'names no step "{target}"'
    obligation = step.get("obligation")
    if obligation and obligation["outcome"] not in step["outcomes"]:
        yield ("obligation", "outcome"), f'names no outcome "{obligation["outcome"]}" of the step'


def _check_reach(route: Mapping[str, Any]) -> Iterator[Finding]:
    """Find steps that no dossier ever comes to, and steps from which none ever comes to the end."""
    targets = {step["id"]: set(step["outcomes"].values()) for step in route["steps"]}
    sources: dict[str, set[str]] = {}
    for step_id, following in targets.items():
        for target in following:
            sources.setdefault(target, set()).add(step_id)
    from_start, to_end = _reached(route["start"], targets), _reached(END, sources)
    for index, step in enumerate(route["steps"]):
        if step["id"] not in from_start:
            yield ("steps", index), f'step "{step["id"]}" cannot be reached from the start'
        if step["id"] not in to_end:
            yield ("steps", index), f'no end can be reached from step "{step["id"]}"'


def _reached(origin: str, neighbours: Mapping[str, set[str]]) -> set[str]:
    reached, waiting = {origin}, [origin]
    while waiting:
        new = neighbours.get(waiting.pop(), set()) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _check_case_references(data: Mapping[str, Any]) -> Iterator[Finding]:
    codes = {case["code"] for case in data["cases"]}
    for part in ("papers", "fees"):
        for index, entry in enumerate(data[part]):
            for place, code in enumerate(entry.get("cases", ())):
                if code not in codes:
                    yield (part, index, "cases", place), f'names no case "{code}"'


def _check_paper_names(data: Mapping[str, Any]) -> Iterator[Finding]:
    """Two papers of one case must differ in name, since a paper may be named when it is handed in."""
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
            hours = Route.from_dict(case["route"], data["routes"][case["route"]]).counted_hours
            planned = Limit.from_dict(case["limit"]).planned_hours
            if hours > planned:
                yield (
                    ("cases", index, "limit"),
                    f'allows {planned} working hours, but the counted steps of route "{case["route"]}" take {hours:g}',
                )
    used = {case["route"] for case in data["cases"]}
    for route_id in data["routes"]:
        if route_id not in used:
            yield ("routes", route_id), "is the route of no case"


def _repeated(
    entries: Sequence[Any], path: Path_, key_of: Callable[[Any], str | None], member: str
) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        key = key_of(entry)
        if key is None:
            continue
        if key in first:
            yield (*path, index, member), f"repeats the {member} of {position((*path, first[key]))}"
        first.setdefault(key, index)


def _code_of(entry: Any) -> str | None:
    code = entry.get("code") if isinstance(entry, dict) else None
    return code if isinstance(code, str) else None


def _code_at(data: Any, path: Path_) -> str:
    if len(path) < 2 or path[0] != "procedures" or not isinstance(path[1], int):
        return ""
    return _code_of(data["procedures"][path[1]]) or ""


def _procedure_index(path: Iterable[str | int]) -> int:
    parts = list(path)
    return parts[1] if len(parts) > 1 and isinstance(parts[1], int) else -1
