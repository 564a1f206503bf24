"""Which problem details the caller gets for errors about what is filed."""

from __future__ import annotations

from collections.abc import Iterable

from services.intake.filing.commands import NotImmediate, UnknownProcedure
from services.intake.filing.domain.applicant import InvalidField
from services.intake.filing.domain.assessment import MissingPapers
from services.intake.filing.domain.desk import NotADesk
from services.intake.filing.domain.linked_choice import WrongChoice
from services.intake.filing.duplicates import AlreadyFiled
from services.intake.problem_parts import field_error, invalid, invalid_fields
from shared.catalogue import Case, CaseRequired, UnknownCase
from shared.web.domain_errors import ProblemTable
from shared.web.problem import Problem


def _not_immediate(_error: NotImmediate) -> Problem:
    return invalid(
        field_error(
            "finish",
            "Kết quả của trường hợp này không trả ngay tại quầy được.",
            "The result of this case cannot be handed over at once.",
        )
    )


def _procedure_to_file_unknown(_error: UnknownProcedure) -> Problem:
    return invalid(field_error("procedure", "Không có thủ tục này.", "There is no such procedure."))


def _not_a_desk(error: NotADesk) -> Problem:
    return invalid(field_error("receiving_agency", error.vi, error.en))


def _case_required(error: CaseRequired) -> Problem:
    return _case(
        error.options, "Thủ tục có nhiều trường hợp: phải chọn một.", "The procedure has several cases: choose one."
    )


def _unknown_case(error: UnknownCase) -> Problem:
    return _case(error.options, "Thủ tục không có trường hợp này.", "The procedure has no such case.")


def _case(options: Iterable[Case], vi: str, en: str) -> Problem:
    problem = invalid(field_error("case", vi, en))
    problem.extensions["options"] = [{"code": case.code, "name": case.name} for case in options]
    return problem


def _wrong_choice(error: WrongChoice) -> Problem:
    problem = invalid(
        *(
            field_error("chosen" if fault.place is None else f"chosen.{fault.place}", fault.vi, fault.en)
            for fault in error.faults
        )
    )
    problem.extensions["options"] = [
        {"code": option.code, "name": option.name, "required": option.required} for option in error.options
    ]
    return problem


def _missing_papers(error: MissingPapers) -> Problem:
    return Problem(
        422,
        "missing-papers",
        "Hồ sơ còn thiếu giấy tờ",
        "Papers are missing",
        detail="Còn thiếu: " + "; ".join(paper.name for paper in error.missing) + ".",
        errors=[field_error("papers", f"Thiếu: {paper.name}", f"Missing: {paper.code}") for paper in error.missing],
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


FILING_PROBLEMS: ProblemTable = {
    NotImmediate: _not_immediate,
    UnknownProcedure: _procedure_to_file_unknown,
    NotADesk: _not_a_desk,
    CaseRequired: _case_required,
    UnknownCase: _unknown_case,
    WrongChoice: _wrong_choice,
    MissingPapers: _missing_papers,
    AlreadyFiled: _already_filed,
    InvalidField: lambda error: invalid_fields([error]),
}
"""What each of these errors becomes."""
