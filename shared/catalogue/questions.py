"""Questions whose answers decide which case of a procedure applies to a person, and which papers they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.catalogue.text import normalise


@dataclass(frozen=True)
class Answer:
    """A possible answer to a question.

    Args:
        code: unique within the question.
        text, text_en: what the person chooses.
        cases: the cases that remain possible; empty if all do.
        papers: codes of optional papers that are needed with this answer.
    """

    code: str
    text: str
    text_en: str
    cases: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Answer:
        """Read one answer of the catalogue's JSON shape."""
        text, text_en = normalise(data["text"]), normalise(data["text_en"])
        return cls(data["code"], text, text_en, tuple(data.get("cases", ())), tuple(data.get("papers", ())))

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads, without empty members."""
        data: dict[str, Any] = {"code": self.code, "text": self.text, "text_en": self.text_en}
        lists = {"cases": list(self.cases), "papers": list(self.papers)}
        return data | {name: codes for name, codes in lists.items() if codes}


@dataclass(frozen=True)
class Question:
    """A question to somebody who wants to file.

    Args:
        code: unique within the procedure.
        text, text_en: the question.
        hint, hint_en: what helps to answer it; may be empty.
        answers: at least two.
        cases: asked only while one of these cases is possible; empty for any.
    """

    code: str
    text: str
    text_en: str
    answers: tuple[Answer, ...]
    hint: str = ""
    hint_en: str = ""
    cases: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Question:
        """Read one question of the catalogue's JSON shape."""
        return cls(
            code=data["code"],
            text=normalise(data["text"]),
            text_en=normalise(data["text_en"]),
            answers=tuple(Answer.from_dict(answer) for answer in data["answers"]),
            hint=normalise(data.get("hint", "")),
            hint_en=normalise(data.get("hint_en", "")),
            cases=tuple(data.get("cases", ())),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads, without empty members."""
        data: dict[str, Any] = {"code": self.code, "text": self.text, "text_en": self.text_en}
        more = {"hint": self.hint, "hint_en": self.hint_en, "cases": list(self.cases)}
        data |= {name: value for name, value in more.items() if value}
        return data | {"answers": [answer.as_dict() for answer in self.answers]}

    @property
    def papers(self) -> frozenset[str]:
        """The optional papers that this question decides about."""
        return frozenset(code for answer in self.answers for code in answer.papers)

    def possible(self, cases: Sequence[str]) -> tuple[Answer, ...]:
        """The answers that leave at least one of these cases possible; none where the question is not asked."""
        if self.cases and not set(self.cases) & set(cases):
            return ()
        return tuple(answer for answer in self.answers if not answer.cases or set(answer.cases) & set(cases))
