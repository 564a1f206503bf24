"""Identity documents: which number a person or an organisation shows, and of which kind it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.text import clean_code


class DocumentKind(StrEnum):
    """A kind of identity document."""

    CITIZEN_ID = "citizen_id"
    OLD_ID = "old_id"
    TAX_CODE = "tax_code"
    PASSPORT = "passport"
    RESIDENCE_CARD = "residence_card"

    @property
    def vi(self) -> str:
        """What its number is called on forms."""
        return _LABELS[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _LABELS[self][1]


_LABELS = {
    DocumentKind.CITIZEN_ID: ("Số định danh cá nhân/CCCD", "Citizen's identity number"),
    DocumentKind.OLD_ID: ("Số CMND", "Old identity card"),
    DocumentKind.TAX_CODE: ("Mã số thuế", "Tax code"),
    DocumentKind.PASSPORT: ("Số hộ chiếu", "Passport"),
    DocumentKind.RESIDENCE_CARD: ("Số thẻ thường trú/tạm trú", "Residence card"),
}
_FORMS = {
    DocumentKind.CITIZEN_ID: re.compile(r"[0-9]{12}"),
    DocumentKind.OLD_ID: re.compile(r"[0-9]{9}"),
    DocumentKind.TAX_CODE: re.compile(r"[0-9]{10}(?:[0-9]{3})?"),
    # ICAO Doc 9303, part 4: up to 9 letters and digits; some countries print longer ones. A foreign one may have digits only.
    DocumentKind.PASSPORT: re.compile(r"(?=.*[0-9])[A-Z0-9]{6,12}"),
    DocumentKind.RESIDENCE_CARD: re.compile(r"(?=.*[0-9])[A-Z0-9]{6,15}"),
}
_KINDS = frozenset(DocumentKind)
_INFERRED = (DocumentKind.CITIZEN_ID, DocumentKind.OLD_ID, DocumentKind.TAX_CODE)
_PASSPORT_BY_ITSELF = re.compile(r"[A-Z]{1,3}[0-9]{6,8}[A-Z]?")  # recognised without its kind
_SEPARATORS = re.compile(r"[-./]+")
MAX_NUMBER = 15


class UnknownDocument(ValueError):
    """The text is no number of an identity document of the kind given."""


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """An identity document.

    Attributes:
        kind: of which kind.
        number: digits and capitals without separators.
    """

    kind: DocumentKind
    number: str


def identity_document(text: str, kind: str = "") -> IdentityDocument:
    """Reads the number of an identity document.

    Args:
        text: as typed; spaces, hyphens, dots and slashes may separate its signs.
        kind: one of :class:`DocumentKind`; empty to infer it: 12 digits are a citizen's number, 9 an old card, 10 or 13 a tax code,
            letters followed by 6 to 8 digits a passport. Other numbers need their kind.

    Raises:
        UnknownDocument: the text is not such a number.
    """
    number = _SEPARATORS.sub("", clean_code(text)).upper()
    kinds = (DocumentKind(kind),) if kind in _KINDS else _INFERRED
    for one in kinds:
        if _FORMS[one].fullmatch(number):
            return IdentityDocument(one, number)
    if not kind and _PASSPORT_BY_ITSELF.fullmatch(number):
        return IdentityDocument(DocumentKind.PASSPORT, number)
    raise UnknownDocument(f"not a number of {kind or 'an identity document'}")
