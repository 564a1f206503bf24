"""Publishing a province's list over procedures that are in force: what the list does not know is kept.

A list knows names, cases, limits, waits that are not counted and papers. It does not know routes, fees, legal bases, linked
procedures and the codes of cases and papers; those stay as they are, found again by the names of cases and papers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from shared.catalogue.limit_wording import Wait, read_waits
from shared.catalogue.provincial_route import generated_for, lacks
from shared.catalogue.route import Route
from shared.catalogue.route_analysis import longest_hours
from shared.catalogue.shortening import Shortening
from shared.catalogue.statutory_limit import HOURS_PER_WORKING_DAY, StatutoryLimit
from shared.catalogue.text import fold
from shared.catalogue.validation.catalogue import check_procedure
from shared.data_files.schema import position

_QUARTERS = 4
"""Planned hours are cut to quarters of an hour when a shorter limit asks for it."""


class CannotMerge(Exception):
    """The list contradicts what is in force in a way that a person has to decide; the text says what."""


def merge(known: Mapping[str, Any], listed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the procedure that is to be in force after a list was imported.

    Args:
        known: the procedure in force, in the catalogue's JSON shape.
        listed: the same procedure as the list gives it, converted to that shape.

    Raises:
        CannotMerge: a case in force is missing in the list, a wait has no step in the route in force, or the outcome would
            not be valid.
    """
    merged = deepcopy(dict(known)) | {"name": listed["name"], "limit_text": listed["limit_text"] or known["limit_text"]}
    if fold(known["field_name"]) != fold(listed["field_name"]):
        merged |= {"field": listed["field"], "field_name": listed["field_name"]}
    merged |= {"cases": [], "routes": {}}
    taken = {case["code"] for case in known["cases"]} | _named_cases(known)
    for mine, theirs in _pairs(known["cases"], listed["cases"]):
        case, route = (
            (dict(theirs) | {"code": _free(theirs["code"], taken)}, listed["routes"][theirs["route"]])
            if mine is None
            else _kept(mine, theirs, known["routes"][mine["route"]], listed["routes"][theirs["route"]])
        )
        taken.add(case["code"])
        case["route"] = _route_id(merged["routes"], case["route"], route)
        merged["routes"][case["route"]] = route
        merged["cases"].append(case)
    merged["papers"] = _papers(known["papers"], listed["papers"])
    _keep_what_still_fits(merged, {case["code"] for case in known["cases"]})
    for path, message in check_procedure(merged):
        raise CannotMerge(f"{position(path)}: {message}")
    return merged


def _pairs(
    known: Sequence[Mapping[str, Any]], listed: Sequence[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any] | None, Mapping[str, Any]]]:
    """Each listed case with the case in force of the same name; a single case is the same whatever its name."""
    if len(known) == len(listed) == 1:
        return [(known[0], listed[0])]
    by_name = {fold(case["name"]): case for case in known}
    pairs = [(by_name.pop(fold(case["name"]), None), case) for case in listed]
    if by_name:
        missing = ", ".join(f"{case['code']} ({case['name']})" for case in by_name.values())
        raise CannotMerge(f"the list does not name these cases in force: {missing}")
    return pairs


