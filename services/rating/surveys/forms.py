"""Reads the forms of organisers: a plan and a question, with what is wrong beside each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date

from services.rating.surveys.domain import Fault, Group, Invalid, Plan, Population
from services.rating.surveys.questions import Factor, Kind, Option, Question, question_faults
from shared.text import has_unprintable
from shared.web.pages import MAX_SHOWN_AGAIN

MAX_TYPED = MAX_SHOWN_AGAIN
"""Characters of one field: no more than a form that failed shows again, so that nothing typed is lost."""
MAX_DIGITS = 6

PLAN_LABELS: Mapping[str, tuple[str, str]] = {
    "name_vi": ("Tên khảo sát (tiếng Việt)", "Name in Vietnamese"),
    "name_en": ("Tên khảo sát (tiếng Anh)", "Name in English"),
    "population": ("Hỏi ai", "Who is asked"),
    "opens_on": ("Ngày bắt đầu nhận trả lời", "First day of answers"),
    "closes_on": ("Ngày cuối nhận trả lời", "Last day of answers"),
    "procedures": ("Thủ tục", "Procedures"),
    "agencies": ("Cơ quan tiếp nhận", "Receiving agencies"),
    "returned_from": ("Hồ sơ trả kết quả từ ngày", "Dossiers returned from"),
    "returned_until": ("đến ngày", "until"),
    "sample": ("Số người được mời", "How many are invited"),
    "stratum_least": ("Ít nhất của mỗi thủ tục tại mỗi cơ quan", "At least of each procedure at each agency"),
    "reminder_days": ("Nhắc một lần sau số ngày", "Remind once after so many days"),
    "shown_least": ("Số phiếu ít nhất để nêu kết quả", "Least answers for a result to be shown"),
    "groups": ("Các nhóm người trả lời", "Groups of people"),
}
QUESTION_LABELS: Mapping[str, tuple[str, str]] = {
    "code": ("Mã câu hỏi", "Code"),
    "kind": ("Cách trả lời", "How it is answered"),
    "factor": ("Yếu tố", "Factor"),
    "vi": ("Câu hỏi (tiếng Việt)", "Question in Vietnamese"),
    "en": ("Câu hỏi (tiếng Anh)", "Question in English"),
    "options": ("Các phương án", "Options"),
}


def read_plan(typed: Mapping[str, str]) -> Plan:
    """The plan of a filled form; what it means is checked by :func:`services.rating.surveys.domain.plan_faults`.

    Raises:
        Invalid: a day or a number is not one, or a text has unprintable characters.
    """
    faults: list[Fault] = []
    days = {name: _day(typed, name, faults, required=name.endswith("_on")) for name in _DAYS}
    numbers = {
        name: _number(typed, name, faults) for name in ("sample", "stratum_least", "reminder_days", "shown_least")
    }
    names = {name: _line(typed, name, faults) for name in ("name_vi", "name_en")}
    population = Population.OPEN if typed.get("population") == Population.OPEN else Population.DOSSIERS
    dossiers = population is Population.DOSSIERS
    procedures = _pairs(typed, "procedures", faults) if dossiers else ()
    agencies = tuple(code for code, _ in _pairs(typed, "agencies", faults)) if dossiers else ()
    groups = () if dossiers else tuple(Group(vi, en or vi) for vi, en in _pairs(typed, "groups", faults))
    opens_on, closes_on = days["opens_on"], days["closes_on"]
    if faults or opens_on is None or closes_on is None:
        raise Invalid(*faults)
    return Plan(
        population=population,
        opens_on=opens_on,
        closes_on=closes_on,
        procedures=procedures,
        agencies=tuple(dict.fromkeys(agencies)),
        returned_from=days["returned_from"] if dossiers else None,
        returned_until=days["returned_until"] if dossiers else None,
        groups=groups,
        name_vi=names["name_vi"],
        name_en=names["name_en"],
        sample=numbers["sample"],
        stratum_least=numbers["stratum_least"],
        reminder_days=numbers["reminder_days"],
        shown_least=numbers["shown_least"],
    )


_DAYS = ("opens_on", "closes_on", "returned_from", "returned_until")


def shown_plan(plan: Plan) -> dict[str, str]:
    """A plan as its form shows it."""
    shown = {name: _shown(value) for name, value in asdict(plan).items()}
    shown["procedures"] = "\n".join(f"{code} | {name}" if name else code for code, name in plan.procedures)
    shown["agencies"] = "\n".join(plan.agencies)
    shown["groups"] = "\n".join(f"{group.vi} | {group.en}" for group in plan.groups)
    return shown


def _shown(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def read_question(typed: Mapping[str, str], others: Sequence[Question]) -> Question:
    """The question of a filled form.

    Args:
        typed: field → text.
        others: the other questions of the campaign.

    Raises:
        Invalid: with every fault.
    """
    faults: list[Fault] = []
    kind = next((one for one in Kind if one == typed.get("kind")), Kind.SCALE)
    factor = next((one for one in Factor if one == typed.get("factor")), None) if kind is Kind.SCALE else None
    pairs = _pairs(typed, "options", faults) if kind is Kind.CHOICE else ()
    options = tuple(Option(f"o{number}", vi, en or vi) for number, (vi, en) in enumerate(pairs, start=1))
    question = Question(
        code=_line(typed, "code", faults).lower(),
        kind=kind,
        vi=_line(typed, "vi", faults),
        en=_line(typed, "en", faults),
        factor=factor,
        required=kind is not Kind.TEXT and typed.get("required") == "yes",
        options=options,
    )
    faults += question_faults(question)
    if question.code in {other.code for other in others}:
        faults.append(Fault("code", "Mã này đã có.", "There is a question of this code."))
    if faults:
        raise Invalid(*faults)
    return question


def shown_question(question: Question) -> dict[str, str]:
    """A question as its form shows it."""
    return {
        "code": question.code,
        "kind": str(question.kind),
        "factor": str(question.factor or ""),
        "vi": question.vi,
        "en": question.en,
        "required": "yes" if question.required else "no",
        "options": "\n".join(f"{option.vi} | {option.en}" for option in question.options),
    }


def _line(typed: Mapping[str, str], name: str, faults: list[Fault]) -> str:
    text = " ".join(typed.get(name, "").split())
    if has_unprintable(text):
        faults.append(Fault(name, "Có ký tự không hợp lệ.", "It has characters that are not allowed."))
    return text


def _pairs(typed: Mapping[str, str], name: str, faults: list[Fault]) -> tuple[tuple[str, str], ...]:
    """Lines such as ``left | right``; the right side may be missing."""
    text = typed.get(name, "")
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(text) > MAX_TYPED or any(map(has_unprintable, lines)):
        faults.append(
            Fault(name, f"Nhiều nhất {MAX_TYPED} ký tự, không có ký tự lạ.", f"At most {MAX_TYPED} characters.")
        )
        return ()
    sides = (line.partition("|") for line in lines)
    return tuple((left.strip(), right.strip()) for left, _, right in sides)


def _day(typed: Mapping[str, str], name: str, faults: list[Fault], *, required: bool) -> date | None:
    text = typed.get(name, "").strip()
    if not text and not required:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2999:
        faults.append(Fault(name, "Chọn ngày.", "Choose a day."))
        return None
    return found


def _number(typed: Mapping[str, str], name: str, faults: list[Fault]) -> int:
    text = typed.get(name, "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS):
        faults.append(Fault(name, "Nhập một số.", "Enter a number."))
        return 0
    return int(text)
