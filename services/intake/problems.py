"""Which problem details (RFC 9457) the caller gets for each error of intake's domain: one table, :data:`PROBLEMS`."""

from __future__ import annotations

from collections.abc import Iterable

from services.intake.applications.domain import (
    ParcelRegistered,
    Status,
    SupplementTooLate,
    UnknownApplication,
    WrongStatus,
)
from services.intake.co_signing.domain import UnknownConsent
from services.intake.desk.custody import NotInCustody
from services.intake.documents.domain import ErasedDocument, NotIssuable, UnknownDocument
from services.intake.documents.verification import NotVerified
from services.intake.dossiers.domain import State, UnknownDossier, state_fields
from services.intake.filing.commands import NotImmediate, UnknownProcedure
from services.intake.filing.domain.applicant import InvalidField
from services.intake.filing.domain.assessment import MissingPapers
from services.intake.filing.domain.desk import NotADesk
from services.intake.filing.domain.linked_choice import WrongChoice
from services.intake.filing.duplicates import AlreadyFiled
from services.intake.lookup.queries import WrongCodeOrSecret
from services.intake.lookup.throttle import TooManyTries
from services.intake.online.domain import TooManyDrafts, UnknownDraft
from services.intake.online_supplements.domain import NothingUploaded
from services.intake.payments.closing.domain import DayClosed, DayNotOver, ReasonNeeded
from services.intake.payments.domain import AlreadyPaid, NothingOwed, NotPayable, UnknownObligation, WrongAmount
from services.intake.payments.online.domain import ContradictoryReceipt
from services.intake.payments.refunds.domain import NotRefundable, OwnRequest, RefundMovedOn, UnknownRefund
from services.intake.payments.transfers.domain import NothingToTransfer
from services.intake.payments.waivers.domain import UnknownCategory, UnknownWaiver, WaiverMovedOn
from services.intake.plugin_access.domain import StepOver, UnknownStep
from services.intake.results.delivery import DeliveryNotChoosable, NoAddress
from services.intake.results.domain import NoResultFile, NotReturnable
from services.intake.results.files import NoSuchResult
from services.intake.results.one_time_code import CodeJustSent, NoMobile, WrongOneTimeCode
from services.intake.supplements.domain import NoSupplementAsked
from services.intake.uploads.domain import StillChecking
from services.intake.withdrawals.domain import NotWithdrawable
from shared.catalogue import Case, CaseRequired, UnknownCase
from shared.regulations import RuleViolation
from shared.runtime.clock import VIETNAM
from shared.web.domain_errors import ProblemTable, translation
from shared.web.pages import vietnamese_money, vietnamese_time
from shared.web.problem import FieldError, Problem, rule_violation


def invalid_fields(faults: Iterable[InvalidField], within: str = "") -> Problem:
    """422: fields that are not valid; `within` is the path of the object to which they belong."""
    return _invalid(
        *(_field(f"{within}.{fault.field}" if within else fault.field, fault.vi, fault.en) for fault in faults)
    )


def _still_checking(error: StillChecking) -> Problem:
    names = "; ".join(error.names)
    return _invalid(
        _field(
            "papers",
            f"Tệp đang được kiểm tra vi-rút: {names}. Vui lòng đợi ít phút rồi thử lại, hoặc xóa tệp đó.",
            f"Files that are being checked for viruses: {names}. Please try again in a few minutes, or delete them.",
        )
    )


def unknown_procedure() -> Problem:
    """404: no procedure of this code is in force."""
    return Problem(404, "not-found", detail="Không có thủ tục này.", detail_en="There is no such procedure.")


def wrong_secret() -> Problem:
    """422: a receipt must not show a secret that opens nothing."""
    return _invalid(_field("secret", "Không phải mã bí mật của hồ sơ này.", "Not this dossier's secret."))


