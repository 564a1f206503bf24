"""Refusing to resolve a dossier: in writing, and with the reason (NĐ 118/2025, article 19.3).

A refusal after the deadline is allowed and ends the dossier late; otherwise the citizen would wait for ever.
"""

from __future__ import annotations

from services.routing.domain.rules import required
from shared.regulations import Regulation, RuleViolation


class RefusalNotAllowed(RuleViolation):
    """A dossier may not be refused in this way."""


def check_refusal(regulation: Regulation, reason: str, document: str) -> None:
    """Checks that a refusal has the form that the law requires.

    Args:
        regulation: under which the dossier was received.
        reason: why, in words.
        document: number or identifier of the written refusal.

    Raises:
        RefusalNotAllowed: ``refusal_not_in_writing`` or ``refusal_without_reason``.
    """
    number = required(regulation, "refusal_in_writing")
    if number is not None and not document.strip():
        raise RefusalNotAllowed(
            "refusal_not_in_writing",
            "Từ chối giải quyết phải bằng văn bản",
            "A refusal is made in writing",
            regulation,
            number,
            missing="document",
        )
    if not reason.strip():
        raise RefusalNotAllowed(
            "refusal_without_reason",
            "Văn bản từ chối phải nêu lý do",
            "A refusal gives its reason",
            regulation,
            number,
            missing="reason",
        )
