"""Who may do and see what in rating. The pages and the commands ask only this module.

The holder of an invitation's one-time token may rate its dossier, once. No sign-in is needed. Nobody may see who rated, or how
(NĐ 118/2025, Điều 29.3), so nothing here reads a rating. The applicant gets their own by intake, when they ask for all their data.
Leaders keep the register of their agency's officials.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from services.rating.invitations.domain import Invitation, require_open, token_hash
from services.rating.invitations.store import find_invitation
from shared.agencies import Agencies
from shared.auth import Principal


def require_token_holder(connection: Connection, token: str, hash_key: str, now: datetime) -> Invitation:
    """Checks that a token gives the right to rate now; the token stays usable.

    Args:
        connection: reads.
        token: as typed.
        hash_key: of the stored hashes.
        now: business time.

    Raises:
        services.rating.invitations.domain.UnknownToken: no invitation has this token.
        services.rating.invitations.domain.AlreadyUsed: the invitation was used.
        services.rating.invitations.domain.Expired: the invitation has expired.
    """
    return require_open(find_invitation(connection, token_hash(token, hash_key)), now)


REGISTER_KEEPERS = ("leader",)
"""Roles that may keep the register of officials."""


class NoOwnAgency(Exception):
    """The actor leads no agency that exists today."""


def kept_agency(actor: Principal, agencies: Agencies, today: date) -> str:
    """The agency whose officials an actor may enter: their own, if they lead it and it exists today.

    Raises:
        NoOwnAgency: otherwise.
    """
    if not actor.has(*REGISTER_KEEPERS) or not actor.agency or not agencies.exists(actor.agency, today):
        raise NoOwnAgency
    return actor.agency
