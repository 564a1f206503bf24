"""What changes invitations: a citizen is invited, and a token is used up."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.rating.access import require_token_holder
from services.rating.invitations.domain import RatedDossier, new_token, token_hash
from services.rating.invitations.store import (
    add_invitation,
    rated_dossier,
    replace_token,
    use_invitation,
    use_invitation_of,
)
from services.rating.ratings.form import rating_form
from shared.messaging.errors import Conflict, NotYet
from shared.persistence.unit_of_work import UnitOfWork


def invite(work: UnitOfWork, rated: RatedDossier, returned_at: datetime) -> None:
    """Creates the invitation and announces its token, once for each dossier. Rating itself does not store the token.

    Args:
        work: the transaction.
        rated: the returned dossier.
        returned_at: business time; the invitation expires a fixed number of days later (see the form).

    Raises:
        shared.messaging.errors.Conflict: the invitation that is known is for another dossier of this code.
    """
    token = new_token()
    expires_at = returned_at + timedelta(days=rating_form().invitation_days)
    if add_invitation(work.connection, rated, token_hash(token, work.hash_key), work.now, expires_at):
        work.emit("rating.invited", {"dossier": rated.dossier, "token": token, "expires_at": expires_at})
    elif rated_dossier(work.connection, rated.dossier) != rated:
        raise Conflict(f"an invitation to rate another dossier {rated.dossier} is known")


def invite_again(work: UnitOfWork, dossier: str) -> None:
    """Replaces the token of an open invitation: the old one opens nothing any more. Does nothing where no invitation is open."""
    token = new_token()
    expires_at = replace_token(work.connection, dossier, token_hash(token, work.hash_key), work.now)
    if expires_at is not None:
        work.emit("rating.invited", {"dossier": dossier, "token": token, "expires_at": expires_at})


def use_token(work: UnitOfWork, token: str) -> RatedDossier:
    """Uses up a token: gives its holder the right to rate in this transaction, and in no other.

    Args:
        work: the transaction.
        token: as typed.

    Raises:
        services.rating.invitations.domain.UnknownToken: no invitation has this token.
        services.rating.invitations.domain.AlreadyUsed: the invitation was used, perhaps by a concurrent request.
        services.rating.invitations.domain.Expired: the invitation has expired.
    """
    rated = use_invitation(work.connection, token_hash(token, work.hash_key), work.now)
    if rated is None:
        invitation = require_token_holder(work.connection, token, work.hash_key, work.now)
        raise AssertionError(f"the open invitation of {invitation.dossier} could not be used")
    return rated


def use_invitation_by_sms(work: UnitOfWork, dossier: str, submitted_at: datetime) -> RatedDossier | None:
    """Uses up the invitation of a dossier for somebody who has shown the dossier's secret to notify instead of the token.

    Args:
        work: the transaction.
        dossier: its code.
        submitted_at: business time at which the SMS was taken.

    Returns:
        the dossier to rate; None if its invitation was used or has expired.

    Raises:
        shared.messaging.errors.NotYet: the dossier's return has not arrived, so there is no invitation.
    """
    rated = use_invitation_of(work.connection, dossier, submitted_at)
    if rated is None and rated_dossier(work.connection, dossier) is None:
        raise NotYet(f"no invitation to rate {dossier} is known")
    return rated
