"""What co-applicants agree to, and how their agreement stands. Any change of the draft voids it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.intake.filing.domain.applicant import InvalidField, identity_number
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.parties import NOBODY, CoApplicant, Parties
from services.intake.online.domain import Form
from services.intake.sign_in.domain import Citizen
from shared.uploads.upload import Upload

ASKED, AGREED, DECLINED = "asked", "agreed", "declined"
BY = "by"


class UnknownConsent(LookupError):
    """Nobody asks this person about this draft, or it is no longer a draft."""


class DraftChanged(ValueError):
    """The draft is another one than the person has seen, or is not complete."""


class ConsentExpired(ValueError):
    """The time to answer is over; the person has to be asked again."""


class NotAllAgreed(ValueError):
    """A draft cannot be submitted: not everybody who applies together has agreed to exactly this version."""


class Standing(StrEnum):
    """How an agreement stands now."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    CHANGED = "changed"
    EXPIRED = "expired"

    @property
    def vi(self) -> str:
        """The Vietnamese label."""
        return _LABELS[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _LABELS[self][1]

    @property
    def badge(self) -> str:
        """The kind of badge."""
        return _LABELS[self][2]


_LABELS = {
    Standing.ASKED: ("Chờ đồng ý", "Not yet answered", "waiting"),
    Standing.AGREED: ("Đã đồng ý", "Agreed", "good"),
    Standing.DECLINED: ("Không đồng ý", "Declined", "late"),
    Standing.CHANGED: ("Hồ sơ đã sửa, cần đồng ý lại", "The draft was changed: to be agreed to again", "waiting"),
    Standing.EXPIRED: ("Quá hạn trả lời, cần hỏi lại", "Expired: to be asked again", "late"),
}


@dataclass(frozen=True, slots=True)
class Consent:
    """A person who is asked to apply together with the owner of a draft.

    Attributes:
        draft: its id.
        person: the subject of the person's account.
        state: :data:`ASKED`, :data:`AGREED` or :data:`DECLINED`.
        version: which :func:`version_of` the draft was agreed to; empty before.
        identity: `by`: name and number of the owner; `id_number` as the owner typed it, and once the person has agreed, the fields of
            :class:`CoApplicant` by the person's own account. Personal data; empty once the draft is submitted.
        asked_at: when the person was asked last.
        answered_at: None before.
    """

    draft: str
    person: str
    state: str
    version: str
    identity: Mapping[str, str]
    asked_at: datetime
    answered_at: datetime | None

    def standing(self, version: str, now: datetime, days: int) -> Standing:
        """How it stands.

        Args:
            version: of the draft as it is now.
            now: business time.
            days: how long a question and an answer hold.
        """
        if (self.answered_at or self.asked_at) + timedelta(days=days) < now:
            return Standing.EXPIRED
        if self.state == AGREED and self.version != version:
            return Standing.CHANGED
        return Standing(self.state)


def version_of(form: Form, number: int, files: Iterable[Upload], people: Iterable[str]) -> str:
    """What stands for all that a draft says: a digest that changes with anything in it.

    Args:
        form: the draft with its procedure.
        number: of the procedure's version.
        files: uploaded for it.
        people: subjects of those who apply together with the owner.
    """
    answers = {name: value for name, value in form.draft.answers.as_dict().items() if name != "done"}
    handed_in = sorted((file.paper, file.sha256) for file in files)
    all_of_it = [form.draft.owner, form.procedure.code, number, answers, handed_in, sorted(people)]
    return hashlib.sha256(json.dumps(all_of_it, sort_keys=True).encode()).hexdigest()


def co_applicant_number(typed: str, owner: Citizen) -> str:
    """The identity number of one who applies together with the owner of a draft.

    Args:
        typed: as typed.
        owner: signed in.

    Raises:
        InvalidField: it is none of a national identity account, or the owner's own.
    """
    try:
        found = identity_number(typed, str(DocumentKind.CITIZEN_ID))
    except InvalidField as fault:
        raise InvalidField("id_number", fault.vi, fault.en) from fault
    if found.number == owner.id_number:
        raise InvalidField("id_number", "Đây là số định danh của ông/bà.", "This is your own number.")
    return found.number


def identity_of(citizen: Citizen) -> dict[str, str]:
    """The fields of a co-applicant, as the person's account gives them."""
    return {
        "name": citizen.name,
        "id_number": citizen.id_number,
        "id_kind": citizen.id_kind,
        "birth_date": citizen.birthdate,
        "address": citizen.address,
    }


def parties_of(consents: Sequence[Consent]) -> Parties:
    """Those who apply together, as the application lists them; all have agreed."""
    if not consents:
        return NOBODY
    people = ({name: text for name, text in one.identity.items() if name != BY} for one in consents)
    return Parties(None, tuple(CoApplicant(**person) for person in people))
