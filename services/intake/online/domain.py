"""A draft: what a citizen has answered so far, which steps there are, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from services.intake.filing.domain.applicant import InvalidField, make_applicant, postal_address
from services.intake.filing.domain.linked_choice import WrongChoice, choose
from shared.catalogue import Case, Paper, Procedure, UnknownCase


class Step(StrEnum):
    """A step of filing online, one page each, in their order."""

    CASE = "case"
    LINKED = "linked"
    DESK = "desk"
    APPLICANT = "applicant"
    OTHERS = "others"
    PAPERS = "papers"
    RESULT = "result"
    FEE = "fee"
    CHECK = "check"

    @property
    def vi(self) -> str:
        """What the step is about."""
        return _TITLES[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _TITLES[self][1]


_TITLES = {
    Step.CASE: ("Trường hợp của ông/bà", "Your case"),
    Step.LINKED: ("Thủ tục liên thông", "Linked procedures"),
    Step.DESK: ("Nơi nộp hồ sơ", "Where to file"),
    Step.APPLICANT: ("Thông tin liên hệ", "Contact data"),
    Step.OTHERS: ("Người cùng đứng tên", "People who apply with you"),
    Step.PAPERS: ("Giấy tờ", "Papers"),
    Step.RESULT: ("Cách nhận kết quả", "How to receive the result"),
    Step.FEE: ("Phí, lệ phí và thời hạn", "Fees and time limit"),
    Step.CHECK: ("Kiểm tra và nộp", "Check and submit"),
}
DELIVERIES = {
    "electronic": ("Bản điện tử, qua tài khoản của tôi", "Electronically, by my account"),
    "desk": ("Tại Bộ phận Một cửa nơi nộp hồ sơ", "At the one-stop desk where I file"),
    "post": ("Qua bưu chính công ích, đến địa chỉ của tôi", "By public post, at my address"),
}


class UnknownDraft(LookupError):
    """The citizen has no such draft."""


class TooManyDrafts(ValueError):
    """The citizen has as many drafts as one may have."""


class Incomplete(ValueError):
    """A draft cannot be submitted: `step` is the first one that is not complete."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.step = step


@dataclass(frozen=True, slots=True)
class Answers:
    """What a citizen has answered. Personal data.

    Attributes:
        case: the case's code; empty while there are several and none is chosen.
        chosen: codes of the linked procedures.
        desk: the receiving one-stop desk's code.
        remote: whether the place is hard to reach; asked only where it changes the time limit.
        phone, email, address: of the applicant, checked.
        language: of messages; empty until it is answered.
        channels: by which they come, with commas between them; empty for the usual order.
        delivery: one of :data:`DELIVERIES`.
        delivery_address: for the public post.
        done: the steps that were answered.
    """

    case: str = ""
    chosen: tuple[str, ...] = ()
    desk: str = ""
    remote: bool = False
    phone: str = ""
    email: str = ""
    address: str = ""
    language: str = ""
    channels: str = ""
    delivery: str = ""
    delivery_address: str = ""
    done: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answers:
        """The answers from what :meth:`as_dict` returns."""
        known = {one.name for one in fields(cls)}
        values: dict[str, Any] = {name: value for name, value in data.items() if name in known}
        return cls(**values | {name: tuple(data[name]) for name in ("chosen", "done")})

    def as_dict(self) -> dict[str, Any]:
        """The answers as they are kept."""
        return asdict(self)

    def answered(self, step: Step, **changes: Any) -> Answers:
        """The answers with those of one step."""
        done = self.done if step in self.done else (*self.done, str(step))
        return replace(self, done=done, **changes)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of one citizen.

    Attributes:
        id: random; it is also the id of the submission.
        owner: the citizen's subject.
        procedure: its code.
        answers: so far.
        changed_at: when it was last saved.
        submitted_at: when it became an application; None before.
    """

    id: str
    owner: str
    procedure: str
    answers: Answers
    changed_at: datetime
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A draft with its procedure and the papers handed in.

    Attributes:
        draft: as kept.
        procedure: the version in force.
        present: codes of the papers of which there is a file.
        together: whether several people may apply together.
    """

    draft: Draft
    procedure: Procedure
    present: frozenset[str] = field(default_factory=frozenset)
    together: bool = False

    def case(self) -> Case | None:
        """The case; None while it is to be chosen."""
        try:
            return self.procedure.case(self.draft.answers.case or None)
        except LookupError:
            return None

    def papers(self) -> tuple[Paper, ...]:
        """The papers of the case; none while it is to be chosen."""
        case = self.case()
        return self.procedure.accepted_papers(case.code) if case else ()

    def missing_papers(self) -> list[Paper]:
        """The required papers without a file."""
        return [paper for paper in self.papers() if paper.required and paper.code not in self.present]

    def steps(self) -> list[Step]:
        """The steps of this draft: what need not be asked is left out."""
        left_out = set()
        if len(self.procedure.cases) == 1:
            left_out.add(Step.CASE)
        if self.procedure.linked is None:
            left_out.add(Step.LINKED)
        if not self.together:
            left_out.add(Step.OTHERS)
        return [step for step in Step if step not in left_out]

    def complete(self, step: Step) -> bool:
        """Whether a step is answered, and still right with the procedure in force."""
        if step is Step.CASE:
            return self.case() is not None
        if str(step) not in self.draft.answers.done:
            return False
        if step is Step.PAPERS:
            return not self.missing_papers()
        if step is Step.LINKED:
            try:
                choose(self.procedure, self.draft.answers.chosen)
            except WrongChoice:
                return False
        return True

    def first_open(self) -> Step:
        """The first step that is not complete; the last one, if all are."""
        return next((step for step in self.steps() if not self.complete(step)), Step.CHECK)

    def may_open(self, step: Step) -> bool:
        """Whether a step may be shown: all before it are complete."""
        steps = self.steps()
        return step in steps and steps.index(step) <= steps.index(self.first_open())

    def after(self, step: Step) -> Step:
        """The step that follows."""
        steps = self.steps()
        return steps[min(steps.index(step) + 1, len(steps) - 1)]

    def before(self, step: Step) -> Step | None:
        """The step before; None for the first."""
        place = self.steps().index(step)
        return self.steps()[place - 1] if place else None


