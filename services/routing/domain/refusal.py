"""Refusing to resolve a dossier: in writing, with the reason, and within the deadline (NĐ 118/2025, article 19.3)."""

from __future__ import annotations

from datetime import datetime

from services.routing.domain.rules import RuleBroken, demands
from shared.regulations import Regulation


class RefusalNotAllowed(RuleBroken):
    """A dossier may not be refused in this way."""


def check_refusal(regulation: Regulation, reason: str, document: str) -> None:
    """Checks that a refusal is made as the law wants it.

    Args:
        regulation: under which the dossier was received.
        reason: why, in words.
        document: number or identifier of the written refusal.

    Raises:
        RefusalNotAllowed: ``refusal_not_in_writing`` or ``refusal_without_reason``.
    """
    number = demands(regulation, "refusal_in_writing")
    if number is not None and not document.strip():
        raise RefusalNotAllowed(
            "refusal_not_in_writing",
            "Từ chối giải quyết phải bằng văn bản",
            "A refusal is made in writing",
            regulation,
            number,
        )
    if not reason.strip():
        raise RefusalNotAllowed(
            "refusal_without_reason",
            "Văn bản từ chối phải nêu lý do",
            "A refusal gives its reason",
            regulation,
            number,
        )


def refused_on_time(due_at: datetime, refused_at: datetime) -> bool:
    """Whether a refusal came within the deadline of the dossier (19.3).

    One that comes later ends the dossier too, late: without it the citizen would wait for ever.
    """
    return refused_at <= due_at
