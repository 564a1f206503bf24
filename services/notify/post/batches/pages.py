"""Pages of the letters to print: those that wait, the batches with their manifest, and what became of each letter."""

from __future__ import annotations

import secrets
from itertools import groupby
from typing import Any

from flask import Response, render_template, request

from services.notify import access
from services.notify.post.batches import store
from services.notify.post.batches.commands import close_batch, mark_posted, mark_printed, mark_returned
from services.notify.post.batches.domain import Batch, BatchState, UnknownBatch
from services.notify.post.batches.manifest import manifest_csv, manifest_pdf
from services.notify.post.batches.rules import batch_rules, calendar_of, next_cut_off
from services.notify.post.letters import store as letters
from services.notify.post.letters.domain import LetterState
from services.notify.post.letters.typeset import letters_pdf
from services.notify.post.problems import LETTER_STATES
from services.notify.post.shown import CSV, PDF, act, caller, download, handled_agencies, readable_agencies
from services.notify.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles
from shared.web.one_time_notice import one_time_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

MOST = 300
MOST_BATCHES = 50
MAX_REASON = 200

pages = page_blueprint("notify", __name__, "letter_pages")


@pages.get("/post/letters")
@roles(*access.POST_READERS, agency="record")
@audited
@domain_errors_as_problems()
def waiting() -> str:
    """The letters that wait for a batch, by agency, and the newest batches."""
    return _waiting()


@pages.post("/post/letters")
@roles(*access.POST_CLERKS, agency="record")
@domain_errors_as_problems()
def close() -> Response:
    """Closes a batch of one of the caller's agencies now, before its cut-off."""
    mine, by, agency = handled_agencies(), principal().subject, request.form.get("agency", "")[:100]
    if agency not in mine:
        raise access.WrongAgency

    def effect(work: UnitOfWork) -> dict[str, Any]:
        return {"id": close_batch(work, agency, None, by).id}

    return act(effect, _waiting, "letter_pages.batch")


@pages.get("/post/batches/<id>")
@roles(*access.POST_READERS, agency="record")
@audited
@domain_errors_as_problems()
def batch(id: str) -> str:
    """A batch and its letters."""
    return _batch(id)


@pages.post("/post/batches/<id>")
@roles(*access.POST_CLERKS, agency="record")
@domain_errors_as_problems()
def change_batch(id: str) -> Response:
    """Records that a batch was printed or handed to the post, or that one of its letters came back."""
    mine, by, action = handled_agencies(), principal().subject, request.form.get("action", "")
    reason = " ".join(request.form.get("reason", "").split())[:MAX_REASON]

    def effect(work: UnitOfWork) -> dict[str, Any]:
        if action == "printed":
            mark_printed(work, id, mine, by)
        elif action == "posted":
            mark_posted(work, id, mine, by)
        elif action.startswith("returned-"):
            mark_returned(work, action.removeprefix("returned-")[:36], mine, reason, by)
        else:
            raise Problem(422, "invalid")
        return {"id": id}

    return act(effect, lambda problem: _batch(id, problem), "letter_pages.batch")


@pages.get("/post/batches/<id>/letters.pdf")
@roles(*access.POST_READERS, agency="record")
@audited
@domain_errors_as_problems()
def letters_file(id: str) -> Response:
    """All letters of a batch as one file; once it was marked as printed, each page says that it is a reprint."""
    here = context()
    found, rows = _readable(id)
    again = found.state != BatchState.CLOSED
    record_reading("letter-batch-copy" if again else "letter-batch", found.id)
    said = [one for one in (row.letter for row in rows) if one is not None]
    if not said:
        raise Problem(404, "not-found")
    now = here.clock.now()
    mark = f"Bản in lại, {now.astimezone(VIETNAM):%H:%M ngày %d/%m/%Y}" if again else ""
    content = letters_pdf(said, here.reference.agencies, now if again else found.closed_at, mark)
    return download(content, PDF, f"thu-{found.number}-{found.year}.pdf")


@pages.get("/post/batches/<id>/manifest.<any(pdf, csv):kind>")
@roles(*access.POST_READERS, agency="record")
@audited
@domain_errors_as_problems()
def manifest(id: str, kind: str) -> Response:
    """The manifest of a batch."""
    found, rows = _readable(id)
    record_reading("letter-manifest", found.id)
    name = f"bang-ke-{found.number}-{found.year}.{kind}"
    if kind == "csv":
        return download(manifest_csv(rows), CSV, name)
    return download(manifest_pdf(found, rows, context().reference.agencies, found.closed_at), PDF, name)


def _readable(id: str) -> tuple[Batch, list[letters.LetterRow]]:
    """A batch of the caller's agencies with its letters. No transaction is open afterwards, when files are made."""
    agencies = readable_agencies()
    with context().store.read() as connection:
        found = store.find(connection, id)
        if found is None:
            raise UnknownBatch(id)
        if found.agency not in agencies:
            raise access.WrongAgency
        return found, letters.of_batch(connection, id)


def _waiting(problem: Problem | None = None) -> str:
    here, agencies = context(), readable_agencies()
    record_reading("letters", principal().agency)
    with here.store.read() as connection:
        found = letters.waiting(connection, agencies, MOST)
        batches = store.newest(connection, agencies, MOST_BATCHES)
    now = here.clock.now()
    rules, day = batch_rules(now.astimezone(VIETNAM).date()), now.astimezone(VIETNAM).date()
    handled = here.reference.agencies.handled_by(principal().agency, day) if principal().has("clerk") else frozenset()
    groups = [
        {
            "agency": agency,
            "letters": list(rows),
            "cut_off": next_cut_off(now, rules.cut_off_of(agency), calendar_of(here.reference, agency, day)),
            "mine": agency in handled,
            "key": secrets.token_urlsafe(),
        }
        for agency, rows in groupby(found, key=lambda row: row.agency)
    ]
    return render_template(
        "notify/letters.html",
        caller=caller(),
        groups=groups,
        batches=batches,
        states={str(state): state.label for state in BatchState},
        most=MOST,
        full=len(found) == MOST,
        problem=problem,
        notice=one_time_notice(),
    )


def _batch(id: str, problem: Problem | None = None) -> str:
    found, rows = _readable(id)
    record_reading("letter-batch", found.id)
    here = context()
    day = here.clock.now().astimezone(VIETNAM).date()
    clerk = principal().has("clerk") and found.agency in here.reference.agencies.handled_by(principal().agency, day)
    return render_template(
        "notify/batch.html",
        caller=caller(),
        batch=found,
        state=BatchState(found.state),
        letters=rows,
        letter_states={str(state): label for state, label in LETTER_STATES.items()},
        returnable=(LetterState.POSTED, LetterState.DELIVERED, LetterState.LOST),
        acts=clerk,
        keys=[secrets.token_urlsafe() for _ in range(len(rows) + 2)],
        max_reason=MAX_REASON,
        problem=problem,
        notice=one_time_notice(),
    )