def _wrong_code_or_secret(_error: WrongCodeOrSecret) -> Problem:
    return Problem(
        404,
        "not-found",
        detail="Không có hồ sơ nào với mã hồ sơ và mã bí mật này.",
        detail_en="No dossier has this code and secret.",
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


def _unknown_step(_error: UnknownStep) -> Problem:
    return Problem(404, "not-found", detail="Không có bước xử lý này.", detail_en="There is no such step.")


def _step_over(_error: StepOver) -> Problem:
    return Problem(
        409,
        "step-over",
        "Bước xử lý không còn thuộc cơ quan",
        "The step is no longer the agency's",
        detail="Chỉ được đọc giấy tờ của hồ sơ trong khi cơ quan đang xử lý bước này.",
        detail_en="The papers may be read only while the step is the agency's.",
    )


def _procedure_to_file_unknown(_error: UnknownProcedure) -> Problem:
    return _invalid(_field("procedure", "Không có thủ tục này.", "There is no such procedure."))


def _not_immediate(_error: NotImmediate) -> Problem:
    return _invalid(
        _field(
            "finish",
            "Kết quả của trường hợp này không trả ngay tại quầy được.",
            "The result of this case cannot be handed over at once.",
        )
    )


def _not_a_desk(error: NotADesk) -> Problem:
    return _invalid(_field("receiving_agency", error.vi, error.en))


def _missing_papers(error: MissingPapers) -> Problem:
    return Problem(
        422,
        "missing-papers",
        "Hồ sơ còn thiếu giấy tờ",
        "Papers are missing",
        detail="Còn thiếu: " + "; ".join(paper.name for paper in error.missing) + ".",
        errors=[_field("papers", f"Thiếu: {paper.name}", f"Missing: {paper.code}") for paper in error.missing],
        missing=[{"code": paper.code, "name": paper.name} for paper in error.missing],
    )


def _already_filed(error: AlreadyFiled) -> Problem:
    return Problem(
        409,
        "already-filed",
        "Hồ sơ giống hệt vừa được tiếp nhận",
        "The same was filed a moment ago",
        detail=f"Hồ sơ {error.code} của cùng người nộp, cùng thủ tục và giấy tờ vừa được tiếp nhận. Gửi kèm insist: true nếu vẫn nộp.",
        detail_en=f"Dossier {error.code} is the same person's, for the same procedure with the same papers. Send insist: true to file.",
        existing=error.code,
    )


def _unknown_application(_error: UnknownApplication) -> Problem:
    return Problem(404, "not-found", detail="Không có hồ sơ đăng ký này.", detail_en="There is no such application.")


def _supplement_too_late(error: SupplementTooLate) -> Problem:
    until = error.until.astimezone(VIETNAM)
    return Problem(
        409,
        "supplement-too-late",
        "Đã hết thời hạn bổ sung giấy tờ",
        "The time for the papers is over",
        detail=f"Giấy tờ được bổ sung đến hết ngày {until:%d/%m/%Y}.",
        detail_en=f"The papers could be sent until the end of {until:%d/%m/%Y}.",
    )


def _wrong_status(error: WrongStatus) -> Problem:
    return Problem(
        409,
        "wrong-status",
        "Hồ sơ đăng ký không còn ở trạng thái này",
        "The application has another status now",
        detail=f"Hồ sơ đang ở trạng thái: {error.status.vi}."
        + (" Chỉ được yêu cầu bổ sung một lần." if error.asked is Status.SUPPLEMENT_REQUESTED else ""),
        detail_en=f"The application is: {error.status.en}."
        + (" Papers are asked for once only." if error.asked is Status.SUPPLEMENT_REQUESTED else ""),
        status_now=str(error.status),
    )


def _parcel_registered(error: ParcelRegistered) -> Problem:
    return Problem(
        409,
        "parcel-registered",
        "Bưu gửi này đã được ghi nhận",
        "This parcel was registered before",
        detail=f"Hồ sơ {error.code} của cùng người nộp, cùng thủ tục đã được ghi nhận theo số bưu gửi này.",
        detail_en=f"Application {error.code} of this applicant and procedure came in this parcel.",
        existing=error.code,
    )


def _case_required(error: CaseRequired) -> Problem:
    return _case(
        error.options, "Thủ tục có nhiều trường hợp: phải chọn một.", "The procedure has several cases: choose one."
    )


def _unknown_case(error: UnknownCase) -> Problem:
    return _case(error.options, "Thủ tục không có trường hợp này.", "The procedure has no such case.")


def _case(options: Iterable[Case], vi: str, en: str) -> Problem:
    problem = _invalid(_field("case", vi, en))
    problem.extensions["options"] = [{"code": case.code, "name": case.name} for case in options]
    return problem


def _wrong_choice(error: WrongChoice) -> Problem:
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


def _not_in_custody(error: NotInCustody) -> Problem:
    field = "places" if error.place is None else f"places.{error.place}"
    return _invalid(_field(field, "Không giữ bản chính này.", "This original is not in custody."))


def _no_supplement_asked(error: NoSupplementAsked) -> Problem:
    return _wrong_state(
        error.state, "no-supplement-asked", "Hồ sơ không chờ bổ sung giấy tờ", "The dossier does not wait for papers"
    )


def _not_withdrawable(error: NotWithdrawable) -> Problem:
    problem = _wrong_state(error.state, "not-withdrawable", "Không rút được hồ sơ", "The dossier cannot be withdrawn")
    if error.result_exists:
        problem.detail += " Chỉ được rút hồ sơ khi chưa có thông báo kết quả (Điều 21 Nghị định 118/2025/NĐ-CP)."
        problem.extensions["detail_en"] += " It may be withdrawn only until the result (Decree 118/2025, article 21)."
    return problem


def _not_returnable(error: NotReturnable) -> Problem:
    title = "Chưa có hoặc không còn kết quả để trả"
    return _wrong_state(error.state, "not-returnable", title, "There is no result to return")


def _delivery_not_choosable(error: DeliveryNotChoosable) -> Problem:
    title = "Không còn chọn được cách nhận kết quả"
    return _wrong_state(error.state, "delivery-not-choosable", title, "The way of delivery can no longer be chosen")


def _no_address(_error: NoAddress) -> Problem:
    vi = "Hồ sơ chưa có địa chỉ của người nộp: mời ông/bà báo Bộ phận Một cửa để bổ sung."
    return _invalid(_field("delivery", vi, "The dossier has no address: please tell the one-stop desk."))


def _wrong_one_time_code(_error: WrongOneTimeCode) -> Problem:
    vi = "Mã không đúng, đã hết hạn hoặc đã nhập sai quá nhiều lần. Vui lòng kiểm tra lại hoặc gửi mã mới."
    en = "The code is wrong, too old, or was typed wrongly too often. Check it, or send a new one."
    return _invalid(_field("one_time_code", vi, en))


def _code_just_sent(error: CodeJustSent) -> Problem:
    return Problem(
        429,
        "too-many-requests",
        detail=f"Mã vừa được gửi. Sau {error.seconds} giây có thể gửi mã mới.",
        detail_en=f"A code was just sent. Another can be sent in {error.seconds} seconds.",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    )


def _no_mobile(_error: NoMobile) -> Problem:
    vi, en = "Số điện thoại trong hồ sơ không nhận được tin nhắn SMS.", "The dossier's number cannot receive SMS."
    return _invalid(_field("one_time_code", vi, en))


def _no_result_file(_error: NoResultFile) -> Problem:
    return _invalid(_field("method", "Chưa có tệp kết quả điện tử.", "There is no file of the result yet."))


def _no_such_result(_error: NoSuchResult) -> Problem:
    return Problem(
        404,
        "not-found",
        detail="Không có kết quả điện tử nào có mã băm này, hoặc tệp đã được thay bằng tệp khác.",
        detail_en="No electronic result has this hash, or another file has taken its place.",
    )


def _not_payable(error: NotPayable) -> Problem:
    title = "Không thu tiền ở trạng thái này"
    return _wrong_state(error.state, "not-payable", title, "No payment is taken in this state")


def _nothing_owed(_error: NothingOwed) -> Problem:
    return Problem(409, "nothing-owed", "Không có khoản nào phải nộp", "Nothing is owed")


def _already_paid(error: AlreadyPaid) -> Problem:
    detail = f"Đã nộp lúc {vietnamese_time(error.paid_at)}."
    paid_at = error.paid_at.isoformat()
    return Problem(409, "already-paid", "Khoản này đã nộp", "This was paid before", detail=detail, paid_at=paid_at)


def _unknown_obligation(_error: UnknownObligation) -> Problem:
    return _invalid(_field("obligation", "Hồ sơ không có nghĩa vụ này.", "The dossier has no such obligation."))


def _wrong_amount(error: WrongAmount) -> Problem:
    owed = vietnamese_money(error.owed)
    problem = _invalid(_field("amount", f"Phải nộp đúng {owed}.", f"Exactly {owed} are owed."))
    problem.extensions["owed"] = error.owed
    return problem


def _contradictory_receipt(_error: ContradictoryReceipt) -> Problem:
    return Problem(
        409,
        "contradictory-receipt",
        "Giao dịch này đã được báo với nội dung khác",
        "This transaction was reported with other contents",
    )


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
    return _invalid(_field("reason", vi, en))


def _not_refundable(error: NotRefundable) -> Problem:
    most = vietnamese_money(error.most)
    return _invalid(_field("amount", f"Hoàn trả nhiều nhất {most}.", f"At most {most} can be refunded."))


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
    return _invalid(_field("category", "Không có đối tượng này.", "Fees are not waived to such people."))


def _unknown_document(_error: UnknownDocument) -> Problem:
    return Problem(404, "not-found", detail="Không có văn bản này.", detail_en="There is no such paper.")


def _not_issuable(_error: NotIssuable) -> Problem:
    return Problem(
        409,
        "not-issuable",
        "Không phát hành được văn bản này",
        "This paper cannot be issued",
        detail="Hồ sơ hiện không có căn cứ để phát hành loại văn bản này.",
        detail_en="The dossier gives no cause for a paper of this kind now.",
    )


def _erased_document(_error: ErasedDocument) -> Problem:
    return Problem(
        410,
        "erased",
        "Nội dung văn bản đã được xóa",
        "The paper's contents were erased",
        detail="Nội dung đã được xóa khi hết thời hạn lưu trữ; chỉ còn thông tin văn bản đã được phát hành.",
        detail_en="They were erased when their retention ended; that the paper was issued is still known.",
    )


def _not_verified(_error: NotVerified) -> Problem:
    return Problem(
        404,
        "not-verified",
        "Không xác nhận được văn bản",
        "The paper is not verified",
        detail="Không có văn bản nào có số và mã kiểm tra này. Ông/bà vui lòng kiểm tra lại số và mã in ở cuối văn bản.",
        detail_en="No paper has this number and check code. Please compare them with the end of the paper.",
    )


def _wrong_state(state: State, slug: str, title: str, title_en: str) -> Problem:
    detail = f"Hồ sơ đang ở trạng thái: {state.vi}."
    problem = Problem(409, slug, title, title_en, detail=detail, detail_en=f"The dossier is: {state.en}.")
    problem.extensions |= state_fields(state)
    return problem


def _invalid(*errors: FieldError) -> Problem:
    return Problem(422, "invalid", errors=errors)


def _field(field: str, vi: str, en: str) -> FieldError:
    return {"field": field, "message": vi, "message_en": en}


def _unknown_draft(_error: UnknownDraft) -> Problem:
    detail = "Bản nháp không còn, hoặc không phải của ông/bà."
    return Problem(404, "not-found", detail=detail, detail_en="The draft is gone, or it is not yours.")


def _too_many_drafts(_error: TooManyDrafts) -> Problem:
    detail = "Vui lòng nộp hoặc xóa bớt bản nháp."
    return Problem(
        409,
        "too-many-drafts",
        "Ông/bà có quá nhiều bản nháp",
        "You have too many drafts",
        detail=detail,
        detail_en="Please submit or delete some of them.",
    )


PROBLEMS: ProblemTable = {
    # filing
    NotImmediate: _not_immediate,
    UnknownProcedure: _procedure_to_file_unknown,
    NotADesk: _not_a_desk,
    CaseRequired: _case_required,
    UnknownCase: _unknown_case,
    WrongChoice: _wrong_choice,
    MissingPapers: _missing_papers,
    AlreadyFiled: _already_filed,
    InvalidField: lambda error: invalid_fields([error]),
    # applications
    UnknownApplication: _unknown_application,
    UnknownConsent: lambda error: Problem(404, "not-found"),
    WrongStatus: _wrong_status,
    SupplementTooLate: _supplement_too_late,
    NothingUploaded: lambda error: invalid_fields(
        [InvalidField("papers", "Chưa có tệp nào. Vui lòng tải giấy tờ lên trước khi gửi.", "Nothing is uploaded yet.")]
    ),
    StillChecking: _still_checking,
    ParcelRegistered: _parcel_registered,
    # a dossier on its way
    UnknownDossier: _unknown_dossier,
    NoSupplementAsked: _no_supplement_asked,
    NotWithdrawable: _not_withdrawable,
    NotReturnable: _not_returnable,
    DeliveryNotChoosable: _delivery_not_choosable,
    NoAddress: _no_address,
    NoResultFile: _no_result_file,
    NoSuchResult: _no_such_result,
    WrongOneTimeCode: _wrong_one_time_code,
    CodeJustSent: _code_just_sent,
    NoMobile: _no_mobile,
    RuleViolation: rule_violation,
    NotInCustody: _not_in_custody,
    # payments
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
    # look-up
    WrongCodeOrSecret: _wrong_code_or_secret,
    TooManyTries: _too_many_tries,
    # official papers
    UnknownDocument: _unknown_document,
    NotIssuable: _not_issuable,
    ErasedDocument: _erased_document,
    NotVerified: _not_verified,
    # filing online
    UnknownDraft: _unknown_draft,
    TooManyDrafts: _too_many_drafts,
    # programs
    UnknownStep: _unknown_step,
    StepOver: _step_over,
}
"""What each domain error becomes."""

domain_errors_as_problems = translation(PROBLEMS)
