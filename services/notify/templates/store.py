"""The table of agencies' own texts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, Connection, Integer, String, Table, Text, bindparam, delete, select, update

from services.notify.channels.domain import Channel
from services.notify.database import metadata
from shared.persistence.sql import Moment, WithList
from shared.persistence.unit_of_work import UnitOfWork

overrides = Table(
    "template_override",
    metadata,
    Column("agency", String(100), primary_key=True),
    Column("channel", String(10), primary_key=True),
    Column("language", String(2), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("folded", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_by", String(200), nullable=False),  # the subject of the token
    Column("changed_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Override:
    """An agency's own text of a template.

    Attributes:
        agency: whose.
        channel: by which it is sent.
        language: ``vi`` or ``en``.
        name: of the template.
        subject: of an e-mail or a letter.
        text: with placeholders.
        folded: of an SMS, whether diacritics are removed.
        version: 1, 2, …
        changed_by: who wrote it.
        changed_at: business time.
    """

    agency: str
    channel: Channel
    language: str
    name: str
    subject: str
    text: str
    folded: bool
    version: int
    changed_by: str
    changed_at: datetime


_KEY = ("agency", "channel", "language", "name")
_IS = tuple(overrides.c[name] == bindparam(f"of_{name}") for name in _KEY)
_FIND = select(overrides).where(*_IS)
_OF_AGENCY = select(overrides).where(overrides.c.agency == bindparam("agency"))
_WITH_OWN = WithList(lambda among: select(overrides.c.agency).where(among(overrides.c.agency, "agencies")).distinct())


def _without_own(_work: UnitOfWork) -> set[str]:
    """The agencies of which a transaction has read that they have no text of their own."""
    return set()


def read_agencies(work: UnitOfWork, agencies: Collection[str]) -> None:
    """Reads at once which agencies have texts of their own, for `own_text` in the same transaction."""
    found = set(work.connection.execute(_WITH_OWN.on(work.connection), {"agencies": sorted(agencies)}).scalars())
    work.attached(_without_own).update(set(agencies) - found)


def own_text(work: UnitOfWork, agency: str, channel: Channel, language: str, name: str) -> Override | None:
    """As :func:`find_override`, without asking about an agency of which the transaction knows that it has none."""
    if not agency or agency in work.attached(_without_own):
        return None
    return find_override(work.connection, agency, channel, language, name)


def find_override(connection: Connection, agency: str, channel: Channel, language: str, name: str) -> Override | None:
    """An agency's own text; None if it uses the common one."""
    row = connection.execute(_FIND, _key(agency, channel, language, name)).first()
    return None if row is None else _override(tuple(row))


def overrides_of(connection: Connection, agency: str) -> list[Override]:
    """All own texts of an agency."""
    return [_override(tuple(row)) for row in connection.execute(_OF_AGENCY, {"agency": agency})]


def write_override(connection: Connection, override: Override) -> None:
    """Writes an agency's own text, in place of an earlier one."""
    values = asdict(override)
    where = [overrides.c[name] == values[name] for name in _KEY]
    if connection.execute(update(overrides).where(*where).values(values)).rowcount == 0:
        connection.execute(overrides.insert().values(values))


def remove_override(connection: Connection, agency: str, channel: Channel, language: str, name: str) -> bool:
    """Removes an agency's own text; false if it had none."""
    statement = delete(overrides).where(*_IS)
    return connection.execute(statement, _key(agency, channel, language, name)).rowcount == 1


def _key(agency: str, channel: Channel, language: str, name: str) -> dict[str, str]:
    return {"of_agency": agency, "of_channel": channel, "of_language": language, "of_name": name}


def _override(row: tuple[object, ...]) -> Override:
    agency, channel, *rest = row
    return Override(str(agency), Channel(str(channel)), *rest)  # type: ignore[arg-type]
