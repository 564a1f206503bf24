"""Whose leaders an escalation tells: one rule for the reminders, the queue of escalated steps, and who may read them.

The rule follows the tree of agencies. The first escalation tells the leaders of the agency that does the step, and of the agencies above
it. The second tells also the leaders of the centre that received the dossier, of the agencies above it, and of the centres that these
agencies keep themselves, such as the province's. This is practice, not law.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from shared.agencies import Agencies

UNIT, CENTRE = 1, 2
"""How far a step or a dossier is escalated: to the unit's leader, then also to the centre's; 0 is nobody."""

DESK_ROLE = "one_stop_desk"


def unit_leaders(agencies: Agencies, agency: str, day: date) -> frozenset[str]:
    """The agencies whose leaders the first escalation tells about a step of an agency."""
    return agencies.acting_for(agency, day) | agencies.ancestors(agency, day)


def centre_leaders(agencies: Agencies, desk: str, day: date) -> frozenset[str]:
    """The agencies whose leaders the second escalation tells besides, about a dossier that a desk received."""
    above = agencies.ancestors(desk, day)
    centres = {one.code for one in agencies.all(day) if one.parent in above and DESK_ROLE in one.roles}
    return agencies.acting_for(desk, day) | above | centres


def leaders_told(agencies: Agencies, agency: str, desk: str, escalation: int, day: date) -> frozenset[str]:
    """The agencies whose leaders have been told about a step.

    Args:
        agencies: all of all times.
        agency: that does the step.
        desk: that received the dossier.
        escalation: how far the step or its dossier was escalated, whichever went further.
        day: today.
    """
    told: frozenset[str] = frozenset()
    if escalation >= UNIT:
        told |= unit_leaders(agencies, agency, day)
    if escalation >= CENTRE:
        told |= centre_leaders(agencies, desk, day)
    return told


@lru_cache(maxsize=4096)
def told_about(
    agencies: Agencies, leader: str, day: date, rule: Callable[[Agencies, str, date], frozenset[str]]
) -> frozenset[str]:
    """The agencies about which the leaders of an agency are told: the inverse of a rule, by asking it about every agency of all times.

    Args:
        agencies: all of all times.
        leader: the leaders' agency; may be empty.
        day: today.
        rule: :func:`unit_leaders` or :func:`centre_leaders`.
    """
    return frozenset(code for code in {one.code for one in agencies.all()} if leader in rule(agencies, code, day))
