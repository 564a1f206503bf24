"""Which problem details the caller gets for errors about results and how they are handed over."""

from __future__ import annotations

from services.intake.problem_parts import field_error, invalid, wrong_state
from services.intake.results.delivery import DeliveryNotChoosable, NoAddress
from services.intake.results.domain import NoResultFile, NotReturnable
from services.intake.results.files import NoSuchResult
from services.intake.results.one_time_code import CodeJustSent, NoMobile, WrongOneTimeCode
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem


def _not_returnable(error: NotReturnable) -> Problem:
    title = "Chưa có hoặc không còn kết quả để trả"
    return wrong_state(error.state, "not-returnable", title, "There is no result to return")


def _delivery_not_choosable(error: DeliveryNotChoosable) -> Problem:
    title = "Không còn chọn được cách nhận kết quả"
    return wrong_state(error.state, "delivery-not-choosable", title, "The way of delivery can no longer be chosen")


def _no_address(_error: NoAddress) -> Problem:
    vi = "Hồ sơ chưa có địa chỉ của người nộp: mời ông/bà báo Bộ phận Một cửa để bổ sung."
    return invalid(field_error("delivery", vi, "The dossier has no address: please tell the one-stop desk."))


def _no_result_file(_error: NoResultFile) -> Problem:
    return invalid(field_error("method", "Chưa có tệp kết quả điện tử.", "There is no file of the result yet."))


def _no_such_result(_error: NoSuchResult) -> Problem:
    return Problem(
        404,
        "not-found",
        detail="Không có kết quả điện tử nào có mã băm này, hoặc tệp đã được thay bằng tệp khác.",
        detail_en="No electronic result has this hash, or another file has taken its place.",
    )


def _wrong_one_time_code(_error: WrongOneTimeCode) -> Problem:
    vi = "Mã không đúng, đã hết hạn hoặc đã nhập sai quá nhiều lần. Vui lòng kiểm tra lại hoặc gửi mã mới."
    en = "The code is wrong, too old, or was typed wrongly too often. Check it, or send a new one."
    return invalid(field_error("one_time_code", vi, en))


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
    return invalid(field_error("one_time_code", vi, en))


RESULT_PROBLEMS: ProblemTable = {
    NotReturnable: _not_returnable,
    DeliveryNotChoosable: _delivery_not_choosable,
    NoAddress: _no_address,
    NoResultFile: _no_result_file,
    NoSuchResult: _no_such_result,
    WrongOneTimeCode: _wrong_one_time_code,
    CodeJustSent: _code_just_sent,
    NoMobile: _no_mobile,
}
"""What each of these errors becomes."""
