"""The applicant: names, telephone numbers and identity numbers as they are written in Vietnam."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.text import UnprintableText, clean_line

MAX_NAME = 200
MAX_ADDRESS = 500
MAX_EMAIL = 254
MAX_NOTE = 500

_SEPARATORS = re.compile(r"[\s.()\-\u2010-\u2013]+")
_MOBILE = re.compile(r"0[35789][0-9]{8}")
_FIXED = re.compile(r"02[0-9]{8,9}")
_TAX_BRANCH = re.compile(r"([0-9]{10})-?([0-9]{3})")
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


@dataclass(frozen=True, slots=True)
class Applicant:
    """The person or organisation that files a dossier. Personal data: kept in intake, and as contact in notify.

    Attributes:
        name: Unicode NFC, with single spaces.
        id_number: 12 digits (citizen's number), 9 (old identity card), 10 or 13 (tax number of an organisation or branch).
        phone: national form, starting with 0.
        email: may be empty.
        address: may be empty.
    """

    name: str
    id_number: str
    phone: str
    email: str = ""
    address: str = ""


def make_applicant(
    name: str, id_number: str, phone: str, email: str = "", address: str = ""
) -> tuple[Applicant | None, list[InvalidField]]:
    """An applicant from the texts typed, or all their faults.

    Args:
        name, id_number, phone, email, address: as typed.

    Returns:
        the applicant and no faults, or None and at least one.
    """
    faults: list[InvalidField] = []
    values: dict[str, str] = {}
    for field, rule, text in (
        ("name", person_name, name),
        ("id_number", identity_number, id_number),
        ("phone", phone_number, phone),
        ("email", email_address, email),
        ("address", postal_address, address),
    ):
        try:
            values[field] = rule(text)
        except InvalidField as fault:
            faults.append(fault)
    return (None, faults) if faults else (Applicant(**values), [])


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
    """A Vietnamese telephone number in national form: +84, 0084 and 84 become 0, separators are removed.

    Raises:
        InvalidField: neither a mobile (10 digits: 03, 05, 07, 08, 09) nor a fixed number (10 or 11 digits: 02).
    """
    digits = _SEPARATORS.sub("", text)
    for prefix in ("+84", "0084", "84"):
        # No national number starts with 84, since all start with 0.
        if digits.startswith(prefix):
            digits = "0" + digits.removeprefix(prefix).removeprefix("0")
            break
    if _MOBILE.fullmatch(digits) or _FIXED.fullmatch(digits):
        return digits
    raise InvalidField(
        "phone", "Không phải số điện thoại Việt Nam (ví dụ 0912345678).", "Not a Vietnamese telephone number."
    )


def is_mobile(phone: str) -> bool:
    """Whether a number in national form is a mobile number, which can receive SMS."""
    return _MOBILE.fullmatch(phone) is not None


def identity_number(text: str) -> str:
    """A personal identity number (12 digits, or 9 on old cards) or a tax number (10, or 13 for a branch), digits only.

    Raises:
        InvalidField: another number of digits, or other characters.
    """
    digits = re.sub(r"[\s.]+", "", text)
    branch = _TAX_BRANCH.fullmatch(digits)
    if branch:
        return branch.group(1) + branch.group(2)
    if digits.isascii() and digits.isdigit() and len(digits) in (9, 10, 12):
        return digits
    raise InvalidField(
        "id_number",
        "Phải là số định danh/CCCD 12 chữ số, CMND 9 chữ số hoặc mã số thuế 10 hay 13 chữ số.",
        "Must be an identity number of 12 or 9 digits or a tax number of 10 or 13.",
    )


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
