"""Web pages about procedures: the search, one procedure with its versions, and those with shortened limits."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import orjson
from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from services.intake import access
from services.intake.components import components
from services.intake.filing.domain.fee_reductions import online_reduction
from services.intake.problem_parts import unknown_procedure
from services.intake.procedures import store
from services.intake.procedures.changes import changes
from services.intake.procedures.chooser import Given, progress
from services.intake.procedures.filters import Filters, handling_roles, roles_asked_for
from services.intake.procedures.queries import (
    AUDIENCE_NAMES,
    LEVEL_NAMES,
    case_view,
    limit_text,
    procedure_list,
    shortenings,
)
from shared.agencies import ROLES
from shared.catalogue import Procedure
from shared.web.authorization import public, visitor
from shared.web.pages import page_blueprint
from shared.web.views import context

PAGE_SIZE = 20
MAX_TEXT = 200
ASKED = "asked"
"""The field that names the question that was on the page, so that one left unanswered is told from one not yet asked."""

pages = page_blueprint("intake", __name__, "procedure_pages")


@pages.get("/procedures")
@public
def procedures() -> str:
    """Search for a procedure."""
    names = ("q", "field", "level", "agency", "audience")
    asked = {name: request.args.get(name, "").strip()[:MAX_TEXT] for name in names}
    number = max(1, request.args.get("page", 1, int))
    here, catalogue = context(), components().catalogue
    filters = Filters(
        asked["field"], asked["level"], roles_asked_for(asked["agency"], here.reference.agencies), asked["audience"]
    )
    with here.store.read() as connection:
        today = _today()
        offset = (number - 1) * PAGE_SIZE
        found = procedure_list(connection, catalogue, today, asked["q"], filters, offset, PAGE_SIZE)
        everything = catalogue.all(connection, today)
        fields = catalogue.fields(connection, today)
    roles = frozenset(role for _, one in everything for role in handling_roles(one))
    return render_template(
        "intake/procedures.html",
        asked=asked,
        narrowed={name: value for name, value in asked.items() if value},
        fields=list(fields.items()),
        levels=LEVEL_NAMES,
        roles=[(role.name, (role.vi, role.en)) for role in ROLES.values() if role.name in roles],
        audiences=AUDIENCE_NAMES,
        shortened=sum(bool(shortenings(one, today)) for _, one in everything),
        found=found,
        page=number,
        pages=-(-found["total"] // PAGE_SIZE),
    )


@pages.get("/procedures/shortened")
@public
def shortened() -> str:
    """The procedures that are done sooner than the law asks, by the level of those who decide."""
    today = _today()
    with context().store.read() as connection:
        found = [(one, shortenings(one, today)) for _, one in components().catalogue.all(connection, today)]
    listed = [(one, cases) for one, cases in found if cases]
    counts = {level: sum(level in one.levels for one, _ in listed) for level in LEVEL_NAMES}
    return render_template(
        "intake/shortened.html", listed=listed, counts=counts, levels=LEVEL_NAMES, total=len(found), today=today
    )


@pages.get("/procedures/<code>")
@public
def procedure(code: str) -> str:
    """What a procedure requires: papers, fees, time, place, steps, forms."""
    today = _today()
    with context().store.read() as connection:
        version, definition = current_procedure(connection, code)
        versions = store.versions_of(connection, code)
    return procedure_page(definition, version, today, versions=versions, may_edit=_may_edit())


def _may_edit() -> bool:
    """Whether who looks is signed in as one who edits procedures."""
    here, viewer = context(), visitor()
    today = here.clock.now().date()
    return viewer is not None and access.may_edit_procedures(viewer, here.reference.agencies, today)


@pages.get("/procedures/<code>/versions")
@public
def versions(code: str) -> str:
    """All versions of a procedure, with what each changed and since when it is in force."""
    today = _today()
    with context().store.read() as connection:
        version, definition = current_procedure(connection, code)
        found = store.versions_of(connection, code)
    texts = [orjson.loads(one.definition) for one in found]
    changed = [list(changes(before, after)) for after, before in pairwise(texts)]
    return render_template(
        "intake/procedure_versions.html",
        procedure=definition,
        current=version,
        versions=list(zip(found, [*changed, []], strict=True)),
        today=today,
    )


@pages.get("/procedures/<code>/versions/<int:number>")
@public
def version(code: str, number: int) -> str:
    """A procedure as it was, is or will be by one of its versions."""
    today = _today()
    with context().store.read() as connection:
        found = components().catalogue.current(connection, code, today)
        versions = store.versions_of(connection, code)
        if number not in {one.version for one in versions}:
            raise unknown_procedure()
        definition = components().catalogue.version(connection, code, number)
    return procedure_page(definition, number, today, in_force=found[0] if found else 0, versions=versions)


@pages.get("/procedures/<code>/choose")
@public
def choose(code: str) -> Response:
    """Asks one question a page until case, papers, time and fee are known; then goes to the checklist."""
    with context().store.read() as connection:
        _, definition = current_procedure(connection, code)
    given = given_answers(request.args)
    found = progress(definition, given)
    if found.next is None:
        return make_response(
            redirect(url_for("procedure_pages.checklist", code=code, **address_query(found.answered)), 303)
        )
    before = address_query(found.answered)
    if found.answered:
        last = {name: value for name, value in before.items() if name != found.answered[-1][0].name}
        back = url_for("procedure_pages.choose", code=code, **last)
    else:
        back = url_for("procedure_pages.procedure", code=code)
    return make_response(
        render_template(
            "intake/choose.html",
            procedure=definition,
            asked=found.next,
            before=[(name, value) for name, values in before.items() for value in values],
            chosen=given.get(found.next.name, ()),
            number=len(found.answered) + 1,
            fault=found.fault or request.args.get(ASKED) == found.next.name,
            back=back,
        )
    )


@pages.get("/procedures/<code>/checklist")
@public
def checklist(code: str) -> Response:
    """What to bring and to pay, and how long it takes, to be printed."""
    today = _today()
    with context().store.read() as connection:
        version, definition = current_procedure(connection, code)
    found = progress(definition, given_answers(request.args))
    if found.checklist is None:
        return make_response(
            redirect(url_for("procedure_pages.choose", code=code, **address_query(found.answered)), 303)
        )
    result = found.checklist
    answers = []
    query: dict[str, Any] = {}
    for asked, options in found.answered:
        answers.append((asked, options, url_for("procedure_pages.choose", code=code, **query)))
        query |= {asked.name: [one.code for one in options] or [""]}
    return make_response(
        render_template(
            "intake/checklist.html",
            procedure=definition,
            version=version,
            list=result,
            limit=limit_text(result.limit),
            shortened=[one for one in shortenings(definition, today) if one.case.code == result.case.code],
            answers=answers,
            reduction=online_reduction(definition.field, today),
            linked=[one for one in definition.linked.procedures if one.code in result.chosen]
            if definition.linked
            else [],
            file=url_for("checklist_pages.checklist_file", code=code, **address_query(found.answered)),
            forms=[form for form in definition.forms if form.paper in {paper.code for paper in result.papers}],
            today=today,
        )
    )


def procedure_page(definition: Procedure, number: int, today: date, **more: Any) -> str:
    """The page of a version of a procedure.

    Args:
        definition: what it says.
        number: of the version.
        today: the business day.
        more: ``versions``: all that were published; ``in_force``: the number of the version in force, if it is another page's;
            ``may_edit``: whether who looks edits procedures.
    """
    published = [one for one in more.get("versions", ()) if one.version == number]
    later = [one for one in more.get("versions", ()) if one.effective_from > today]
    return render_template(
        "intake/procedure.html",
        procedure=definition,
        version=number,
        in_force=more.get("in_force", number),
        may_edit=more.get("may_edit", False),
        effective_from=published[0].effective_from if published else definition.effective_from,
        later=later if published and more.get("in_force", number) == number else [],
        cases=[case_view(definition, case) for case in definition.cases],
        shortened={
            one.case.code: one for one in shortenings(definition, max(today, definition.effective_from or today))
        },
        reduction=online_reduction(definition.field, today),
        levels=[LEVEL_NAMES[level] for level in definition.levels],
        audience=[AUDIENCE_NAMES[one] for one in definition.audience],
        roles=[(ROLES[role].vi, ROLES[role].en) for role in ROLES if role in handling_roles(definition)],
        today=today,
    )


def current_procedure(connection: Connection, code: str) -> tuple[int, Procedure]:
    """The version and procedure in force today.

    Raises:
        Problem: 404, there is none.
    """
    found = components().catalogue.current(connection, code, _today())
    if found is None:
        raise unknown_procedure()
    return found


def given_answers(arguments: MultiDict[str, str]) -> Given:
    """What was answered, by question; a question on the page that sends boxes only was answered with none where no box comes."""
    names = [name for name in arguments if name != ASKED]
    given = {name: [value for value in arguments.getlist(name) if value] for name in names}
    asked = arguments.get(ASKED, "")
    return given if not asked or asked in given or arguments.get("several") != asked else {**given, asked: []}


def address_query(answered: Any) -> dict[str, Any]:
    """The answers as an address carries them on."""
    return {asked.name: [option.code for option in options] or [""] for asked, options in answered}


def _today() -> date:
    return context().clock.now().date()
