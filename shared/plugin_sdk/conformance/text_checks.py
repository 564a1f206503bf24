"""The check that Vietnamese text comes back as it was sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import Any

from shared.plugin_sdk.conformance.check_context import CheckContext, require

REPLACEMENT = "\ufffd"
ECHOED_WORDS = 3
"""So many words in a row are taken from the step, not the program's own."""
BARE_WORDS = 4
"""So many syllables without any mark do not follow each other in a real Vietnamese text."""
_QUESTION_MARK_IN_WORD = re.compile(r"[^\W\d]*\?+[^\W\d]")
_ADDRESS = re.compile(r"\w+://\S+")
_ONSETS = "b|c|ch|d|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|qu|r|s|t|th|tr|v|x"
_VOWELS = "a|ai|ao|au|ay|e|eo|eu|i|ia|ie|ieu|iu|o|oa|oai|oay|oe|oi|oo|u|ua|uay|ue|ui|uo|uoi|uou|uu|uy|uya|uye|y|ye|yeu"
_BARE_SYLLABLE = re.compile(f"(?:{_ONSETS})?(?:{_VOWELS})(?:c|ch|m|n|ng|nh|p|t)?")
WRITTEN_FIELDS = ("note", "reason", "papers")
"""What people read; other fields are codes."""
OUTCOME = "Đủ điều kiện – chuyển Chi cục Thuế"
TEXTS = {
    "name": "Thẩm định hồ sơ, trích lục bản đồ địa chính",
    "procedure_name": "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất",
    "note": "Ông Nguyễn Hữu Nghĩa đã nộp đủ; thửa số 27, ấp Rạch Gốc, xã Phước Long",
}


def vietnamese(context: CheckContext) -> str:
    """Vietnamese text comes back unchanged, byte for byte, and all text is composed Unicode (NFC)."""
    step = context.step(**TEXTS, outcomes=[OUTCOME, "completed"])
    context.send(step)
    for message in context.wait_for_answers(step, "a step with Vietnamese text"):
        outcome = message.data.get("outcome")
        require(
            outcome is None or outcome in step.outcomes,
            f"outcome {outcome!r} ({_code_points(outcome)})\ninstead of {OUTCOME!r} ({_code_points(OUTCOME)})",
        )
        for text in _texts(message.data):
            require(unicodedata.is_normalized("NFC", text), f"{text!r} is not in NFC ({_code_points(text)})")
            require(REPLACEMENT not in text, f"{text!r} contains characters that could not be decoded (U+FFFD)")
            garbled = _garbled(text)
            require(not garbled, f"{text!r} is {garbled!r} decoded with the wrong encoding")
        for text in _texts([message.data.get(name) for name in WRITTEN_FIELDS]):
            damaged = damage(text, (*TEXTS.values(), OUTCOME))
            require(not damaged, f"{text!r} {damaged}")
    return f"{OUTCOME!r} and all other text came back unchanged"


def damage(text: str, originals: Collection[str] = ()) -> str:
    """What is wrong with the letters of a Vietnamese text; empty if nothing is.

    Args:
        text: what the program wrote.
        originals: texts that it may have taken words from.
    """
    text = _ADDRESS.sub("", text)
    if _QUESTION_MARK_IN_WORD.search(text):
        return "has question marks in place of letters: an encoding without Vietnamese letters was on its way. Write UTF-8 throughout."
    for original in originals:
        lost = _echo_without_marks(text, original)
        if lost:
            return f"has lost the marks of {lost!r}: write the text as it came"
    words = re.findall(r"\w+", text)
    if len(words) >= BARE_WORDS and all(_BARE_SYLLABLE.fullmatch(word.lower()) for word in words):
        return "is Vietnamese without its marks: write the letters with them"
    return ""


def _echo_without_marks(text: str, original: str) -> str:
    """The words in a row that the text has from the original, but without their marks; empty if there are none."""
    written, words = _words(text), _words(original)
    bare_written, bare = [without_marks(word) for word in written], [without_marks(word) for word in words]
    for start in range(len(words) - ECHOED_WORDS + 1):
        row = slice(start, start + ECHOED_WORDS)
        for place in range(len(written) - ECHOED_WORDS + 1):
            there = slice(place, place + ECHOED_WORDS)
            if bare_written[there] == bare[row] and written[there] == bare[row] != words[row]:
                return " ".join(words[row])
    return ""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).lower())


def without_marks(text: str) -> str:
    """The text in ASCII letters, as a system without Vietnamese letters would store it."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _garbled(text: str) -> str:
    """The original text, if its UTF-8 was decoded as Latin-1 or Windows-1252; otherwise empty."""
    for encoding in ("latin-1", "cp1252"):
        try:
            original = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if original != text:
            return original
    return ""


def _code_points(text: object) -> str:
    return " ".join(f"{ord(letter):04X}" for letter in str(text)[:12]) + (" …" if len(str(text)) > 12 else "")