def _kept(
    mine: Mapping[str, Any], theirs: Mapping[str, Any], route: Mapping[str, Any], listed_route: Mapping[str, Any]
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """A case in force with the list's limit and waits, and its route; the listed one if the one in force came from a list."""
    case = dict(theirs) | {"code": mine["code"], "uncounted": theirs["uncounted"] or mine["uncounted"]}
    if theirs["code"] == "default":
        case["name"] = mine["name"]  # the list leaves it unnamed
    case["limit"] = _limit(mine["limit"], theirs["limit"])
    if "shortened" in mine and _still_shorter(mine["shortened"], case["limit"]):
        case["shortened"] = mine["shortened"]
    role = generated_for(route)
    if role is not None:
        return case, _by(role, listed_route)
    case["route"] = mine["route"]
    waits = read_waits(case["uncounted"]).known
    if lacks(route, waits):
        raise CannotMerge(f'case {case["code"]}: no step of its route in force is the uncounted "{case["uncounted"]}"')
    changed = deepcopy(dict(route))
    for wait in waits:
        _set_days(changed, wait)
    shorten(changed, case)
    return case, changed


def _limit(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The list's limit; the one in force where only its unit differs, since a list knows no other unit than its own."""
    days = theirs.get("working_days", 0)
    same = ({"calendar_days": days}, {"working_hours": days * HOURS_PER_WORKING_DAY})
    return mine if mine in same else theirs


def _still_shorter(shortened: Mapping[str, Any], limit: Mapping[str, Any]) -> bool:
    return Shortening.from_dict(shortened).days(StatutoryLimit.from_dict(limit)) > 0


def _by(role: str, route: Mapping[str, Any]) -> Mapping[str, Any]:
    """A listed route whose work is done by the agencies that do it in the route in force."""
    return {**route, "steps": [{**step, "agency_role": role} if step["counted"] else step for step in route["steps"]]}


def _set_days(route: dict[str, Any], wait: Wait) -> None:
    lasting = [step for step in route["steps"] if step.get("wait_days")]
    if wait.days is None or any(step["wait_days"] == wait.days for step in lasting):
        return
    if len(lasting) > 1:
        raise CannotMerge(f"none of the {len(lasting)} waits of the route in force lasts {wait.days} days")
    (step,) = lasting
    for member, unit in (("task", "ngày"), ("task_en", "days")):
        step[member] = step[member].replace(f"{step['wait_days']} {unit}", f"{wait.days} {unit}")
    step["wait_days"] = wait.days


def shorten(route: dict[str, Any], case: Mapping[str, Any]) -> None:
    """Plans less time for every counted step, in proportion, when the case allows less than the route takes."""
    allowed = StatutoryLimit.from_dict(case["limit"]).planned_hours
    planned = longest_hours(Route.from_dict(case["route"], route), case["code"])
    if planned <= allowed:
        return
    for step in route["steps"]:
        if step["counted"]:
            hours = math.floor(step["working_hours"] * allowed / planned * _QUARTERS) / _QUARTERS
            step["working_hours"] = int(hours) if hours.is_integer() else hours


def _route_id(routes: Mapping[str, Any], wanted: str, route: Mapping[str, Any]) -> str:
    """The id for a case's route: the wanted one, unless another case has another route of that id."""
    return _free(wanted, {name for name, other in routes.items() if other != route})


def _papers(known: Sequence[Mapping[str, Any]], listed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The list's papers in its order; those in force keep code, kind and the cases that need them."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for paper in known:
        by_name.setdefault(fold(paper["name"]), []).append(paper)
    taken = {paper["code"] for paper in known}
    papers: list[dict[str, Any]] = []
    for paper in listed:
        mine = by_name.get(fold(paper["name"]))
        if mine:
            papers += [{**one, "name": paper["name"]} for one in mine]
        else:
            code = _free(paper["code"], taken)
            taken.add(code)
            papers.append({**paper, "code": code})
    return papers


def _keep_what_still_fits(merged: dict[str, Any], known_cases: set[str]) -> None:
    """Drops forms of papers that are gone, and questions about such papers; with a new case also those that choose among cases."""
    papers = {paper["code"]: paper["required"] for paper in merged["papers"]}
    if "forms" in merged:
        merged["forms"] = [form for form in merged["forms"] if form["paper"] in papers]
    more_cases = bool({case["code"] for case in merged["cases"]} - known_cases)
    questions = []
    for question in merged.pop("questions", ()):
        chooses = any("cases" in answer for answer in question["answers"])
        for answer in question["answers"]:
            if "papers" in answer:
                answer["papers"] = [code for code in answer["papers"] if papers.get(code) is False]
                if not answer["papers"]:
                    del answer["papers"]
        if chooses and more_cases:
            continue
        if chooses or any("papers" in answer for answer in question["answers"]):
            questions.append(question)
    if questions:
        merged["questions"] = questions


def _named_cases(procedure: Mapping[str, Any]) -> set[str]:
    return {code for part in ("papers", "fees") for entry in procedure[part] for code in entry.get("cases", ())}


def _free(code: str, taken: set[str]) -> str:
    number, found = 1, code
    while found in taken:
        number += 1
        found = f"{code[:36]}-{number}"
    return found