def with_case(answers: Answers, procedure: Procedure, case: str) -> Answers:
    """The answers with a case chosen; the papers must then be looked at again.

    Raises:
        InvalidField: none, or one that the procedure does not have.
    """
    try:
        if not case:
            raise UnknownCase(procedure.code, case, procedure.cases)
        found = procedure.case(case).code
    except UnknownCase as error:
        raise InvalidField("case", "Vui lòng chọn một trường hợp.", "Choose one of the cases.") from error
    changed = found != answers.case
    done = tuple(step for step in answers.done if step != Step.PAPERS) if changed else answers.done
    return replace(answers, done=done).answered(Step.CASE, case=found)


def with_linked(answers: Answers, procedure: Procedure, chosen: list[str]) -> Answers:
    """The answers with linked procedures chosen.

    Raises:
        InvalidField: they cannot be chosen together.
    """
    try:
        return answers.answered(Step.LINKED, chosen=choose(procedure, chosen))
    except WrongChoice as error:
        fault = error.faults[0]
        raise InvalidField("chosen", fault.vi, fault.en) from error


def with_contact(answers: Answers, name: str, id_number: str, id_kind: str, given: Mapping[str, str]) -> Answers:
    """The answers with the contact data; name and identity number are those of the sign-in.

    Raises:
        InvalidFields: with all faults.
    """
    phone, email, address = (given.get(key, "") for key in ("phone", "email", "address"))
    language, channels = given.get("language", ""), given.get("channels", "")
    applicant, faults = make_applicant(
        name, id_number, phone, email, address, id_kind, language=language, channels=channels
    )
    if applicant is None:
        raise InvalidFields(faults)
    return answers.answered(
        Step.APPLICANT,
        phone=applicant.phone,
        email=applicant.email,
        address=applicant.address,
        language=applicant.language,
        channels=",".join(applicant.channels),
    )


def with_delivery(answers: Answers, delivery: str, address: str) -> Answers:
    """The answers with the way to receive the result.

    Raises:
        InvalidField: none is chosen, or the address for the post is missing or not valid.
    """
    if delivery not in DELIVERIES:
        raise InvalidField("delivery", "Vui lòng chọn cách nhận kết quả.", "Choose how to receive the result.")
    try:
        place = postal_address(address) if delivery == "post" else ""
    except InvalidField as fault:
        raise InvalidField("delivery_address", fault.vi, fault.en) from fault
    if delivery == "post" and not place:
        raise InvalidField("delivery_address", "Chưa có địa chỉ nhận kết quả.", "The address is missing.")
    return answers.answered(Step.RESULT, delivery=delivery, delivery_address=place)


class InvalidFields(ValueError):
    """Several fields of a form are not valid."""

    def __init__(self, faults: list[InvalidField]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults
