"""Whether what the counter's form holds can be received: by the rules of the filing API, with the faults at the form's own fields."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import ValidationError

from services.intake.desk.form import DeskForm, body_of
from services.intake.filing.api import filing_of
from services.intake.filing.commands import Filing
from services.intake.filing.domain.assessment import Assessment, assess
from services.intake.filing.schemas import FilingSchema
from services.intake.problems import domain_errors_as_problems
from shared.agencies import Agency
from shared.catalogue import Case, Procedure
from shared.web.current_context import context
from shared.web.field_errors import errors_of
from shared.web.problem import FieldError, Problem

_SCHEMA = FilingSchema()


@dataclass(frozen=True, slots=True)
class Checked:
    """A filing that can be received.

    Attributes:
        filing: what the filing command takes.
        assessment: its papers, fee and promised time as they would be now.
    """

    filing: Filing
    assessment: Assessment


def check(
    form: DeskForm,
    procedure: Procedure,
    case: Case,
    desk: Agency,
    clerk: str,
) -> Checked:
    """Checks the form.

    Args:
        form: as read.
        procedure, case: chosen before.
        desk: the receiving one-stop desk.
        clerk: the subject of the clerk's token.

    Raises:
        Problem: 422, naming the form's fields.
    """
    here = context()
    now = here.clock.now()
    today = now.date()
    papers = procedure.accepted_papers(case.code)
    body, paths = body_of(form, procedure.code, case.code, desk.code, papers)
    try:
        with domain_errors_as_problems():
            filing = filing_of(_SCHEMA.load(body), desk, clerk, today)
            calendar, regulation = here.reference.calendar(desk.code, today), here.reference.regulation(today)
            found = assess(procedure, case.code, filing.papers, now, calendar, regulation, filing.remote, filing.chosen)
    except ValidationError as error:
        raise Problem(422, "invalid", errors=_at_fields(errors_of(error), paths)) from error
    except Problem as problem:
        problem.errors = _at_fields(problem.errors, paths)
        raise
    return Checked(filing, found)


def _at_fields(errors: list[FieldError], paths: dict[str, str]) -> list[FieldError]:
    """The faults with the form's names of the fields."""
    return [error | {"field": paths.get(error["field"], error["field"])} for error in errors]
