"""Whom an export is for, and who else is in a dossier: nobody gets another person's data with their own."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.intake.filing.domain.preferences import preferences_in
from services.intake.mine.domain import Filed, Part

PERSON = (
    "name",
    "id_number",
    "id_kind",
    "phone",
    "email",
    "address",
    "birth_date",
    "sex",
    "old_id_number",
)
"""What is kept about an applicant."""
IDENTIFYING = ("name", "id_number", "old_id_number", "phone", "email", "address")
"""What of it is looked for in texts that people have typed."""
HIDDEN = "[người khác]"
"""Stands in a text in place of another person's name, number or address."""
MIN_LENGTH = 3
"""Letters and digits of what is looked for; shorter ones would hide ordinary words."""
MIN_PHONE = 9
"""Digits of a number that may be a telephone number."""
_WORDS = re.compile(r"[^\W_]+")
_GAP = r"[\W_]*"


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data are exported.

    Attributes:
        id_kind, id_number: of the identity document by which they are known.
        subject: the keyed hash of the number, by which drafts are found.
        name: as they are known to whoever asks.
    """

    id_kind: str
    id_number: str
    subject: str
    name: str = ""

    def is_of(self, people: Mapping[str, Any]) -> bool:
        """Whether a description of a person is theirs."""
        return (people["id_kind"], people["id_number"]) == (self.id_kind, self.id_number)


def applicant_of(filed: Any) -> dict[str, str]:
    """What a dossier or an application keeps of its applicant."""
    told = preferences_in(filed.applicant_preferences)
    wishes = {"language": told.language, "channels": ",".join(told.channels), "chat_user": told.chat_user}
    return {name: getattr(filed, f"applicant_{name}") for name in PERSON} | wishes


def parties_of(filed: Filed) -> list[dict[str, str]]:
    """The representative and the co-applicants."""
    known = json.loads(filed.parties) if filed.parties else {}
    acting = known.get("representative")
    return ([acting] if acting else []) + list(known.get("co_applicants", ()))


def own_data(filed: Any, part: Part, person: Person) -> dict[str, str]:
    """What a dossier or an application keeps of the person: as its applicant, or as one of its parties.

    Args:
        filed: the dossier or the application.
        part: of the person.
        person: whose data are exported.
    """
    if part is Part.APPLICANT:
        return applicant_of(filed)
    return dict(next(one for one in parties_of(filed) if person.is_of(one)))


@dataclass(frozen=True)
class Others:
    """The other people of a dossier, whose data are hidden in texts.

    Attributes:
        texts: their names, numbers and addresses.
        own: the same of the person, which stays readable even where others share it.
    """

    texts: frozenset[str] = field(repr=False)
    own: frozenset[str] = field(repr=False)

    def hide(self, text: str | None) -> str | None:
        """A text as the person may read it: what identifies others is not there any more, however it is written.

        Diacritics, capitals, spaces and signs between do not matter; a telephone number may begin with the country code.
        """
        if not text or self._patterns is None:
            return text
        all_, own = self._patterns
        composed = unicodedata.normalize("NFC", text)
        plain = folded(composed)
        pieces, last = [], 0
        for found in all_.finditer(plain):
            mine = own is not None and own.fullmatch(found[0])
            pieces += [composed[last : found.start()], composed[found.start() : found.end()] if mine else HIDDEN]
            last = found.end()
        return "".join([*pieces, composed[last:]])

    def names_owner(self, text: str) -> bool:
        """Whether a text has something of the person's own in it."""
        own = _alternatives(self.own)
        return bool(own) and _any_of(_in_order(own)).search(folded(unicodedata.normalize("NFC", text))) is not None

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], re.Pattern[str] | None] | None:
        """What is looked for, the longest first, so that neither a part of a longer text stays nor one's own is torn; and one's own."""
        others, own = _alternatives(self.texts), _alternatives(self.own)
        if not others:
            return None
        return _any_of(_in_order(others | own)), (_any_of(_in_order(own)) if own else None)


def others_of(person: Person, filed: Iterable[Any], further: Iterable[str | None] = ()) -> Others:
    """The other people of a dossier.

    Args:
        person: whose data are exported.
        filed: the dossier, the application that it came from, or both.
        further: names of others that stand elsewhere, such as of who took the result.
    """
    own, others = {person.name, person.id_number}, {text for text in further if text}
    for one in filed:
        for someone in (applicant_of(one), *parties_of(one)):
            known = {someone.get(name, "") for name in IDENTIFYING}
            if person.is_of(someone):
                own |= known
            else:
                others |= known
    mine = {folded(text) for text in own}
    return Others(
        frozenset(text for text in others if text and folded(text) not in mine), frozenset(text for text in own if text)
    )


def folded(text: str) -> str:
    """A text in small letters without diacritics, each character in its place."""
    return "".join(_fold(char) for char in text)


def _fold(char: str) -> str:
    if char in "đĐ":
        return "d"
    return (unicodedata.normalize("NFD", char)[0].lower() or char)[0]


def _alternatives(texts: Iterable[str]) -> dict[str, int]:
    """Pattern of each text that is long enough → its letters and digits."""
    words = [_WORDS.findall(folded(unicodedata.normalize("NFC", text))) for text in texts]
    return {_pattern_of(one): len("".join(one)) for one in words if len("".join(one)) >= MIN_LENGTH}


def _pattern_of(words: list[str]) -> str:
    joined = "".join(words)
    if not (joined.isascii() and joined.isdigit()):
        return _GAP.join(words)
    beginning = rf"(?:0|84){_GAP}" if len(joined) >= MIN_PHONE and joined.startswith("0") else joined[0] + _GAP
    return beginning + _GAP.join(joined[1:])


def _in_order(alternatives: Mapping[str, int]) -> list[str]:
    return sorted(alternatives, key=lambda one: (-alternatives[one], one))


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(patterns)})(?![^\W_])")


def masked_number(phone: str) -> str:
    """A telephone number of which one knows whether it is one's own, and nothing else."""
    return f"{phone[:2]}xx xxx {phone[-3:]}"
