"""What the pages of the public post share: the agencies of who looks, and how a form that failed is shown again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, url_for

from services.notify import access
from services.notify.problems import PROBLEMS
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, scope_checked
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import redirect_with_notice
from shared.web.problem import Problem
from shared.web.views import context

OFFICIALS = ("clerk", "officer", "leader")
PDF, CSV = "application/pdf", "text/csv; charset=utf-8"


def caller() -> dict[str, Any]:
    """Who looks, as the frame of officials' pages shows it."""
    known = principal()
    role = next((one for one in reversed(OFFICIALS) if known.has(one)), "")
    return {"subject": known.subject, "agency": known.agency, "role": role}


def readable_agencies() -> frozenset[str]:
    """The agencies whose letters and parcels the caller may see.

    Raises:
        services.notify.access.WrongAgency: there are none.
    """
    here = context()
    found = access.post_agencies(principal(), here.reference.agencies, here.clock.now().astimezone(VIETNAM).date())
    scope_checked()
    return found


def handled_agencies() -> frozenset[str]:
    """The agencies whose letters and parcels the caller handles.

    Raises:
        services.notify.access.WrongAgency: there are none.
    """
    here = context()
    found = access.clerks_agencies(principal(), here.reference.agencies, here.clock.now().astimezone(VIETNAM).date())
    scope_checked()
    return found


def act(effect: Callable[[UnitOfWork], dict[str, Any]], page: Callable[[Problem], str], endpoint: str) -> Response:
    """Does what a form asks for, once, and leads to a page that says so; where it is refused, the form is shown again.

    Args:
        effect: in the transaction; its result has the path arguments of the page that follows.
        page: the page of the form with a problem.
        endpoint: of the page that follows.
    """
    try:
        result = once_per_form(effect)
    except Problem as problem:
        return make_response(page(problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        if refused.status in (403, 404):
            raise refused from error
        return make_response(page(refused), refused.status)
    return redirect_with_notice(url_for(endpoint, **result))


def download(content: bytes, kind: str, name: str) -> Response:
    """A file to be saved or shown, kept by no cache.

    Args:
        content: of the file.
        kind: its media type.
        name: of the file, ASCII.
    """
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'{"inline" if kind == PDF else "attachment"}; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
