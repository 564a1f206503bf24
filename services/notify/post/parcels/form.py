"""The form for a new parcel, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from services.notify.contacts.domain import Contact, NotMobile, mobile_number
from services.notify.contacts.store import find_contact
from services.notify.messages.queries import agencies_of_dossier
from services.notify.post.address import check_address
from services.notify.post.fees import PostalFees
from services.notify.post.parcels.domain import Contents, InvalidParcel, UnknownDossier
from shared.text import clean_code

FIELDS = ("dossier", "contents", "grams", "address")
MAX_ADDRESS = 500
MAX_CODE = 100


@dataclass(frozen=True, slots=True)
class ParcelForm:
    """What a clerk has typed, and whom it is for.

    Attributes:
        dossier: its code.
        agency: of the clerk's, the one whose dossier it is.
        contents: what the parcel carries.
        name, phone, address: of the citizen; the address in lines.
        grams: its weight.
    """

    dossier: str
    agency: str
    contents: Contents
    name: str
    phone: str
    address: tuple[str, ...]
    grams: int

    def arguments(self) -> dict[str, Any]:
        """As :func:`services.notify.post.parcels.commands.request_parcel` takes them."""
        return {name: getattr(self, name) for name in self.__slots__}


def read_form(
    connection: Connection, typed: Mapping[str, str], agencies: frozenset[str], fees: PostalFees
) -> ParcelForm:
    """A form that may be sent to the post.

    Args:
        connection: to notify's database.
        typed: the fields, by :data:`FIELDS`; without an address, the one that the applicant gave counts.
        agencies: for which the clerk acts.
        fees: in force.

    Raises:
        UnknownDossier: it is none of these agencies', or its contact has not arrived.
        InvalidParcel: a field is wrong.
        services.notify.post.address.UndeliverableAddress: the post cannot deliver there.
    """
    dossier = clean_code(typed.get("dossier", ""))[:MAX_CODE]
    mine = sorted(agencies & agencies_of_dossier(connection, dossier)) if dossier else []
    found = find_contact(connection, dossier)
    if not mine or found is None or not found[0].name:
        raise UnknownDossier(dossier)
    contact = found[0]
    if typed.get("contents") not in list(Contents):
        raise InvalidParcel("contents", "Vui lòng chọn nội dung bưu gửi.", "Choose what the parcel carries.")
    grams = _grams(typed.get("grams", ""), fees.heaviest_parcel)
    lines = typed.get("address", "")[:MAX_ADDRESS].splitlines() or list(_known_address(contact))
    address = check_address(contact.name, lines)
    contents = Contents(typed["contents"])
    return ParcelForm(dossier, mine[0], contents, contact.name, _phone(contact.phone), address.lines, grams)


def _known_address(contact: Contact) -> tuple[str, ...]:
    """The applicant's address as they gave it."""
    return tuple(contact.address.splitlines())


def _phone(typed: str) -> str:
    """The number by which the postman calls; none where it is no number."""
    try:
        return mobile_number(typed)
    except NotMobile:
        return ""


def _grams(typed: str, heaviest: int) -> int:
    text = typed.strip()
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= heaviest):
        vi = f"Vui lòng nhập khối lượng từ 1 đến {heaviest} gam."
        raise InvalidParcel("grams", vi, f"Enter the weight, 1 to {heaviest} g.")
    return int(text)
