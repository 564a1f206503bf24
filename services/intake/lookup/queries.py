"""The public look-up: code and secret open the least that answers "how does my dossier stand?", and guessing is made slow."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from services.intake.components import Components
from services.intake.desks import name_of
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import SUCCEEDING, State, shown_state
from services.intake.dossiers.events_view import dossier_events
from services.intake.filing.domain.dossier_code import looks_like_code, tidy_code
from services.intake.lookup import throttle
from services.intake.lookup.domain import opens
from services.intake.payments import store as money
from shared.persistence.store import Store
from shared.runtime.reference_data import Reference

WINDOW = timedelta(minutes=15)
WRONG_TRIES = 10
"""Wrong tries per code and window (real time), after which even the right secret is refused until the window is over."""


class WrongCodeOrSecret(LookupError):
    """No dossier has this code and secret; which of the two is wrong is nobody's business.

    Args:
        code: what to count the wrong try for; empty where the text cannot be a code.
    """

    def __init__(self, code: str) -> None:
        super().__init__("no dossier of this code and secret")
        self.code = code


class TooManyTries(Exception):
    """There were too many wrong tries for this code.

    Args:
        seconds: until the next try counts.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


def find_by_secret(connection: Connection, code: str, secret: str, now: datetime) -> Row[Any]:
    """The dossier that a code and a secret open.

    Args:
        connection: any.
        code, secret: as typed.
        now: real time.

    Raises:
        NothingToShow: wrong code or wrong secret; the caller counts it by :func:`count_wrong`.
        TooManyTries: whoever asks has to wait, whether or not there is such a dossier.
    """
    tidy = tidy_code(code)
    if not looks_like_code(tidy):
        raise WrongCodeOrSecret("")
    tries = throttle.wrong_tries(connection, tidy)
    if tries is not None and tries[0] >= WRONG_TRIES and tries[1] > now - WINDOW:
        raise TooManyTries(max(1, int((tries[1] + WINDOW - now).total_seconds())))
    row = dossiers.get(connection, tidy)
    if not opens(secret, row.secret_hash if row is not None else "") or row is None:
        raise WrongCodeOrSecret(tidy)
    return row


def count_wrong_try(store: Store, code: str) -> None:
    """Counts a wrong try, in a transaction of its own, whether or not there is such a dossier."""
    now = store.clock.wall()
    if code:
        store.run(lambda work: throttle.count_wrong_try(work.connection, code, now, now - WINDOW))


def public_view(
    connection: Connection, row: Row[Any], parts: Components, reference: Reference, now: datetime
) -> dict[str, Any]:
    """What the public sees of a dossier: no personal data.

    Args:
        connection: any.
        row: the dossier.
        parts: for the procedure's name.
        reference: for agencies' names.
        now: business time.
    """
    today = now.date()
    procedure = parts.catalogue.version(connection, row.procedure, row.procedure_version)
    payable = State(row.state) in SUCCEEDING  # of a dossier that was stopped nothing is asked for any more
    owed = [one for one in money.of_dossier(connection, row.code) if payable and one.paid_at is None]
    return {
        "code": row.code,
        "procedure": {"code": procedure.code, "name": procedure.name, "version": row.procedure_version},
        **shown_state(State(row.state)),
        "received_at": row.received_at,
        "promised_at": row.promised_at,
        "due_at": row.due_at,
        "paused": row.paused,
        "resolved_at": row.resolved_at,
        "returned_at": row.returned_at,
        "receiving_agency": row.receiving_agency,
        "receiving_agency_name": name_of(reference.agencies, row.receiving_agency, today),
        "place": {
            "agency": row.place_agency,
            "agency_name": name_of(reference.agencies, row.place_agency, today),
            "step": row.place_step,
        },
        "fee_unpaid": row.fee if payable and row.fee_paid_at is None else 0,
        "obligations_unpaid": [{"name": one.name, "kind": one.kind, "amount": one.amount} for one in owed],
        **dossier_events(connection, row, procedure, reference.agencies, today),
        "history": [{**shown_state(state), "at": at} for state, at in dossiers.history(connection, row.code)],
    }
