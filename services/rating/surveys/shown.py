"""What all pages of surveys show alike: their styles, and names of the parts of a result."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.rating.surveys.questions import FACTOR_NAMES
from services.rating.surveys.store import Survey
from shared.web.language import text, vietnamese
from shared.web.pages import agency_name, written_decimal

STATIC = Path(__file__).parent / "static"


def percent(value: float | None) -> str:
    """Per cent in the language of the page: 97,5% or 97.5%; a dash for None."""
    return "–" if value is None else f"{written_decimal(value, 1)}%"


def names_of_parts(survey: Survey) -> Mapping[str, Any]:
    """How the parts of a result are called: kind of part → function of its key."""
    wording = {question.code: question for question in survey.questions}
    factors = {str(factor): names for factor, names in FACTOR_NAMES.items()}
    groups = {str(number): group for number, group in enumerate(survey.plan.groups, start=1)}
    return {
        "factors": lambda key: text(*factors[key]),
        "questions": lambda key: text(wording[key].vi, wording[key].en),
        "procedures": lambda key: vietnamese(survey.plan.procedure_name(key)),
        "agencies": lambda key: vietnamese(agency_name(key)),
        "groups": lambda key: text(groups[key].vi, groups[key].en),
    }


STYLES: dict[str, Any] = {
    "survey_styles_version": sha256((STATIC / "surveys.css").read_bytes()).hexdigest()[:12],
    "percent": percent,
    "factors": FACTOR_NAMES,
}
"""What the templates of surveys need."""
