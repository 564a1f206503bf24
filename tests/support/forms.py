"""The forms of a page, as somebody sends them who fills in nothing, or everything, wrongly or well, in a browser without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urljoin

from tests.support.html import Element

Fields = dict[str, Any]
SMALL = 12_000
"""Characters of all texts that are too long together: a form that is longer is refused unread."""
LONGEST = 3_000
WELL = {
    "id_number": "096185001234",
    "phone": "0912345670",
    "email": "buoi@example.vn",
    "birth_date": "1985-03-02",
    "name": "Nguyễn Thị Bưởi",
    "parcel": "RB123456789VN",
    "amount": "1000",
    "day": "2025-11-03",
}
"""What somebody fills in who knows; in other fields a sentence."""
NO_TEXT = frozenset({"hidden", "checkbox", "radio", "file", "submit", "button", "image", "reset"})


@dataclass(frozen=True)
class Sending:
    """A form as it is sent.

    Attributes:
        what: what is wrong with it.
        method: ``get`` or ``post``.
        path: where it is sent to.
        fields: name → text, texts or a file.
        uploads: whether it is sent as ``multipart/form-data``.
    """

    what: str
    method: str
    path: str
    fields: Fields
    uploads: bool


def sendings(page: Element, path: str) -> Iterator[Sending]:
    """Every form of a page that asks for something: filled in well, empty, wrongly, and too long; once with each of its buttons.

    Args:
        page: with the forms.
        path: of the page.
    """
    for form in page.all("form"):
        if not any(_asked(form)):
            continue  # a button alone: nothing can be wrong
        for button in _buttons(form):
            for what, fill in (("well", _well), ("empty", _empty), ("wrong", _wrong), ("too long", _too_long)):
                hidden = {one.get("name"): one.get("value") for one in form.all("input") if one.get("type") == "hidden"}
                yield Sending(
                    what,
                    form.get("method") or "get",
                    urljoin(path, form.get("action") or path),
                    hidden | fill(form) | button,
                    form.get("enctype") == "multipart/form-data",
                )


def _buttons(form: Element) -> list[Fields]:
    pressed = [one for one in form.all("button") if one.get("type") in ("", "submit") and one.get("name")]
    return [{one.get("name"): one.get("value")} for one in pressed] or [{}]


def _asked(form: Element) -> Iterator[Element]:
    """The fields that somebody can fill in."""
    for one in form.all("input", "select", "textarea"):
        if one.get("name") and (one.tag != "input" or one.get("type") not in ("hidden", "submit", "button", "image")):
            yield one


def _is_text(one: Element) -> bool:
    return one.tag == "textarea" or (one.tag == "input" and one.get("type") not in NO_TEXT)


def _is_file(one: Element) -> bool:
    return one.get("type") == "file"


def _fields(
    form: Element, text: Callable[[Element], str], choice: Callable[[Element], str | None], file: bytes | None
) -> Fields:
    found: Fields = {}
    for one in _asked(form):
        name = one.get("name")
        if _is_text(one):
            found[name] = text(one)
        elif _is_file(one):
            found[name] = (BytesIO(file or b""), "" if file is None else "anh.txt")
        elif name not in found and (chosen := choice(one)) is not None:
            found[name] = chosen
    return found


def _well(form: Element) -> Fields:
    def told(one: Element) -> str:
        return one.get("value") or WELL.get(one.get("name").rpartition(".")[2], "Theo đề nghị của người nộp.")

    return _fields(form, told, _real, None)


def _empty(form: Element) -> Fields:
    def first(one: Element) -> str | None:
        return next((option.get("value") for option in one.all("option")), None)

    return _fields(form, lambda _one: "", first, None)


def _wrong(form: Element) -> Fields:
    return _fields(form, lambda _one: "?!", lambda _one: "no-such-choice", b"no picture")


def _too_long(form: Element) -> Fields:
    length = min(LONGEST, SMALL // max(1, sum(map(_is_text, _asked(form)))))
    return _fields(form, lambda _one: "x" * length, _real, b"x" * LONGEST)


def _real(one: Element) -> str:
    """A choice that there is."""
    options = [option.get("value") for option in one.all("option")]
    return next(filter(None, options), "") if one.tag == "select" else one.get("value") or "on"
