"""Which problem details (RFC 9457) the caller gets for each error of intake's domain: one table, :data:`PROBLEMS`; slices with many
errors have their part of it in a `problems.py` of their own."""

from __future__ import annotations

from services.intake.applications.problems import APPLICATION_PROBLEMS
from services.intake.appointments.problems import APPOINTMENT_PROBLEMS
from services.intake.conversations.problems import CONVERSATION_PROBLEMS
from services.intake.desk.custody import NotInCustody
from services.intake.desk.declined.domain import UnknownDeclinedFiling
from services.intake.documents.problems import DOCUMENT_PROBLEMS
from services.intake.dossiers.domain import UnknownDossier
from services.intake.filing.problems import FILING_PROBLEMS
from services.intake.kiosk.domain import TooManyTickets
from services.intake.lookup.queries import WrongCodeOrSecret
from services.intake.lookup.throttle import TooManyTries
from services.intake.payments.problems import PAYMENT_PROBLEMS
from services.intake.plugin_access.domain import StepNotYetKnown, StepOver, UnknownStep
from services.intake.problem_parts import field_error, invalid, wrong_state
from services.intake.results.problems import RESULT_PROBLEMS
from services.intake.retention.domain import AlreadyErased
from services.intake.supplements.domain import NoSupplementAsked
from services.intake.tickets.problems import TICKET_PROBLEMS
from services.intake.withdrawals.domain import NotWithdrawable
from shared.auth.pairing_code import WrongPairingCode
from shared.regulations import RuleViolation
from shared.web.domain_errors import ProblemTable, translation
from shared.web.pairing_problems import wrong_pairing_code
from shared.web.problem import Problem, rule_violation

STEP_RETRY_SECONDS = 2
"""After this time an agency's software asks again for the papers of a step that is not known yet: an event takes a second or two."""


def _wrong_code_or_secret(_error: WrongCodeOrSecret) -> Problem:
    return Problem(
        404,
        "not-found",
        detail="Không có hồ sơ nào với mã hồ sơ và mã bí mật này.",
        detail_en="No dossier has this code and secret.",
    )


def _too_many_tickets(error: TooManyTickets) -> Problem:
    return Problem(
        429,
        "too-many-requests",
        detail=f"Máy này vừa phát rất nhiều số. Ông/bà có thể lấy số sau {error.seconds} giây, hoặc gặp cán bộ hướng dẫn.",
        detail_en=f"This kiosk has just given out very many numbers. You can take yours in {error.seconds} seconds, or ask the staff.",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    )


def _too_many_tries(error: TooManyTries) -> Problem:
    minutes = -(-error.seconds // 60)
    return Problem(
        429,
        "too-many-requests",
        detail=f"Mã nhập vào không đúng, và đã có quá nhiều lần nhập sai. Ông/bà vui lòng kiểm tra lại mã trên giấy hẹn."
        f" Sau {minutes} phút, số lần nhập sai được tính lại từ đầu.",
        detail_en=f"This code and secret do not fit, and there were too many wrong tries. Please look at the receipt. "
        f"Wrong tries are counted anew in {minutes} minutes.",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    )


def _unknown_dossier(_error: UnknownDossier) -> Problem:
    return Problem(404, "not-found", detail="Không có hồ sơ này.", detail_en="There is no such dossier.")


def _unknown_declined_filing(_error: UnknownDeclinedFiling) -> Problem:
    return Problem(404, "not-found", detail="Không có văn bản này.", detail_en="There is no such paper.")


def _already_erased(_error: AlreadyErased) -> Problem:
    return Problem(
        409,
        "already-erased",
        "Dữ liệu cá nhân đã được xóa",
        "The personal data were erased",
        detail="Dữ liệu cá nhân của hồ sơ đã được xóa khi hết thời hạn lưu trữ, không còn gì để giữ.",
        detail_en="They were erased when their retention ended; nothing is left to hold.",
    )


def _unknown_step(_error: UnknownStep) -> Problem:
    return Problem(
        404,
        "unknown-step",
        "Không có bước xử lý này",
        "There is no such step",
        code="unknown_step",
    )


def _step_not_yet_known(_error: StepNotYetKnown) -> Problem:
    return Problem(
        503,
        "step-not-yet-known",
        "Chưa nhận được thông tin về bước xử lý này",
        "Nothing is known of this step yet",
        detail="Thông tin về bước xử lý có thể đang được chuyển đến. Vui lòng hỏi lại sau.",
        detail_en="The news of the step may be under way. Please ask again.",
        headers={"Retry-After": str(STEP_RETRY_SECONDS)},
        code="step_not_yet_known",
        retry_after=STEP_RETRY_SECONDS,
    )


def _step_over(_error: StepOver) -> Problem:
    return Problem(
        410,
        "step-over",
        "Bước xử lý không còn thuộc cơ quan",
        "The step is no longer the agency's",
        detail="Chỉ được đọc giấy tờ của hồ sơ trong khi cơ quan đang xử lý bước này.",
        detail_en="The papers may be read only while the step is the agency's.",
    )


def _not_in_custody(error: NotInCustody) -> Problem:
    field = "places" if error.place is None else f"places.{error.place}"
    return invalid(field_error(field, "Không giữ bản chính này.", "This original is not in custody."))


def _no_supplement_asked(error: NoSupplementAsked) -> Problem:
    return wrong_state(
        error.state, "no-supplement-asked", "Hồ sơ không chờ bổ sung giấy tờ", "The dossier does not wait for papers"
    )


def _not_withdrawable(error: NotWithdrawable) -> Problem:
    problem = wrong_state(error.state, "not-withdrawable", "Không rút được hồ sơ", "The dossier cannot be withdrawn")
    if error.result_exists:
        problem.detail += " Chỉ được rút hồ sơ khi chưa có thông báo kết quả (Điều 21 Nghị định 118/2025/NĐ-CP)."
        problem.extensions["detail_en"] += " It may be withdrawn only until the result (Decree 118/2025, article 21)."
    return problem


PROBLEMS: ProblemTable = {
    **APPLICATION_PROBLEMS,
    **APPOINTMENT_PROBLEMS,
    **CONVERSATION_PROBLEMS,
    **FILING_PROBLEMS,
    **RESULT_PROBLEMS,
    **PAYMENT_PROBLEMS,
    **DOCUMENT_PROBLEMS,
    **TICKET_PROBLEMS,
    UnknownDossier: _unknown_dossier,
    UnknownDeclinedFiling: _unknown_declined_filing,
    AlreadyErased: _already_erased,
    NoSupplementAsked: _no_supplement_asked,
    NotWithdrawable: _not_withdrawable,
    RuleViolation: rule_violation,
    NotInCustody: _not_in_custody,
    WrongCodeOrSecret: _wrong_code_or_secret,
    TooManyTries: _too_many_tries,
    WrongPairingCode: wrong_pairing_code,
    TooManyTickets: _too_many_tickets,
    UnknownStep: _unknown_step,
    StepNotYetKnown: _step_not_yet_known,
    StepOver: _step_over,
}
"""What each domain error becomes."""

domain_errors_as_problems = translation(PROBLEMS)
