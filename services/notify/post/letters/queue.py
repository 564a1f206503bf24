"""The provider of the channel `letter`: it checks the address, and queues the letter for the next print batch."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.notify.channels.port import (
    Accepted,
    LetterContent,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    TemporarilyFailed,
)
from services.notify.post.address import UndeliverableAddress, check_address
from services.notify.post.fees import WeightStep, postal_fees
from services.notify.post.letters import store
from services.notify.post.letters.domain import (
    MAX_BODY,
    MAX_SUBJECT,
    Letter,
    LetterState,
    UnsendableLetter,
    letter_number,
    reference_of,
)
from services.notify.post.letters.typeset import pages_of
from services.notify.post.numbers import LETTER, take_number
from shared.agencies import Agencies
from shared.documents.typesetting import TypesettingError
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

LETTERS = "letters"
"""The provider's name."""

log = logging.getLogger(__name__)


class LetterQueue:
    """Takes letters over into the queue of letters to print. The same delivery again gets the same letter.

    Args:
        name: under which its receipts are recorded.
        database: notify's.
        agencies: all of them.
    """

    def __init__(self, name: str, database: Store, agencies: Agencies) -> None:
        self.name = name
        self._database = database
        self._agencies = agencies

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Queues letters; see :class:`services.notify.channels.port.Provider`."""
        for one in batch:
            if time.monotonic() >= until:
                yield one, TemporarilyFailed("there was no time left for it", self.name)
                continue
            try:
                yield one, self._take(one)
            except Exception as error:  # noqa: BLE001 - one letter must not stop the others
                fields = {"delivery": one.id, "kind": type(error).__name__}
                log.error("a letter was not queued", extra={"fields": fields})  # noqa: TRY400 - its text may quote the letter
                yield one, TemporarilyFailed(type(error).__name__, self.name)

    def close(self) -> None:
        """Holds nothing open."""

    def _take(self, outgoing: Outgoing) -> Outcome:
        with self._database.read() as connection:
            known = store.reference_known(connection, outgoing.id)
        if known is not None:
            return Accepted(known, self.name)
        try:
            letter = self._checked(outgoing)
            pages = pages_of(letter, self._agencies)
        except (UndeliverableAddress, UnsendableLetter) as error:
            return PermanentlyFailed(str(error), self.name)
        except TypesettingError:
            return PermanentlyFailed("the letter cannot be typeset", self.name)
        step = postal_fees(letter.queued_at.astimezone(VIETNAM).date()).letter_step(pages)
        if step is None:
            return PermanentlyFailed(f"with {pages} pages the letter is too heavy", self.name)
        return Accepted(self._database.run(lambda work: self._add(work, letter, pages, step)), self.name)

    def _checked(self, outgoing: Outgoing) -> Letter:
        content = outgoing.content
        if not isinstance(content, LetterContent):
            raise TypeError(type(content).__name__)
        if not outgoing.agency:
            raise UnsendableLetter("no agency sends the letter")
        if not content.subject.strip() or not content.body.strip():
            raise UnsendableLetter("the letter says nothing")
        if len(content.subject) > MAX_SUBJECT or len(content.body) > MAX_BODY:
            raise UnsendableLetter("the letter is too long")
        address = check_address(content.name, content.address)
        return Letter(
            id=outgoing.id,
            number="",
            agency=outgoing.agency,
            dossier=outgoing.dossier,
            kind=outgoing.kind,
            language=outgoing.language,
            name=address.name,
            address=address.lines,
            subject=" ".join(content.subject.split()),
            body=content.body,
            queued_at=self._database.clock.now(),
        )

    def _add(self, work: UnitOfWork, letter: Letter, pages: int, step: WeightStep) -> str:
        known = store.reference_known(work.connection, letter.id)
        if known is not None:
            return known
        number, year = take_number(work, letter.agency, LETTER)
        numbered = replace(letter, number=letter_number(number, letter.agency), queued_at=work.now)
        row = store.LetterRow(
            id=numbered.id,
            number=numbered.number,
            reference=reference_of(numbered.number, year),
            provider=self.name,
            agency=numbered.agency,
            dossier=numbered.dossier,
            kind=numbered.kind,
            language=numbered.language,
            contents=store.contents_of(numbered),
            state=LetterState.WAITING,
            pages=pages,
            grams=step.grams,
            fee=step.fee,
            queued_at=numbered.queued_at,
            batch=None,
            changed_at=work.now,
            reason="",
        )
        store.add(work.connection, row)
        return row.reference
