"""Which problem details the caller gets for errors about money."""

from __future__ import annotations

from services.intake.payments.closing.domain import DayClosed, DayNotOver, ReasonNeeded
from services.intake.payments.domain import AlreadyPaid, NothingOwed, NotPayable, UnknownObligation, WrongAmount
from services.intake.payments.online.domain import ContradictoryReceipt
from services.intake.payments.refunds.domain import NotRefundable, OwnRequest, RefundMovedOn, UnknownRefund
from services.intake.payments.transfers.domain import NothingToTransfer
from services.intake.payments.waivers.domain import (
    EvidenceNotSeen,
    NoEvidenceFile,
    RefusalUnexplained,
    UnknownCategory,
    UnknownWaiver,
    WaiverMovedOn,
)
from services.intake.problem_parts import field_error, invalid, wrong_state
from shared.web.domain_errors import ProblemTable
from shared.web.pages import vietnamese_money, vietnamese_time
from shared.web.problem import Problem


def _unknown_obligation(_error: UnknownObligation) -> Problem:
    return invalid(field_error("obligation", "Hồ sơ không có nghĩa vụ này.", "The dossier has no such obligation."))


def _not_payable(error: NotPayable) -> Problem:
    title = "Không thu tiền ở trạng thái này"
    return wrong_state(error.state, "not-payable", title, "No payment is taken in this state")


def _nothing_owed(_error: NothingOwed) -> Problem:
    return Problem(409, "nothing-owed", "Không có khoản nào phải nộp", "Nothing is owed")


def _already_paid(error: AlreadyPaid) -> Problem:
    detail = f"Đã nộp lúc {vietnamese_time(error.paid_at)}."
    paid_at = error.paid_at.isoformat()
    return Problem(409, "already-paid", "Khoản này đã nộp", "This was paid before", detail=detail, paid_at=paid_at)


def _wrong_amount(error: WrongAmount) -> Problem:
    owed = vietnamese_money(error.owed)
    problem = invalid(field_error("amount", f"Phải nộp đúng {owed}.", f"Exactly {owed} are owed."))
    problem.extensions["owed"] = error.owed
    return problem


def _contradictory_receipt(_error: ContradictoryReceipt) -> Problem:
    return Problem(
        409,
        "contradictory-receipt",
        "Giao dịch này đã được báo với nội dung khác",
        "This transaction was reported with other contents",
    )


def _not_refundable(error: NotRefundable) -> Problem:
    most = vietnamese_money(error.most)
    return invalid(field_error("amount", f"Hoàn trả nhiều nhất {most}.", f"At most {most} can be refunded."))


def _day_closed(_error: DayClosed) -> Problem:
    return Problem(
        409,
        "day-closed",
        "Ngày đã khóa sổ",
        "The day is closed",
        detail="Sổ đã khóa thì không mở lại; chênh lệch phát hiện sau được ghi vào ngày sau.",
        detail_en="A closing is final; what is found out later is put right on a later day.",
    )


def _day_not_over(_error: DayNotOver) -> Problem:
    return Problem(409, "day-not-over", "Chưa đến ngày này nên chưa khóa sổ được", "This day has not come yet")


def _reason_needed(error: ReasonNeeded) -> Problem:
    recorded = vietnamese_money(error.recorded)
    vi, en = f"Sổ ghi {recorded}: nêu lý do chênh lệch.", f"{recorded} are recorded: say why the count differs."
    return invalid(field_error("reason", vi, en))


def _refund_moved_on(_error: RefundMovedOn) -> Problem:
    title = "Yêu cầu hoàn trả đã được xử lý trước đó"
    return Problem(409, "refund-moved-on", title, "The refund was dealt with before")


def _own_request(_error: OwnRequest) -> Problem:
    title = "Người đề nghị không được tự duyệt"
    return Problem(403, "own-request", title, "Who asked for it does not approve it")


def _unknown_refund(_error: UnknownRefund) -> Problem:
    return Problem(404, "not-found", detail="Không có khoản hoàn trả này.", detail_en="There is no such refund.")


def _nothing_to_transfer(_error: NothingToTransfer) -> Problem:
    title = "Các khoản này đã được chuyển trước đó"
    return Problem(409, "nothing-to-transfer", title, "These payments were paid on before")


def _waiver_moved_on(_error: WaiverMovedOn) -> Problem:
    title = "Đề nghị miễn, giảm đã có hoặc đã được quyết định"
    return Problem(409, "waiver-moved-on", title, "A waiver is asked for already, or was decided")


def _unknown_waiver(_error: UnknownWaiver) -> Problem:
    return Problem(404, "not-found", detail="Không có đề nghị này.", detail_en="There is no such request.")


def _unknown_category(_error: UnknownCategory) -> Problem:
    return invalid(field_error("category", "Không có đối tượng này.", "Fees are not waived to such people."))


def _evidence_not_seen(_error: EvidenceNotSeen) -> Problem:
    vi, en = "Chọn cách đã xem giấy tờ chứng minh.", "Say how you have seen the paper."
    return invalid(field_error("seen", vi, en))


def _no_evidence_file(_error: NoEvidenceFile) -> Problem:
    return invalid(field_error("seen", "Chưa có tệp nào xem được.", "There is no file that can be read."))


def _refusal_unexplained(_error: RefusalUnexplained) -> Problem:
    return invalid(field_error("reason", "Phải nêu lý do không miễn, giảm.", "Say why it is refused."))


PAYMENT_PROBLEMS: ProblemTable = {
    UnknownObligation: _unknown_obligation,
    NotPayable: _not_payable,
    NothingOwed: _nothing_owed,
    AlreadyPaid: _already_paid,
    WrongAmount: _wrong_amount,
    ContradictoryReceipt: _contradictory_receipt,
    NotRefundable: _not_refundable,
    DayClosed: _day_closed,
    DayNotOver: _day_not_over,
    ReasonNeeded: _reason_needed,
    RefundMovedOn: _refund_moved_on,
    OwnRequest: _own_request,
    UnknownRefund: _unknown_refund,
    NothingToTransfer: _nothing_to_transfer,
    WaiverMovedOn: _waiver_moved_on,
    UnknownWaiver: _unknown_waiver,
    UnknownCategory: _unknown_category,
    EvidenceNotSeen: _evidence_not_seen,
    NoEvidenceFile: _no_evidence_file,
    RefusalUnexplained: _refusal_unexplained,
}
"""What each of these errors becomes."""
