"""Web pages about procedures: the search, and one procedure with its papers, fees, time limit and steps."""

from __future__ import annotations

from flask import render_template, request

from services.intake.components import components
from services.intake.problems import unknown_procedure
from services.intake.procedures.queries import case_view, procedure_list
from shared.web.authorization import public
from shared.web.pages import page_blueprint
from shared.web.views import context

PAGE_SIZE = 20
MAX_TEXT = 200

pages = page_blueprint("intake", __name__, "procedure_pages")


@pages.get("/procedures")
@public
def procedures() -> str:
    """Search for a procedure."""
    text, field = (request.args.get(name, "").strip()[:MAX_TEXT] for name in ("q", "field"))
    number = max(1, request.args.get("page", 1, int))
    catalogue = components().catalogue
    with context().store.read() as connection:
        today = context().clock.now().date()
        found = procedure_list(connection, catalogue, today, text, field, (number - 1) * PAGE_SIZE, PAGE_SIZE)
        fields = catalogue.fields(connection)
    return render_template(
        "intake/procedures.html",
        q=text,
        field=field,
        fields=[("", "Tất cả lĩnh vực"), *fields.items()],
        found=found,
        page=number,
        pages=-(-found["total"] // PAGE_SIZE),
    )


@pages.get("/procedures/<code>")
@public
def procedure(code: str) -> str:
    """What a procedure requires: papers, fees, time, steps."""
    with context().store.read() as connection:
        found = components().catalogue.current(connection, code)
    if found is None:
        raise unknown_procedure()
    version, definition = found
    cases = [case_view(definition, case) for case in definition.cases]
    return render_template("intake/procedure.html", procedure=definition, version=version, cases=cases)
