"""The rules of facts: when a dossier counts as early, and the kinds and identities of warnings."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.runtime.clock import VIETNAM

SATISFIED_FROM = 4
"""The lowest score that counts as satisfied: 4 (hài lòng), 5 (rất hài lòng)."""
WARNING_KINDS = ("step_due_soon", "step_overdue", "dossier_due_soon", "step_returned")


def is_early(resolved_at: datetime, due_at: datetime) -> bool:
    """Whether a dossier was resolved before its due day (trước hạn): on an earlier local day, not only some hours before."""
    return resolved_at.astimezone(VIETNAM).date() < due_at.astimezone(VIETNAM).date()


def warning_id(kind: str, about: str, when: datetime) -> str:
    """The id of a warning; a repeated warning has the same id.

    Args:
        kind: one of :data:`WARNING_KINDS`.
        about: id of the step, or code of the dossier.
        when: the due time that the warning is about, or when the step was returned. A new due time makes a new warning.
    """
    return f"{kind}/{about}/{when.astimezone(UTC).isoformat()}"


def day_number(at: datetime) -> int:
    """The number of the local day of a moment; see :mod:`services.stats.totals.spans`."""
    return at.astimezone(VIETNAM).toordinal()
