"""What complainants said of answers, and what everybody may read of complaints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, literal, select, tuple_, update

from services.rating.complaints.public.tables import contents
from services.rating.complaints.store import Publication
from services.rating.complaints.tables import publications
from shared.catalogue.text import words_of
from shared.persistence.personal_data import personal_values
from shared.persistence.unit_of_work import UnitOfWork

_P = publications.c
_COLUMNS = [_P[name] for name in Publication.__slots__]
MOST_WORDS = 10
"""Words of a search that are looked at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search asks for; empty where it does not matter.

    Attributes:
        text: words, with or without diacritics; the last letters of each may be missing.
        agency, field: codes.
    """

    text: str = ""
    agency: str = ""
    field: str = ""


def save_content(work: UnitOfWork, complaint: str, round_: int, content: bool, words: str) -> None:
    """Keeps whether a complainant was content with the answer of a round; the last word counts."""
    id_ = f"{complaint}:{round_}"
    values = {"id": id_, "complaint": complaint, "round": round_, "content": content, "words": words}
    row = personal_values(contents, values | {"said_at": work.now})
    statement = work.insert(contents).values(row)
    new = {name: statement.excluded[name] for name in ("content", "words", "said_at")}
    work.execute(statement.on_conflict_do_update(index_elements=[contents.c.id], set_=new))


def content_of(connection: Connection, complaint: str, round_: int) -> bool | None:
    """Whether a complainant was content with the answer of a round; None if they have not said."""
    found = select(contents.c.content).where(contents.c.id == f"{complaint}:{round_}")
    value: bool | None = connection.execute(found).scalar_one_or_none()
    return value


def erase_words(connection: Connection, complaint: str) -> None:
    """Erases what a complainant wrote about answers; whether they were content stays."""
    for id_ in connection.execute(select(contents.c.id).where(contents.c.complaint == complaint)).scalars().all():
        empty = personal_values(contents, {"words": ""}, id_)
        connection.execute(update(contents).where(contents.c.id == id_).values(empty))


def published(
    connection: Connection, wanted: Wanted, after: tuple[datetime, str] | None, limit: int
) -> list[Publication]:
    """A page of what is published, the newest first.

    Args:
        connection: reads.
        wanted: what is searched for.
        after: moment and complaint of the last one of the page before.
        limit: the most.
    """
    found = select(*_COLUMNS).where(_P.shown.is_(True))
    if wanted.agency:
        found = found.where(_P.agency == wanted.agency)
    if wanted.field:
        found = found.where(_P.field == wanted.field)
    for _, word in words_of(wanted.text)[:MOST_WORDS]:
        found = found.where(literal(" ").concat(_P.search).contains(f" {word}", autoescape=True))
    if after is not None:
        found = found.where(tuple_(_P.published_at, _P.complaint) < after)
    rows = connection.execute(found.order_by(_P.published_at.desc(), _P.complaint.desc()).limit(limit))
    return [Publication(*row) for row in rows]


def published_one(connection: Connection, code: str) -> Publication | None:
    """What is published of the complaint of a code; None where nothing is."""
    row = connection.execute(select(*_COLUMNS).where(_P.code == code, _P.shown.is_(True))).first()
    return Publication(*row) if row else None


def agencies_published(connection: Connection) -> set[str]:
    """Codes of the agencies that have published an answer."""
    return set(connection.execute(select(_P.agency).where(_P.shown.is_(True)).distinct()).scalars())


def fields_published(connection: Connection) -> set[str]:
    """Codes of the fields about which an answer is published."""
    found = select(_P.field).where(_P.shown.is_(True), _P.field.is_not(None)).distinct()
    return {str(one) for one in connection.execute(found).scalars()}
