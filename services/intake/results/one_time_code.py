"""One-time codes by SMS: who reads the code to the clerk has the telephone that is in the dossier.

A code has six digits and is valid for ten minutes and five tries. A wrong try voids nothing but this code, and the next one may be sent at
once, so nobody is locked out; who guesses has five chances in a million, and each new code tells the owner of the telephone.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Integer, String, Table, bindparam, delete, select, update

from services.intake.database import metadata
from services.intake.dossiers.domain import Dossier, State, may_follow
from services.intake.results.domain import NotReturnable
from shared.persistence.sql import Moment, insert
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.phones import is_mobile
from shared.runtime.keyed_hash import keyed_hash
from shared.text import clean_code

DIGITS = 6
VALID = timedelta(minutes=10)
"""Real time."""
MAX_TRIES = 5
PAUSE = timedelta(minutes=1)
"""Real time between two codes, unless the first was voided by wrong tries."""

codes = Table(
    "one_time_code",  # the last one of each dossier, until the result is handed over
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("code_hash", String(100), nullable=False),
    Column("issued_at", Moment, nullable=False),  # real time
    Column("issued_by", String(200), nullable=False),
    Column("tries", Integer, nullable=False),  # wrong ones
)

_OF_DOSSIER = select(codes).where(codes.c.dossier == bindparam("of_code"))
_COUNT = update(codes).where(codes.c.dossier == bindparam("of_code")).values(tries=codes.c.tries + 1)
_DELETE = delete(codes).where(codes.c.dossier == bindparam("of_code"))


class NoMobile(ValueError):
    """The telephone number in the dossier gets no SMS."""


class CodeJustSent(ValueError):
    """A code was sent a moment ago.

    Args:
        seconds: until another may be sent.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"a code was just sent; another in {seconds} s")
        self.seconds = seconds


class WrongOneTimeCode(ValueError):
    """The code is wrong, too old, or void after wrong tries. The caller counts it (:func:`counting_wrong_codes`)."""


def issue_code(work: UnitOfWork, dossier: Dossier, clerk: str) -> None:
    """Makes a new code and has it sent to the applicant's telephone; an earlier one is void.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        clerk: the subject of the clerk's token.

    Raises:
        NotReturnable: there is no result to hand over.
        NoMobile: the number gets no SMS.
        CodeJustSent: one was sent less than :data:`PAUSE` ago and is not void.
    """
    if not may_follow(dossier.state, State.RETURNED):
        raise NotReturnable(dossier.state)
    if not is_mobile(dossier.applicant_phone):
        raise NoMobile(dossier.code)
    now = work.clock.wall()
    known = work.connection.execute(_OF_DOSSIER, {"of_code": dossier.code}).first()
    if known is not None and known.tries < MAX_TRIES and now < known.issued_at + PAUSE:
        raise CodeJustSent(max(1, int((known.issued_at + PAUSE - now).total_seconds())))
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    values = {"code_hash": _hash(code, work.hash_key), "issued_at": now, "issued_by": clerk, "tries": 0}
    row = insert(codes, work.connection).values(dossier=dossier.code, **values)
    work.connection.execute(row.on_conflict_do_update(index_elements=["dossier"], set_=values))
    issued = {"dossier": dossier.code, "receiving_agency": dossier.receiving_agency, "issued_at": work.now}
    work.emit("result.code_issued", issued | {"code": code, "minutes": int(VALID.total_seconds()) // 60})


def check_code(connection: Connection, dossier: str, typed: str, hash_key: str, now: datetime) -> None:
    """Checks a code as typed; the comparison takes the same time for a right and a wrong one.

    Args:
        connection: any.
        dossier: its code.
        typed: by the clerk.
        hash_key: the platform's.
        now: real time.

    Raises:
        WrongOneTimeCode: it does not fit, is too old, or was voided.
    """
    known = connection.execute(_OF_DOSSIER, {"of_code": dossier}).first()
    if known is None:
        raise WrongOneTimeCode(dossier)
    salt = known.code_hash.partition(":")[0]
    same = hmac.compare_digest(_hash(clean_code(typed), hash_key, salt), known.code_hash)
    if not same or known.tries >= MAX_TRIES or now >= known.issued_at + VALID:
        raise WrongOneTimeCode(dossier)


def void_code(connection: Connection, dossier: str) -> None:
    """Forgets a dossier's code: it was used, or its telephone number was wrong."""
    connection.execute(_DELETE, {"of_code": dossier})


@contextmanager
def counting_wrong_codes(store: Store, dossier: str) -> Iterator[None]:
    """Counts a wrong code in a transaction of its own, since that of the hand-over is rolled back."""
    try:
        yield
    except WrongOneTimeCode:
        store.run(lambda work: work.execute(_COUNT, {"of_code": dossier}))
        raise


def _hash(code: str, key: str, salt: str = "") -> str:
    salt = salt or secrets.token_hex(8)
    return f"{salt}:{keyed_hash(key, 'one-time code', f'{salt}:{code}')}"
