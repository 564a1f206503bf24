"""The applicant: names, telephone numbers and identity numbers as they are written in Vietnam."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.intake.filing.domain.identity_document import (
    DocumentKind,
    IdentityDocument,
    UnknownDocument,
    identity_document,
)
from services.intake.filing.domain.preferences import (
    DEFAULT_LANGUAGE,
    LANGUAGES,
    MAX_CHAT_USER,
    MESSAGE_CHANNELS,
    Preferences,
    listed_channels,
)
from shared.phones import NotAPhone, parse_phone
from shared.text import UnprintableText, clean_line

MAX_NAME = 200
MAX_ADDRESS = 500
MAX_EMAIL = 254
MAX_NOTE = 500

_FIRST_BIRTH_YEAR = 1900
_BIRTH_DATE = re.compile(
    r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})"
    r"|(?P<year2>[0-9]{4})-(?P<month2>[0-9]{2})-(?P<day2>[0-9]{2})"
)
_EMAIL = re.compile(r"[^@\s<>\"',;:\\]+@[^@\s<>\"',;:\\]+\.[^@\s<>\"',;:\\.]+")


class InvalidField(ValueError):
    """A field of a form is not valid.

    Args:
        field: its name.
        vi: why, in Vietnamese; does not repeat the text typed.
        en: the same in English.
    """

    def __init__(self, field: str, vi: str, en: str) -> None:
        super().__init__(f"{field}: {en}")
        self.field = field
        self.vi = vi
        self.en = en


class Sex(StrEnum):
    """The sex that an identity card states."""

    MALE = "male"
    FEMALE = "female"

    @property
    def vi(self) -> str:
        """As the card calls it."""
        return "Nam" if self is Sex.MALE else "Nữ"

    @property
    def en(self) -> str:
        """The same in English."""
        return "Male" if self is Sex.MALE else "Female"


@dataclass(frozen=True, slots=True)
class Applicant:
    """The person or organisation that files a dossier. Personal data: kept in intake, and as contact in notify.

    Attributes:
        name: Unicode NFC, with single spaces.
        id_number: of an identity document, digits and capitals without separators.
        phone: national form, starting with 0; a foreign number with + and country code.
        email: may be empty.
        address: may be empty.
        id_kind: one of :class:`services.intake.filing.domain.identity_document.DocumentKind`; an organisation shows its tax code.
        birth_date: ``1990-01-31``, or the year alone where the card states no more; may be empty.
        sex: one of :class:`Sex`; may be empty.
        old_id_number: the 9 digits of an earlier card (CMND); may be empty.
        language, channels, chat_user: as in :class:`services.intake.filing.domain.preferences.Preferences`.
    """

    name: str
    id_number: str
    phone: str
    email: str = ""
    address: str = ""
    id_kind: str = DocumentKind.CITIZEN_ID
    birth_date: str = ""
    sex: str = ""
    old_id_number: str = ""
    language: str = DEFAULT_LANGUAGE
    channels: tuple[str, ...] = ()
    chat_user: str = ""

    @property
    def preferences(self) -> Preferences:
        """How they want to be told about their dossier."""
        return Preferences(self.language, self.channels, self.chat_user)


def make_applicant(
    name: str,
    id_number: str,
    phone: str,
    email: str = "",
    address: str = "",
    id_kind: str = "",
    birth_date: str = "",
    sex: str = "",
    old_id_number: str = "",
    language: str = "",
    channels: Sequence[str] | str = (),
    chat_user: str = "",
    today: date = date.max,
) -> tuple[Applicant | None, list[InvalidField]]:
    """An applicant from the texts typed, or all their faults.

    Args:
        name, id_number, phone, email, address, birth_date, sex, old_id_number: as typed.
        id_kind: of the identity document; empty to infer it from the number.
        language: in which they want to be told; empty for Vietnamese.
        channels: by which, the best first; a form's text has commas between them. None for the usual order.
        chat_user: their id in the chat service.
        today: the business day; nobody is born later.

    Returns:
        the applicant and no faults, or None and at least one.
    """
    faults: list[InvalidField] = []
    values: dict[str, str] = {}
    for field, rule, text in (
        ("name", person_name, name),
        ("phone", phone_number, phone),
        ("email", email_address, email),
        ("address", postal_address, address),
        ("birth_date", lambda text: birth_date_of(text, today), birth_date),
        ("sex", sex_of, sex),
        ("old_id_number", old_identity_number, old_id_number),
        ("language", message_language, language),
        ("chat_user", chat_user_of, chat_user),
    ):
        if not text and field not in ("name", "phone"):
            continue
        try:
            values[field] = rule(text)
        except InvalidField as fault:
            faults.append(fault)
    wanted = listed_channels(channels) if channels else ()
    if wanted:
        faults += _channel_faults(wanted, {"email": email, "chat": chat_user, "letter": address})
    try:
        document = identity_number(id_number, id_kind)
    except InvalidField as fault:
        faults.insert(sum(known.field == "name" for known in faults), fault)
        return None, faults
    if faults:
        return None, faults
    return Applicant(id_number=document.number, id_kind=document.kind, channels=wanted, **values), []


def plain_text(text: str, field: str, longest: int) -> str:
    """Free text on one line, without invisible signs (:func:`shared.text.clean_line`).

    Raises:
        InvalidField: it contains control characters or is too long.
    """
    try:
        clean = clean_line(text)
    except UnprintableText as error:
        raise InvalidField(field, "Có ký tự không in được.", "Holds characters that cannot be printed.") from error
    if len(clean) > longest:
        raise InvalidField(field, f"Dài quá {longest} ký tự.", f"Longer than {longest} characters.")
    return clean


def person_name(text: str) -> str:
    """The name of a person or an organisation.

    Raises:
        InvalidField: it is empty, too long, or contains no letter.
    """
    clean = plain_text(text, "name", MAX_NAME)
    if not any(char.isalpha() for char in clean):
        raise InvalidField("name", "Chưa có họ tên hoặc tên tổ chức.", "The name is missing.")
    return clean


def phone_number(text: str) -> str:
    """A telephone number in national form, or with + and country code; see :func:`shared.phones.parse_phone`.

    Raises:
        InvalidField: it is not a telephone number.
    """
    try:
        return parse_phone(text).number
    except NotAPhone as error:
        raise InvalidField(
            "phone",
            "Không phải số điện thoại (ví dụ 0912345678; số nước ngoài ghi cả mã nước, ví dụ +81 …).",
            "Not a telephone number; write a foreign one with + and its country code.",
        ) from error


def identity_number(text: str, kind: str = "") -> IdentityDocument:
    """The number of an identity document; see :func:`services.intake.filing.domain.identity_document.identity_document`.

    Raises:
        InvalidField: it is not such a number.
    """
    try:
        return identity_document(text, kind)
    except UnknownDocument as error:
        raise InvalidField(
            "id_number",
            "Phải là số định danh/CCCD 12 chữ số, CMND 9 chữ số, mã số thuế 10 hay 13 chữ số, số hộ chiếu hoặc thẻ thường trú, tạm trú"
            " (giấy tờ nước ngoài chỉ có chữ số: ghi rõ loại giấy tờ).",
            "Must be an identity number of 12 or 9 digits, a tax code of 10 or 13, a passport or a residence card; name the kind of a "
            "foreign document that has digits only.",
        ) from error


def email_address(text: str) -> str:
    """An e-mail address, or an empty text.

    Raises:
        InvalidField: it is not an e-mail address.
    """
    clean = text.strip()
    if clean and (len(clean) > MAX_EMAIL or not _EMAIL.fullmatch(clean)):
        raise InvalidField("email", "Không phải địa chỉ thư điện tử.", "Not an e-mail address.")
    return clean


def postal_address(text: str) -> str:
    """A postal address, or an empty text.

    Raises:
        InvalidField: it contains control characters or is too long.
    """
    return plain_text(text, "address", MAX_ADDRESS)


def birth_date_of(text: str, today: date) -> str:
    """A date of birth, or an empty text.

    Args:
        text: ``31/01/1990``, ``31011990``, ``1990-01-31``, or the year alone, which is all that the cards of some old people state.
        today: the business day.

    Returns:
        ``1990-01-31``, or the year.

    Raises:
        InvalidField: it is no such date, or lies before 1900 or after today.
    """
    clean = plain_text(text, "birth_date", MAX_NOTE)
    if not clean:
        return ""
    wrong = InvalidField("birth_date", "Không phải ngày sinh (ví dụ 31/01/1990).", "Not a date of birth (31/01/1990).")
    if re.fullmatch(r"[0-9]{4}", clean):
        if not _FIRST_BIRTH_YEAR <= int(clean) <= today.year:
            raise wrong
        return clean
    if re.fullmatch(r"[0-9]{8}", clean):
        clean = f"{clean[:2]}/{clean[2:4]}/{clean[4:]}"
    found = _BIRTH_DATE.fullmatch(clean)
    if found is None:
        raise wrong
    try:
        born = date(*(int(found[name] or found[f"{name}2"]) for name in ("year", "month", "day")))
    except ValueError as error:
        raise wrong from error
    if born > today or born.year < _FIRST_BIRTH_YEAR:
        raise wrong
    return born.isoformat()


def sex_of(text: str) -> str:
    """The sex as typed (``Nam``, ``Nữ``, ``male``, ``female``), as one of :class:`Sex`, or an empty text.

    Raises:
        InvalidField: it is neither.
    """
    clean = plain_text(text, "sex", MAX_NOTE).casefold()
    if not clean:
        return ""
    for one in Sex:
        if clean in (one.value, one.vi.casefold()):
            return one.value
    raise InvalidField("sex", "Giới tính là Nam hoặc Nữ.", "The sex is male or female.")


def old_identity_number(text: str) -> str:
    """The 9 digits of an earlier identity card (CMND), or an empty text.

    Raises:
        InvalidField: it is not such a number.
    """
    if not plain_text(text, "old_id_number", MAX_NOTE):
        return ""
    try:
        return identity_document(text, DocumentKind.OLD_ID).number
    except UnknownDocument as error:
        raise InvalidField(
            "old_id_number", "Số CMND cũ có 9 chữ số.", "The number of an old card has 9 digits."
        ) from error


def message_language(text: str) -> str:
    """The language in which the applicant is told.

    Raises:
        InvalidField: it is none that there are texts in.
    """
    if text not in LANGUAGES:
        raise InvalidField("language", "Chọn tiếng Việt hoặc tiếng Anh.", "Choose Vietnamese or English.")
    return text


def chat_user_of(text: str) -> str:
    """The applicant's id in the chat service, or an empty text.

    Raises:
        InvalidField: it contains control characters or is too long.
    """
    return plain_text(text, "chat_user", MAX_CHAT_USER)


def _channel_faults(channels: Sequence[str], addresses: Mapping[str, str]) -> list[InvalidField]:
    """What is wrong with channels; each but SMS needs the address that it sends to."""
    if len(set(channels)) < len(channels) or not MESSAGE_CHANNELS.keys() >= set(channels):
        names = ", ".join(MESSAGE_CHANNELS)
        return [InvalidField("channels", f"Mỗi cách một lần, trong số: {names}.", f"Each once, of: {names}.")]
    lacking = (channel for channel in channels if channel in _NEEDED and not addresses[channel].strip())
    return [InvalidField("channels", *_NEEDED[channel]) for channel in lacking]


_NEEDED = {
    "email": (
        "Muốn nhận tin bằng thư điện tử thì phải ghi địa chỉ thư điện tử.",
        "To be told by e-mail, give an e-mail address.",
    ),
    "chat": (
        "Muốn nhận tin trên ứng dụng trò chuyện thì phải có tài khoản trò chuyện (chat_user).",
        "To be told by chat, give the id in the chat service (chat_user).",
    ),
    "letter": (
        "Muốn nhận tin bằng thư qua bưu chính thì phải ghi địa chỉ.",
        "To be told by letter, give an address.",
    ),
}
