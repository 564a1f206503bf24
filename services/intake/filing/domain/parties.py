"""The people of a dossier besides its applicant: who represents them, and who applies together with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from services.intake.filing.domain.applicant import (
    MAX_NOTE,
    Applicant,
    InvalidField,
    birth_date_of,
    identity_number,
    person_name,
    phone_number,
    plain_text,
    postal_address,
    sex_of,
)
from services.intake.filing.domain.identity_document import DocumentKind

MAX_CO_APPLICANTS = 20


class Relation(StrEnum):
    """By what right somebody acts for the applicant (Civil Code 2015, articles 136 to 138)."""

    AUTHORISED = "authorised"
    LEGAL = "legal"
    GUARDIAN = "guardian"

    @property
    def vi(self) -> str:
        """As forms call it."""
        return _RELATIONS[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _RELATIONS[self][1]


_RELATIONS = {
    Relation.AUTHORISED: ("Người được ủy quyền", "Authorised by the applicant"),
    Relation.LEGAL: ("Người đại diện theo pháp luật của tổ chức", "Legal representative of the organisation"),
    Relation.GUARDIAN: ("Cha, mẹ hoặc người giám hộ", "Parent or guardian"),
}


@dataclass(frozen=True, slots=True)
class Representative:
    """Who acts for the applicant. Personal data: kept in intake.

    Attributes:
        name, id_number, id_kind: as of an applicant.
        relation: one of :class:`Relation`.
        authority: the paper that shows it, such as number and date of the authorisation; may be empty unless authorised.
        phone: may be empty.
    """

    name: str
    id_number: str
    id_kind: str
    relation: str
    authority: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class CoApplicant:
    """One who applies together with the applicant, such as the other owner of land. Personal data: kept in intake.

    Attributes:
        name, id_number, id_kind, birth_date, sex, address: as of an applicant.
    """

    name: str
    id_number: str
    id_kind: str
    birth_date: str = ""
    sex: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Parties:
    """The people of a dossier besides its applicant.

    Attributes:
        representative: None where the applicant acts in person.
        co_applicants: may be empty.
    """

    representative: Representative | None = None
    co_applicants: Sequence[CoApplicant] = ()

    def as_dict(self) -> dict[str, Any]:
        """The parties as they are stored and sent as JSON."""
        return {
            "representative": asdict(self.representative) if self.representative else None,
            "co_applicants": [asdict(one) for one in self.co_applicants],
        }


NOBODY = Parties()


def make_parties(
    applicant: Applicant | None,
    representative: Mapping[str, str] | None,
    co_applicants: Sequence[Mapping[str, str]],
    today: date,
) -> tuple[Parties, list[InvalidField]]:
    """The parties from the texts typed, and all faults.

    Args:
        applicant: who files; None if their own data are not valid.
        representative: the fields of :class:`Representative` as typed; None for nobody.
        co_applicants: the fields of :class:`CoApplicant` as typed.
        today: the business day; nobody is born later.

    Returns:
        the parties, not to be used if there are faults; a fault's field is the path such as ``co_applicants.0.name``.
    """
    if representative is None and not co_applicants:
        return NOBODY, []
    faults: list[InvalidField] = []
    acting = _representative(representative, faults) if representative is not None else None
    others = [_co_applicant(one, place, today, faults) for place, one in enumerate(co_applicants)]
    if len(others) > MAX_CO_APPLICANTS:
        faults.append(
            InvalidField(
                "co_applicants", f"Không quá {MAX_CO_APPLICANTS} người.", f"Not more than {MAX_CO_APPLICANTS} people."
            )
        )
    faults += _doubled(applicant, others)
    return Parties(acting, tuple(one for one in others if one is not None)), faults


def _representative(given: Mapping[str, str], faults: list[InvalidField]) -> Representative | None:
    read = _Reader(given, "representative", faults)
    relation = given.get("relation", "")
    if relation not in set(Relation):
        read.fault("relation", "Chọn tư cách đại diện.", "Say by what right they act.")
    authority = read.text("authority", lambda text: plain_text(text, "authority", MAX_NOTE))
    if relation == Relation.AUTHORISED and not authority:
        read.fault(
            "authority",
            "Ghi số, ngày của văn bản ủy quyền và nơi chứng thực.",
            "Give number and date of the authorisation, and who certified it.",
        )
    phone = read.text("phone", phone_number) if given.get("phone", "").strip() else ""
    document = read.document()
    name = read.text("name", person_name)
    return Representative(name, *document, relation, authority, phone) if document else None


def _co_applicant(given: Mapping[str, str], place: int, today: date, faults: list[InvalidField]) -> CoApplicant | None:
    read = _Reader(given, f"co_applicants.{place}", faults)
    name = read.text("name", person_name)
    document = read.document()
    born = read.text("birth_date", lambda text: birth_date_of(text, today))
    sex, address = read.text("sex", sex_of), read.text("address", postal_address)
    return CoApplicant(name, *document, born, sex, address) if document else None


def _doubled(applicant: Applicant | None, others: Iterable[CoApplicant | None]) -> list[InvalidField]:
    """Nobody applies twice in one dossier."""
    known = {(applicant.id_kind, applicant.id_number)} if applicant else set()
    faults = []
    for place, one in enumerate(others):
        if one is None:
            continue
        if (one.id_kind, one.id_number) in known:
            field = f"co_applicants.{place}.id_number"
            faults.append(InvalidField(field, "Người này đã có trong hồ sơ.", "This person is in the dossier already."))
        known.add((one.id_kind, one.id_number))
    return faults


class _Reader:
    """Reads the fields of one person, and collects their faults under the person's path."""

    def __init__(self, given: Mapping[str, str], path: str, faults: list[InvalidField]) -> None:
        self._given, self._path, self._faults = given, path, faults

    def fault(self, field: str, vi: str, en: str) -> None:
        """Notes a fault."""
        self._faults.append(InvalidField(f"{self._path}.{field}", vi, en))

    def text(self, field: str, rule: Any) -> str:
        """A field by its rule; empty if it is not valid."""
        try:
            return str(rule(self._given.get(field, "")))
        except InvalidField as error:
            self.fault(field, error.vi, error.en)
            return ""

    def document(self) -> tuple[str, str] | None:
        """Number and kind of the identity document; None if it is not valid."""
        try:
            found = identity_number(self._given.get("id_number", ""), self._given.get("id_kind", ""))
        except InvalidField as error:
            self.fault("id_number", error.vi, error.en)
            return None
        if found.kind is DocumentKind.TAX_CODE:
            self.fault(
                "id_number", "Phải là giấy tờ của cá nhân, không phải mã số thuế.", "A person's document, no tax code."
            )
        return found.number, str(found.kind)
