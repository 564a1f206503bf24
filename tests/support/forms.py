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
    "until": "2026-11-03",
    "closed_on": "2025-12-08",
    "from_time": "",
    "until_time": "11:00",
    "number": "RB123456789VN",
    "return_parcel": "RB123456789VN",
    "old_id_number": "385123456",
    "representative.id_number": "095083004321",
    "card": "",  # everything is typed
}
"""What somebody fills in who knows, by a field's whole name or the end of it; in other fields a sentence."""
CHANGED = "phone"
"""What somebody changes who corrects what is there."""
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
        if any(_asked(form)):  # otherwise it is a button alone: nothing can be wrong
            for what, fill in (("well", _well), ("empty", _empty), ("wrong", _wrong), ("too long", _too_long)):
                yield from _sendings(form, path, what, fill)


def confirmations(page: Element, path: str) -> Iterator[Sending]:
    """Every form of a page that asks whether what was sent is right, as somebody sends it for whom it is.

    Args:
        page: with the forms.
        path: of the page.
    """
    for form in page.all("form"):
        if form.get("method") == "post":
            yield from _sendings(form, path, "confirmed", _well)


def _sendings(form: Element, path: str, what: str, fill: Callable[[Element], Fields]) -> Iterator[Sending]:
    hidden: Fields = {}
    for one in form.all("input"):
        if one.get("type") == "hidden":
            hidden.setdefault(one.get("name"), []).append(one.get("value"))
    for button, action in _buttons(form):
        place = urljoin(path, action or form.get("action") or path)
        uploads = form.get("enctype") == "multipart/form-data"
        yield Sending(what, form.get("method") or "get", place, hidden | fill(form) | button, uploads)


def _buttons(form: Element) -> list[tuple[Fields, str]]:
    """What each button adds to a form, and where it sends it to, if elsewhere."""
    pressed = [one for one in form.all("button") if one.get("type") in ("", "submit") and one.get("name")]
    return [({one.get("name"): one.get("value")}, one.get("formaction")) for one in pressed] or [({}, "")]


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
        whole, end = one.get("name"), one.get("name").rpartition(".")[2]
        known = WELL.get(whole, WELL.get(end, "Theo đề nghị của người nộp."))
        return known if end == CHANGED else one.get("value") or known

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
    if one.tag == "select":
        return next(filter(None, options), "")
    return one.attributes.get("value", "on")  # what is usual may have an empty value
