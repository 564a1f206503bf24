"""What can go wrong at the front door, as the caller is told it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from services.intake.desks import NotADesk
from services.intake.dossiers.domain import State, shown_state
from services.intake.filing.commands import UnknownProcedure
from services.intake.filing.domain.applicant import InvalidField
from services.intake.filing.domain.assessment import MissingPapers
from services.intake.filing.domain.linked_choice import WrongChoice
from services.intake.lookup.queries import TooManyTries, WrongCodeOrSecret
from services.intake.payments.commands import NotReturnable, UnknownObligation
from services.intake.payments.domain import AlreadyPaid, NothingOwed, NotPayable, WrongAmount
from services.intake.plugin_access.queries import StepOver, UnknownStep
from services.intake.supplements.domain import NoSupplementAsked, NotWithdrawable
from shared.catalogue import Case, CaseRequired, UnknownCase
from shared.regulations import RuleViolation
from shared.web.pages import vietnamese_money, vietnamese_time
from shared.web.problem import FieldError, Problem, rule_broken


@contextmanager
def domain_errors_as_problems() -> Iterator[None]:
    """Turns the errors of intake's own rules into problems.

    Raises:
        Problem: in place of any of them.
    """
    try:
        yield
    except (UnknownProcedure, CaseRequired, UnknownCase, WrongChoice, MissingPapers, NotADesk) as error:
        raise _about_filing(error) from error
    except (NoSupplementAsked, NotWithdrawable) as error:
        raise _about_changes(error) from error
    except UnknownStep as error:
        raise unknown_step() from error
    except StepOver as error:
        raise step_over() from error
    except (UnknownObligation, NotPayable, NothingOwed, AlreadyPaid, WrongAmount, NotReturnable) as error:
        raise _about_counter(error) from error
    except RuleViolation as error:
        raise rule_broken(error) from error
    except InvalidField as error:
        raise invalid_fields([error]) from error
    except WrongCodeOrSecret as error:
        raise nothing_to_show() from error
    except TooManyTries as error:
        raise too_many_tries(error) from error


def invalid_fields(faults: Iterable[InvalidField], within: str = "") -> Problem:
    """422: fields that cannot be what they should; `within` is the path of the object that they belong to."""
    return _invalid(
        *(_field(f"{within}.{fault.field}" if within else fault.field, fault.vi, fault.en) for fault in faults)
    )


def nothing_to_show() -> Problem:
    """404: the same words whether the code or the secret is wrong."""
    return Problem(
        404,
        "not-found",
        detail="Không có hồ sơ nào với mã hồ sơ và mã bí mật này.",
        detail_en="No dossier has this code and secret.",
    )


def too_many_tries(error: TooManyTries) -> Problem:
    """429 with the time to wait."""
    minutes = -(-error.seconds // 60)
    return Problem(
        429,
        "too-many-requests",
        detail=f"Đã nhập sai quá nhiều lần. Vui lòng thử lại sau {minutes} phút.",
        detail_en=f"Too many wrong tries. Please try again in {minutes} minutes.",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    )


def unknown_dossier() -> Problem:
    """404 for staff."""
    return Problem(404, "not-found", detail="Không có hồ sơ này.", detail_en="There is no such dossier.")


def unknown_procedure() -> Problem:
    """404: no procedure of this code is in force."""
    return Problem(404, "not-found", detail="Không có thủ tục này.", detail_en="There is no such procedure.")


def unknown_step() -> Problem:
    """404: no agency was ever given this step."""
    return Problem(404, "not-found", detail="Không có bước xử lý này.", detail_en="There is no such step.")


def step_over() -> Problem:
    """409: the step is the agency's no more, and with it the papers are closed to its service."""
    return Problem(
        409,
        "step-over",
        "Bước xử lý không còn thuộc cơ quan",
        "The step is no longer the agency's",
        detail="Chỉ được đọc giấy tờ của hồ sơ trong khi cơ quan đang xử lý bước này.",
        detail_en="The papers may be read only while the step is the agency's.",
    )


def wrong_secret() -> Problem:
    """422: a receipt must not show a secret that opens nothing."""
    return _invalid(_field("secret", "Không phải mã bí mật của hồ sơ này.", "Not this dossier's secret."))


