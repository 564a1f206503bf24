"""The table of access tokens. The service replaces the refresh token at each renewal, so both are kept, encrypted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, or_, select, update

from services.notify.database import metadata
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

chat_tokens = Table(
    "chat_token",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("first_token", String(64), nullable=False),  # hash of the refresh token that the operator gave
    Column("access_token", PersonalText("chat_token.access_token", row="provider"), nullable=False),
    Column("refresh_token", PersonalText("chat_token.refresh_token", row="provider"), nullable=False),
    Column("expires_at", Moment, nullable=False),  # real time
    Column("version", Integer, nullable=False),  # counts renewals
    Column("claim", String(36)),  # of the worker that renews it now
    Column("claimed_until", Moment),  # real time
)


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """The tokens of a provider.

    Attributes:
        first_token: hash of the refresh token that the operator gave.
        access_token: empty before the first renewal.
        refresh_token: the newest.
        expires_at: real time.
        version: counts renewals.
    """

    first_token: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    version: int


def find_tokens(connection: Connection, provider: str) -> StoredTokens | None:
    """The tokens of a provider; None before its first use."""
    columns = (
        chat_tokens.c.first_token,
        chat_tokens.c.access_token,
        chat_tokens.c.refresh_token,
        chat_tokens.c.expires_at,
        chat_tokens.c.version,
    )
    row = connection.execute(select(*columns).where(chat_tokens.c.provider == provider)).first()
    return StoredTokens(*row) if row is not None else None


def begin_tokens(work: UnitOfWork, provider: str, first_token: str, refresh_token: str, at: datetime) -> None:
    """Begins anew with the refresh token that the operator gave, unless it was begun with that one already."""
    tokens = {"access_token": "", "refresh_token": refresh_token}
    values = personal_values(
        chat_tokens,
        {"provider": provider, "first_token": first_token, "expires_at": at, "version": 0, **tokens},
    )
    insertion = work.insert(chat_tokens).values(values).on_conflict_do_nothing()
    if work.execute(insertion.returning(chat_tokens.c.provider)).first() is not None:
        return
    changed = personal_values(chat_tokens, tokens, row=provider)
    work.execute(
        update(chat_tokens)
        .where(chat_tokens.c.provider == provider, chat_tokens.c.first_token != first_token)
        .values(
            first_token=first_token,
            expires_at=at,
            version=chat_tokens.c.version + 1,
            claim=None,
            claimed_until=None,
            **changed,
        )
    )


def claim_renewal(work: UnitOfWork, provider: str, version: int, claim: str, at: datetime, until: datetime) -> bool:
    """Claims the renewal of the tokens of one version; false if they were renewed, or another worker renews them now."""
    free = or_(chat_tokens.c.claim.is_(None), chat_tokens.c.claimed_until < at)
    statement = (
        update(chat_tokens)
        .where(chat_tokens.c.provider == provider, chat_tokens.c.version == version, free)
        .values(claim=claim, claimed_until=until)
    )
    return work.execute(statement).rowcount == 1


def replace_tokens(
    work: UnitOfWork, provider: str, version: int, access_token: str, refresh_token: str, expires_at: datetime
) -> bool:
    """Writes renewed tokens over those of a version; false if others were written meanwhile."""
    tokens = personal_values(chat_tokens, {"access_token": access_token, "refresh_token": refresh_token}, row=provider)
    statement = (
        update(chat_tokens)
        .where(chat_tokens.c.provider == provider, chat_tokens.c.version == version)
        .values(expires_at=expires_at, version=version + 1, claim=None, claimed_until=None, **tokens)
    )
    return work.execute(statement).rowcount == 1


def give_up_claim(work: UnitOfWork, provider: str, claim: str) -> None:
    """Lets another worker renew the tokens."""
    work.execute(
        update(chat_tokens)
        .where(chat_tokens.c.provider == provider, chat_tokens.c.claim == claim)
        .values(claim=None, claimed_until=None)
    )
