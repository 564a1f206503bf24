"""Writes a text with the characters of GSM-7: ``Hồ sơ đã nhận`` → ``Ho so da nhan``, ``120 m²`` → ``120 m2``.

Removing the diacritics trades legibility for money (160 characters in a segment instead of 70); the templates' data file decides it.
Nothing becomes ``?``: what has no sensible spelling in GSM-7, such as a Chinese character, stays, and the text is sent in UCS-2.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from services.notify.channels.sms_segments import BASIC, EXTENSION
from shared.text import UnprintableText, clean_text

_SPELLINGS = {
    "đ": "d", "Đ": "D", "Ð": "D", "ð": "d", "þ": "th", "Þ": "Th", "œ": "oe", "Œ": "OE", "ĳ": "ij", "Ĳ": "IJ",
    "ı": "i", "ŋ": "ng", "Ŋ": "Ng", "ĸ": "k", "ſ": "s", "ẞ": "SS", "ƒ": "f", "Ə": "E", "ə": "e", "₫": "d", "×": "x",
    "÷": "/", "±": "+/-", "∓": "-/+", "≤": "<=", "≥": ">=", "≠": "<>", "≈": "~", "≃": "~", "→": "->", "←": "<-",
    "⇒": "=>", "↔": "<->", "√": "V", "∞": "vo cung", "°": " do ", "º": "o", "ª": "a", "©": "(c)", "®": "(R)",
    "™": "TM", "№": "So", "℃": " do C", "℉": " do F", "‰": " phan nghin", "¢": "c", "¶": "", "•": "-", "·": ".",
    "‧": ".", "∙": "-", "●": "-", "○": "-", "◦": "-", "■": "-", "□": "-", "▪": "-", "▫": "-", "★": "*", "☆": "*",
    "✓": "v", "✔": "v", "✗": "x", "✘": "x", "¦": "|", "¬": "-", "´": "'", "`": "'", "¨": '"', "¯": "-", "¸": ",",
    "′": "'", "″": '"', "‹": "'", "›": "'", "«": '"', "»": '"', "‚": "'", "„": '"', "†": "+", "‡": "+", "‣": "-",
    "⁃": "-", "⁄": "/", "∕": "/", "∗": "*", "∼": "~", "―": "-", "ʻ": "'", "ʾ": "'", "ʿ": "'", "ʼ": "'", "、": ",", "。": ".", "「": '"',
    "」": '"', "『": '"', "』": '"', "〈": "<", "〉": ">", "《": '"', "》": '"', "【": "[", "】": "]", "µ": "u", "μ": "u",
    "ȷ": "j", "‖": "||", "‿": "_", "⁓": "~", "⁻": "-", "₋": "-", "＇": "'", "‵": "'", "‶": '"', "‷": '"', "※": "*",
}  # fmt: skip
"""Characters whose spelling follows from no rule."""

_OF_LETTER = re.compile(r"LATIN (SMALL|CAPITAL) LETTER ([A-Z]{1,2})( WITH .*)?")
_BEFORE_FRACTION = re.compile(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e\u2189])")  # 1½ is "1 1/2", never "11/2"
_SPACES = re.compile("  +")


def remove_diacritics(text: str) -> str:
    """The text as it is sent in GSM-7: no diacritics, no invisible signs, and the usual spelling of other signs."""
    if fits_gsm_7(text) and text.isascii():
        return text
    try:
        text = clean_text(text)
    except UnprintableText:
        text = "".join(char for char in text if char.isprintable() or char == "\n")
    text = _BEFORE_FRACTION.sub(" ", text)
    folded = "".join(map(_fold, text))
    return _SPACES.sub(" ", folded) if "  " not in text else folded


@lru_cache(maxsize=4096)
def _fold(char: str) -> str:
    """The spelling of one character; itself if it has none."""
    found = _SPELLINGS.get(char)
    if found is not None or char.isascii():
        return char if found is None else found
    category = unicodedata.category(char)
    if category == "Zs":
        return " "
    if category == "Pd":
        return "-"
    if category in ("Pi", "Pf"):
        return "'" if "SINGLE" in unicodedata.name(char, "") else '"'
    if category == "Mn":
        return ""
    return _decomposed(char)


def _decomposed(char: str) -> str:
    parts = unicodedata.normalize("NFKD", char)
    if parts != char:
        return "".join(_fold(part) for part in parts if not unicodedata.combining(part))
    number = unicodedata.numeric(char, -1)  # circled numbers and the like
    if number >= 0 and number == int(number) and not char.isalpha():
        return str(int(number))
    letter = _OF_LETTER.fullmatch(unicodedata.name(char, ""))
    if letter and char not in BASIC:
        return letter.group(2) if letter.group(1) == "CAPITAL" else letter.group(2).lower()
    return char


def fits_gsm_7(text: str) -> bool:
    """Whether all characters are of GSM-7."""
    return all(char in BASIC or char in EXTENSION for char in text)
