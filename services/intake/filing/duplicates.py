"""The same dossier filed twice within a minute, by a double click or an impatient repetition: the second is asked about.

Each filing without an Idempotency-Key writes a fingerprint of who files what where, in the statement that writes the dossier; the table's
primary key decides between parallel ones, so nothing is looked up beforehand. It is a keyed hash: it shows no personal data.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Column, String, Table, delete, select

from services.intake.database import metadata
from services.intake.filing.domain.applicant import Applicant
from services.intake.filing.domain.assessment import HandedPaper
from shared.persistence.sql import Moment
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.keyed_hash import keyed_hash

WINDOW = timedelta(minutes=1)

recent_filings = Table(
    "recent_filing",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("dossier", String(60), nullable=False),
    Column("filed_at", Moment, nullable=False, index=True),  # real time
)
_ADD = recent_filings.insert()


class AlreadyFiled(Exception):
    """The same person filed the same papers for the same procedure at the same desk less than a minute ago.

    Args:
        code: of the dossier that exists.
    """

    def __init__(self, code: str) -> None:
        super().__init__("the same was filed a moment ago")
        self.code = code


def fingerprint(key: str, desk: str, applicant: Applicant, what: Iterable[str], papers: Iterable[HandedPaper]) -> str:
    """What two filings have in common if they are the same.

    Args:
        key: of the platform, in no database.
        desk: the receiving desk's code.
        applicant: who files.
        what: procedure, case and choices.
        papers: as handed in; their order does not matter.
    """
    parts = [desk, applicant.id_kind, applicant.id_number, applicant.name, *what]
    parts += ["\t".join(map(str, paper)) for paper in sorted(papers)]
    return keyed_hash(key, "recent filing", "\n".join(parts))


def remember(work: UnitOfWork, found: str, code: str) -> None:
    """Writes a fingerprint with the dossier; the commit fails with an IntegrityError if it is there already."""
    work.defer(_ADD, {"fingerprint": found, "dossier": code, "filed_at": work.clock.wall()})


def settle(store: Store, found: str) -> None:
    """After a filing met its own fingerprint: forgets it if it is older than the window, so that the filing may be tried again.

    Raises:
        AlreadyFiled: it is not.
    """
    table, now = recent_filings, store.clock.wall()
    with store.read() as connection:
        row = connection.execute(
            select(table.c.dossier, table.c.filed_at).where(table.c.fingerprint == found)
        ).one_or_none()
    if row is None:
        return
    if row.filed_at > now - WINDOW:
        raise AlreadyFiled(row.dossier)
    old = delete(table).where(table.c.fingerprint == found, table.c.filed_at == row.filed_at)
    store.run(lambda work: work.execute(old))


def forget_older(store: Store, moment: datetime) -> int:
    """Deletes the fingerprints of filings before a moment (real time); returns how many."""
    old = delete(recent_filings).where(recent_filings.c.filed_at < moment)
    return store.run(lambda work: work.execute(old).rowcount)