def _about_filing(error: Exception) -> Problem:
    if isinstance(error, MissingPapers):
        return _missing(error)
    if isinstance(error, NotADesk):
        return _invalid(_field("receiving_agency", error.vi, error.en))
    if isinstance(error, CaseRequired):
        return _case(
            error.options, "Thủ tục có nhiều trường hợp: phải chọn một.", "The procedure has several cases: choose one."
        )
    if isinstance(error, UnknownCase):
        return _case(error.options, "Thủ tục không có trường hợp này.", "The procedure has no such case.")
    if isinstance(error, WrongChoice):
        return _choice(error)
    return _invalid(_field("procedure", "Không có thủ tục này.", "There is no such procedure."))


def _about_changes(error: NoSupplementAsked | NotWithdrawable) -> Problem:
    if isinstance(error, NoSupplementAsked):
        return _wrong_state(
            "no-supplement-asked",
            "Hồ sơ không chờ bổ sung giấy tờ",
            "The dossier does not wait for papers",
            error.state,
        )
    problem = _wrong_state("not-withdrawable", "Không rút được hồ sơ", "The dossier cannot be withdrawn", error.state)
    if error.result_given:
        problem.detail += " Chỉ được rút hồ sơ khi chưa có thông báo kết quả (Điều 21 Nghị định 118/2025/NĐ-CP)."
        problem.extensions["detail_en"] += " It may be withdrawn only until the result (Decree 118/2025, article 21)."
    return problem


def _about_counter(error: Exception) -> Problem:
    if isinstance(error, UnknownObligation):
        return _invalid(_field("obligation", "Hồ sơ không có nghĩa vụ này.", "The dossier has no such obligation."))
    if isinstance(error, WrongAmount):
        owed = vietnamese_money(error.owed)
        problem = _invalid(_field("amount", f"Phải nộp đúng {owed}.", f"Exactly {owed} are owed."))
        problem.extensions["owed"] = error.owed
        return problem
    if isinstance(error, AlreadyPaid):
        when = vietnamese_time(error.paid_at)
        return Problem(
            409,
            "already-paid",
            "Khoản này đã nộp",
            "This was paid before",
            detail=f"Đã nộp lúc {when}.",
            paid_at=error.paid_at.isoformat(),
        )
    if isinstance(error, NothingOwed):
        return Problem(409, "nothing-owed", "Không có khoản nào phải nộp", "Nothing is owed")
    if isinstance(error, NotPayable):
        return _wrong_state(
            "not-payable", "Không thu tiền ở trạng thái này", "No payment is taken in this state", error.state
        )
    if isinstance(error, NotReturnable):
        return _wrong_state(
            "not-returnable", "Chưa có hoặc không còn kết quả để trả", "There is no result to return", error.state
        )
    raise AssertionError(f"no problem for {type(error).__name__}")


def _wrong_state(slug: str, title: str, title_en: str, state: State) -> Problem:
    detail = f"Hồ sơ đang ở trạng thái: {state.vi}."
    problem = Problem(409, slug, title, title_en, detail=detail, detail_en=f"The dossier is: {state.en}.")
    problem.extensions |= shown_state(state)
    return problem


def _missing(error: MissingPapers) -> Problem:
    return Problem(
        422,
        "missing-papers",
        "Hồ sơ còn thiếu giấy tờ",
        "Papers are missing",
        detail="Còn thiếu: " + "; ".join(paper.name for paper in error.missing) + ".",
        errors=[_field("papers", f"Thiếu: {paper.name}", f"Missing: {paper.code}") for paper in error.missing],
        missing=[{"code": paper.code, "name": paper.name} for paper in error.missing],
    )


def _case(options: Iterable[Case], vi: str, en: str) -> Problem:
    problem = _invalid(_field("case", vi, en))
    problem.extensions["options"] = [{"code": case.code, "name": case.name} for case in options]
    return problem


def _choice(error: WrongChoice) -> Problem:
    problem = _invalid(
        *(
            _field("chosen" if fault.place is None else f"chosen.{fault.place}", fault.vi, fault.en)
            for fault in error.faults
        )
    )
    problem.extensions["options"] = [
        {"code": option.code, "name": option.name, "required": option.required} for option in error.options
    ]
    return problem


def _invalid(*errors: FieldError) -> Problem:
    return Problem(422, "invalid", errors=errors)


def _field(field: str, vi: str, en: str) -> FieldError:
    return {"field": field, "message": vi, "message_en": en}
