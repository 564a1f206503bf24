"""Which problem details the caller gets for errors about letters and parcels."""

from __future__ import annotations

from services.notify.post.address import UndeliverableAddress
from services.notify.post.batches.domain import NothingToPrint, UnknownBatch, WrongBatchState
from services.notify.post.letters.domain import LetterState, UnknownLetter, WrongLetterState
from services.notify.post.parcels.domain import InvalidParcel, UnknownDossier, UnknownParcel, WrongParcelState
from shared.web.domain_errors import ProblemTable
from shared.web.problem import FieldError, Problem

LETTER_STATES = {
    LetterState.WAITING: ("Chờ đợt in", "Waits for a batch"),
    LetterState.BATCHED: ("Trong đợt in", "In a batch"),
    LetterState.POSTED: ("Đã giao bưu điện", "Handed to the post"),
    LetterState.DELIVERED: ("Đã phát", "Delivered"),
    LetterState.RETURNED: ("Bị chuyển hoàn", "Returned"),
    LetterState.LOST: ("Bị thất lạc", "Lost"),
}
"""What people call the states of a letter, in Vietnamese and in English."""
_ADDRESS = {
    "the recipient has no name": "Thiếu họ tên người nhận.",
    "the address does not end with a province": "Địa chỉ phải kết thúc bằng tên tỉnh, thành phố.",
    "the address has no commune": "Địa chỉ thiếu tên xã, phường, đặc khu.",
    "the address has no house, street or hamlet": "Địa chỉ thiếu số nhà, đường hoặc ấp, thôn, tổ dân phố.",
    "a line of the address is too long for the window of the envelope": "Địa chỉ có dòng quá dài so với ô cửa sổ phong bì.",
}


def _undeliverable(error: UndeliverableAddress) -> Problem:
    return _invalid("address", _ADDRESS[str(error)], f"{str(error)[0].upper()}{str(error)[1:]}.")


def _invalid_parcel(error: InvalidParcel) -> Problem:
    return _invalid(error.field, error.vi, error.en)


def _unknown_dossier(_error: UnknownDossier) -> Problem:
    vi = "Cơ quan ông/bà không có hồ sơ mã này, hoặc chưa có thông tin liên hệ của người nộp."
    en = "Your agency has no dossier of this code, or the applicant's contact has not arrived."
    return _invalid("dossier", vi, en)


def _wrong_batch_state(error: WrongBatchState) -> Problem:
    vi, en = error.state.label
    return Problem(
        409,
        "wrong-batch-state",
        "Chưa bàn giao được đợt in này",
        "This batch cannot be handed over yet",
        detail=f"Đợt in đang ở trạng thái: {vi}. Hãy in thư trước.",
        detail_en=f"The batch is: {en}. Print its letters first.",
    )


def _wrong_letter_state(error: WrongLetterState) -> Problem:
    vi, en = LETTER_STATES[error.state]
    title, title_en = "Không ghi nhận được thư này là bị chuyển hoàn", "This letter cannot be marked as returned"
    detail, detail_en = f"Thư đang ở trạng thái: {vi}.", f"The letter is: {en}."
    return Problem(409, "wrong-letter-state", title, title_en, detail=detail, detail_en=detail_en)


def _wrong_parcel_state(error: WrongParcelState) -> Problem:
    vi, en = error.state.label
    return Problem(
        409,
        "wrong-parcel-state",
        "Không làm được việc này với bưu gửi ở trạng thái hiện tại",
        "The parcel is in a state in which this cannot be done",
        detail=f"Bưu gửi đang ở trạng thái: {vi}.",
        detail_en=f"The parcel is: {en}.",
    )


def _invalid(field: str, vi: str, en: str) -> Problem:
    fault: FieldError = {"field": field, "message": vi, "message_en": en}
    return Problem(422, "invalid", errors=(fault,))


POST_PROBLEMS: ProblemTable = {
    UndeliverableAddress: _undeliverable,
    InvalidParcel: _invalid_parcel,
    UnknownDossier: _unknown_dossier,
    NothingToPrint: lambda _: Problem(409, "nothing-to-print", "Không có thư nào chờ in", "No letter waits"),
    WrongBatchState: _wrong_batch_state,
    WrongLetterState: _wrong_letter_state,
    WrongParcelState: _wrong_parcel_state,
    UnknownBatch: lambda _: Problem(404, "not-found"),
    UnknownLetter: lambda _: Problem(404, "not-found"),
    UnknownParcel: lambda _: Problem(404, "not-found"),
}
