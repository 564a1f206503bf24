"""Validating steps that are done by a sub-dossier: its procedure must exist and fit the step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from shared.catalogue.model import Procedure, UnknownCase
from shared.catalogue.route import Route, Step, SubProcedure
from shared.catalogue.route_analysis import last_outcomes, longest_hours
from shared.data_files.schema import Finding


def check_sub_procedures(
    procedures: Mapping[int, Procedure], unsound: Collection[str | None], known: Iterable[Procedure] = ()
) -> Iterator[Finding]:
    """Yield path and message of every fault of a step with a sub-dossier.

    Args:
        procedures: the procedures of the catalogue without other faults, by their place in it.
        unsound: codes of its other procedures; references to these are not checked.
        known: procedures outside the catalogue; those in the catalogue take precedence.
    """
    by_code = {procedure.code: procedure for procedure in (*known, *procedures.values())}
    for index, procedure in procedures.items():
        for route in procedure.routes:
            for number, step in enumerate(route.steps):
                if step.sub and step.sub.procedure not in unsound:
                    place = ("procedures", index, "routes", route.id, "steps", number)
                    found = _check_sub_procedure(procedure, route, step, step.sub, by_code)
                    yield from (((*place, *path), message) for path, message in found)


def _check_sub_procedure(
    procedure: Procedure, route: Route, step: Step, sub: SubProcedure, by_code: Mapping[str, Procedure]
) -> Iterator[Finding]:
    if sub.procedure not in by_code:
        yield ("sub", "procedure"), f'names no procedure "{sub.procedure}"'
        return
    other = by_code[sub.procedure]
    if sub.case not in {case.code for case in other.cases}:
        yield ("sub", "case"), f'procedure {other.code} has no case "{sub.case}"'
        return
    if other.linked:
        yield (
            ("sub", "procedure"),
            f"procedure {other.code} has linked procedures, which cannot be chosen in a sub-dossier",
        )
    if (procedure.code, route.id) in _opened(sub, by_code):
        yield ("sub",), "is circular: its sub-dossier would open one of this route again"
        return
    way = other.route(sub.case)
    hours = longest_hours(way, sub.case, frozenset())
    if step.counted and hours > step.working_hours:
        yield ("working_hours",), f'are {step.working_hours:g}, but route "{way.id}" of {other.code} takes {hours:g}'
    for outcome in sorted(last_outcomes(way) - set(step.outcomes)):
        yield ("outcomes",), f'lack "{outcome}", with which the sub-dossier may end'


def _opened(sub: SubProcedure, by_code: Mapping[str, Procedure]) -> set[tuple[str, str]]:
    """Return code and route of a sub-dossier, and of all that it opens in turn."""
    found: set[tuple[str, str]] = set()
    waiting = [sub]
    while waiting:
        one = waiting.pop()
        try:
            route = by_code[one.procedure].route(one.case)
        except (KeyError, UnknownCase):  # reported at the step that refers to it
            continue
        if (one.procedure, route.id) not in found:
            found.add((one.procedure, route.id))
            waiting += (step.sub for step in route.steps if step.sub)
    return found
