"""Who may do a step: officials of its agency whose role is the step's or a higher one, and the agency's own software; but the software
signs only where its grant says so.

Also to which other official of the agency a step may be reassigned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.regulations import RuleViolation

RANKS = {"clerk": 1, "officer": 2, "leader": 3}
"""Officials by rank: clerk (văn thư, tiếp nhận), officer (chuyên viên), leader (lãnh đạo)."""

SYSTEM = "agency"
"""The role of an agency's own software, which has itself checked which of its officials acted."""


class ReassignmentNotAllowed(RuleViolation):
    """A step may not be given to this official, or not by this one."""


@dataclass(frozen=True, slots=True)
class Official:
    """An official: an identifier (the token's subject, never a name), the agency's code and the role."""

    subject: str
    agency: str
    role: str

    @property
    def rank(self) -> int:
        """Higher is more; 0 for a role that is no official's."""
        return RANKS.get(self.role, 0)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something: a person by their token, or an agency's own software by its event.

    Attributes:
        subject: the identifier that is recorded beside what they do.
        agency: the code of the agency they act for; may be empty.
        roles: as the token has them; ``agency`` for software.
    """

    subject: str
    agency: str
    roles: frozenset[str]

    def has(self, role: str) -> bool:
        """Whether the actor has a role."""
        return role in self.roles

    @property
    def official(self) -> Official:
        """The actor with one role: the highest official's one, else ``agency``, else none."""
        ranked = sorted(self.roles & RANKS.keys(), key=lambda role: RANKS[role])
        return Official(self.subject, self.agency, ranked[-1] if ranked else SYSTEM if self.has(SYSTEM) else "")


@dataclass(frozen=True)
class Reassignment:
    """A step that is to be given to another official of its agency.

    Attributes:
        agency: of the step.
        official_role: the lowest role that may do it.
        by: who reassigns it.
        to: who is to do it.
        to_absent: whether `to` is absent today.
        reason: why, in words.
    """

    agency: str
    official_role: str
    by: Official
    to: Official
    to_absent: bool
    reason: str


def may_do(roles: Iterable[str], official_role: str, signs: bool = False) -> bool:
    """Whether somebody with these roles may do a step of `official_role` of their own agency.

    A leader may do an officer's or a clerk's work and an officer a clerk's, but nobody signs in the place of a leader. An agency's
    software does the work of officers and clerks; a leader's step only if the leaders sign in that software.

    Args:
        roles: held.
        official_role: the step's.
        signs: whether the agency's grant says that its leaders sign in its software.
    """
    held = frozenset(roles)
    needed = RANKS[official_role]
    most_of_software = RANKS["leader"] if signs else RANKS["officer"]
    return any(RANKS.get(role, most_of_software if role == SYSTEM else 0) >= needed for role in held)


def check_reassignment(reassignment: Reassignment) -> None:
    """Checks a reassignment: a leader of the step's agency gives it to a present official of the agency with a sufficient role.

    Raises:
        ReassignmentNotAllowed: ``reassignment_not_by_leader``, ``reassignment_to_other_agency``, ``reassignment_to_lower_rank``,
            ``reassignment_to_absent`` or ``reassignment_without_reason``.
    """
    by, to = reassignment.by, reassignment.to
    if by.agency != reassignment.agency or by.role != "leader":
        raise ReassignmentNotAllowed(
            "reassignment_not_by_leader",
            "Chỉ lãnh đạo của cơ quan được phân công lại",
            "Only a leader of the agency may give a step to somebody else",
        )
    if to.agency != reassignment.agency:
        raise ReassignmentNotAllowed(
            "reassignment_to_other_agency",
            "Người nhận không thuộc cơ quan đang xử lý",
            "The receiver is not of the agency that handles the step",
        )
    if not may_do([to.role], reassignment.official_role):
        raise ReassignmentNotAllowed(
            "reassignment_to_lower_rank",
            "Người nhận không đủ thẩm quyền làm bước này",
            "The receiver's role is too low for the step",
        )
    if reassignment.to_absent:
        raise ReassignmentNotAllowed("reassignment_to_absent", "Người nhận đang vắng mặt", "The receiver is absent")
    if not reassignment.reason.strip():
        raise ReassignmentNotAllowed(
            "reassignment_without_reason",
            "Phân công lại phải nêu lý do",
            "Reassigning needs a reason",
            missing="reason",
        )
