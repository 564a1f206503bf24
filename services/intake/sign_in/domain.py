"""A citizen who has signed in, as the provider describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from services.intake.filing.domain.applicant import (
    InvalidField,
    email_address,
    identity_number,
    person_name,
    phone_number,
    postal_address,
)
from shared.runtime.keyed_hash import keyed_hash

IDLE = timedelta(hours=1)
"""How long a session lasts without a page being opened."""
LONGEST = timedelta(hours=8)
TOUCH_AFTER = timedelta(minutes=5)
"""How old the record of the last use may be, so that not every page writes."""


class IncompleteIdentity(ValueError):
    """The provider does not say what filing needs: a name and an identity number."""


@dataclass(frozen=True, slots=True)
class Citizen:
    """A signed-in citizen. Personal data.

    Attributes:
        subject: the keyed hash of the identity number, by which their drafts and dossiers are found.
        name, id_number, id_kind: proven by the provider.
        phone, email, address: as the provider knows them; may be empty.
        birthdate: YYYY-MM-DD; may be empty.
    """

    subject: str
    name: str
    id_number: str
    id_kind: str
    phone: str = ""
    email: str = ""
    address: str = ""
    birthdate: str = ""

    def as_dict(self) -> dict[str, str]:
        """The fields, as they are kept."""
        return asdict(self)


def citizen_subject(hash_key: str, id_number: str) -> str:
    """The subject of the citizen of an identity number."""
    return keyed_hash(hash_key, "citizen", id_number)


def citizen_of(claims: Mapping[str, Any], id_claim: str, hash_key: str) -> Citizen:
    """The citizen whom the provider's claims describe (OpenID Connect Core, section 5.1).

    Args:
        claims: verified.
        id_claim: the name of the claim with the identity number.
        hash_key: of the platform.

    Raises:
        IncompleteIdentity: name or identity number are missing or not valid.
    """
    try:
        name = person_name(_text(claims, "name"))
        document = identity_number(_text(claims, id_claim))
    except InvalidField as fault:
        raise IncompleteIdentity(str(fault)) from fault
    place = claims.get("address")
    return Citizen(
        subject=citizen_subject(hash_key, document.number),
        name=name,
        id_number=document.number,
        id_kind=str(document.kind),
        phone=_if_valid(phone_number, _text(claims, "phone_number")),
        email=_if_valid(email_address, _text(claims, "email")),
        address=_if_valid(postal_address, _text(place, "formatted") if isinstance(place, Mapping) else ""),
        birthdate=_text(claims, "birthdate")[:10],
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name, "")
    return value if isinstance(value, str) else ""


def _if_valid(rule: Any, text: str) -> str:
    """What a rule makes of a text; empty where it refuses: the citizen is then asked for it."""
    try:
        return str(rule(text)) if text else ""
    except InvalidField:
        return ""
