"""Which problem details the caller gets for errors about applications, drafts, agreements and uploads."""

from __future__ import annotations

from services.intake.applications.domain import (
    ParcelRegistered,
    Status,
    SupplementTooLate,
    UnknownApplication,
    WrongStatus,
)
from services.intake.co_signing.domain import UnknownConsent
from services.intake.filing.domain.applicant import InvalidField
from services.intake.online.domain import TooManyDrafts, UnknownDraft
from services.intake.online_supplements.domain import NothingUploaded
from services.intake.problem_parts import field_error, invalid, invalid_fields
from shared.runtime.clock import VIETNAM
from shared.uploads.upload import StillChecking
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem


def _unknown_application(_error: UnknownApplication) -> Problem:
    return Problem(404, "not-found", detail="Không có hồ sơ đăng ký này.", detail_en="There is no such application.")


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


def _still_checking(error: StillChecking) -> Problem:
    names = "; ".join(error.names)
    return invalid(
        field_error(
            "papers",
            f"Tệp đang được kiểm tra vi-rút: {names}. Vui lòng đợi ít phút rồi thử lại, hoặc xóa tệp đó.",
            f"Files that are being checked for viruses: {names}. Please try again in a few minutes, or delete them.",
        )
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


APPLICATION_PROBLEMS: ProblemTable = {
    UnknownApplication: _unknown_application,
    UnknownConsent: lambda error: Problem(404, "not-found"),
    WrongStatus: _wrong_status,
    SupplementTooLate: _supplement_too_late,
    NothingUploaded: lambda error: invalid_fields(
        [InvalidField("papers", "Chưa có tệp nào. Vui lòng tải giấy tờ lên trước khi gửi.", "Nothing is uploaded yet.")]
    ),
    StillChecking: _still_checking,
    ParcelRegistered: _parcel_registered,
    UnknownDraft: _unknown_draft,
    TooManyDrafts: _too_many_drafts,
}
"""What each of these errors becomes."""
