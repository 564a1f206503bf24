"""The desks of a profile, and the agency above them."""

from __future__ import annotations

from shared.agencies.roles import ONE_STOP_DESK
from shared.client.profiles.model import Group, Profile
from shared.runtime.reference_data import Reference


def desks_of(group: Group, profile: Profile, reference: Reference) -> list[str]:
    """The codes of the desks of a group, in order."""
    found = reference.agencies.all(profile.first_day)
    return [one.code for one in found if ONE_STOP_DESK in one.roles and one.level == group.level]


def top_agency(profile: Profile, reference: Reference) -> str:
    """The agency whose report is on all of a profile: the lowest one that has all its desks below it; of a single desk that desk."""
    chains = [
        _upwards(desk, profile, reference) for group in profile.groups for desk in desks_of(group, profile, reference)
    ]
    return next(code for code in chains[0] if all(code in chain for chain in chains))


def _upwards(code: str, profile: Profile, reference: Reference) -> list[str]:
    """An agency and those above it."""
    found: list[str] = []
    above: str | None = code
    while above:
        found.append(above)
        above = reference.agencies.get(above, profile.first_day).parent
    return found
