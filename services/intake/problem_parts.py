"""Parts of problem details that several slices of intake use."""

from __future__ import annotations

from collections.abc import Iterable

from services.intake.dossiers.domain import State, state_fields
from services.intake.filing.domain.applicant import InvalidField
from shared.web.problem import FieldError, Problem


def invalid_fields(faults: Iterable[InvalidField], within: str = "") -> Problem:
    """422: fields that are not valid; `within` is the path of the object to which they belong."""
    return invalid(
        *(field_error(f"{within}.{fault.field}" if within else fault.field, fault.vi, fault.en) for fault in faults)
    )


def unknown_procedure() -> Problem:
    """404: no procedure of this code is in force."""
    return Problem(404, "not-found", detail="Không có thủ tục này.", detail_en="There is no such procedure.")


def wrong_secret() -> Problem:
    """422: a receipt must not show a secret that opens nothing."""
    return invalid(field_error("secret", "Không phải mã bí mật của hồ sơ này.", "Not this dossier's secret."))


def invalid(*errors: FieldError) -> Problem:
    """422: what is wrong field by field."""
    return Problem(422, "invalid", errors=errors)


def field_error(field: str, vi: str, en: str) -> FieldError:
    """What is wrong with one field, in both languages."""
    return {"field": field, "message": vi, "message_en": en}


def wrong_state(state: State, slug: str, title: str, title_en: str) -> Problem:
    """409: the dossier is in a state that does not allow it."""
    detail = f"Hồ sơ đang ở trạng thái: {state.vi}."
    problem = Problem(409, slug, title, title_en, detail=detail, detail_en=f"The dossier is: {state.en}.")
    problem.extensions |= state_fields(state)
    return problem
