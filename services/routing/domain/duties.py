"""Who may do a step: officials of its agency whose role is the step's or a higher one, and the agency's own system."""

from __future__ import annotations

from collections.abc import Iterable

RANKS = {"clerk": 1, "officer": 2, "leader": 3}
"""Officials by rank: clerk (văn thư, tiếp nhận), officer (chuyên viên), leader (lãnh đạo)."""

SYSTEM = "agency"
"""The role of an agency's own system, which has checked by itself which of its officials acted."""


def may_do(roles: Iterable[str], official_role: str) -> bool:
    """Whether somebody with these roles may do a step of `official_role`, the agency being the right one.

    A leader may do an officer's or a clerk's work and an officer a clerk's, but nobody signs in the place of a leader.
    """
    held = frozenset(roles)
    needed = RANKS[official_role]
    return SYSTEM in held or any(RANKS.get(role, 0) >= needed for role in held)
