"""How the citizen wants to get the result: at the desk, or by public post to the address in the dossier (QĐ 45/2016/QĐ-TTg)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Column, Connection, String, Table, bindparam, select

from services.intake.database import metadata
from services.intake.dossiers.domain import IN_PROGRESS, Dossier, State
from shared.persistence.sql import Moment, insert

delivery_choices = Table(
    "delivery_choice",
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("by_post", Boolean, nullable=False),
    Column("chosen_at", Moment, nullable=False),
)

_BY_POST = select(delivery_choices.c.by_post).where(delivery_choices.c.dossier == bindparam("of_code"))


class DeliveryNotChoosable(ValueError):
    """The result was handed over, or there will be none."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no choice of delivery in state {state.value}")
        self.state = state


class NoAddress(ValueError):
    """The post needs an address, and the dossier has none."""


def may_choose_delivery(state: State) -> bool:
    """Whether a citizen may say how they want to get the result: as long as it may come and was not handed over."""
    return state in IN_PROGRESS or state is State.RESOLVED


def choose_delivery(connection: Connection, dossier: Dossier, by_post: bool, at: datetime) -> None:
    """Records how the citizen wants to get the result; a later choice replaces an earlier one.

    Args:
        connection: inside the transaction that has locked the dossier.
        dossier: as read.
        by_post: by public post to the address in the dossier, else at the desk.
        at: business time.

    Raises:
        DeliveryNotChoosable: it is too late.
        NoAddress: the dossier has no address.
    """
    if not may_choose_delivery(dossier.state):
        raise DeliveryNotChoosable(dossier.state)
    if by_post and not dossier.applicant_address:
        raise NoAddress(dossier.code)
    chosen = {"by_post": by_post, "chosen_at": at}
    row = insert(delivery_choices, connection).values(dossier=dossier.code, **chosen)
    connection.execute(row.on_conflict_do_update(index_elements=["dossier"], set_=chosen))


def chose_post(connection: Connection, code: str) -> bool:
    """Whether the citizen wants a dossier's result by public post."""
    return bool(connection.execute(_BY_POST, {"of_code": code}).scalar_one_or_none())
