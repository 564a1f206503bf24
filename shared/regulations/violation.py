"""The violation of a rule, with its article."""

from __future__ import annotations

from shared.regulations.model import Number, Regulation


class RuleViolation(ValueError):
    """A request violates a rule; the caller is shown the message with the article.

    Args:
        code: machine-readable, such as ``supplement_already_requested``.
        vi, en: the message, one sentence without its full stop.
        regulation, number: the source of the rule; None for a rule of this system that is not in the law.
        missing: the field of the request that was left empty, such as ``reason``; empty for any other violation.

    Attributes:
        code, missing: as given.
        regulation: the id of the regulation, such as ``nd118-2025``; empty for a rule of this system.
        article: its article, such as ``19.5``; empty for a rule of this system.
        vi, en: the messages, with the citation at their end.
    """

    def __init__(
        self,
        code: str,
        vi: str,
        en: str,
        regulation: Regulation | None = None,
        number: Number | None = None,
        *,
        missing: str = "",
    ) -> None:
        self.code = code
        self.missing = missing
        self.regulation = regulation.id if regulation and number else ""
        self.article = number.article if regulation and number else ""
        if regulation and number:
            vi = f"{vi} ({regulation.title_vi}, Điều {number.article})"
            en = f"{en} ({regulation.title_en}, article {number.article})"
        self.vi, self.en = f"{vi}.", f"{en}."
        super().__init__(f"{code}: {self.en}")
