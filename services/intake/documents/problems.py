"""Which problem details the caller gets for errors about official papers."""

from __future__ import annotations

from services.intake.documents.domain import ErasedDocument, NotIssuable, UnknownDocument
from services.intake.documents.verification import NotVerified
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem


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


DOCUMENT_PROBLEMS: ProblemTable = {
    UnknownDocument: _unknown_document,
    NotIssuable: _not_issuable,
    ErasedDocument: _erased_document,
    NotVerified: _not_verified,
}
"""What each of these errors becomes."""
