"""SMS encoding and segments: which alphabet a text needs, and how many segments are sent and paid for (3GPP TS 23.038, 23.040).

One Vietnamese letter with diacritics moves the whole text from the 7-bit alphabet (160 characters) to UCS-2 (70);
:mod:`services.notify.channels.sms_folding` removes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

GSM_7 = "gsm-7"
UCS_2 = "ucs-2"

ESCAPE = 0x1B
_ALPHABET = (  # of the codes 0 to 127; the escape is no character
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
BASIC: Mapping[str, int] = {char: code for code, char in enumerate(_ALPHABET) if code != ESCAPE}
"""Character of the GSM-7 default alphabet → its code."""
EXTENSION: Mapping[str, int] = {
    "\f": 0x0A, "^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40, "€": 0x65,
}  # fmt: skip
"""Character of the extension table → its code; it is sent after an escape, so it takes two septets."""
_LIMITS = {GSM_7: (160, 153), UCS_2: (70, 67)}
"""Units of a text in one segment, and of each segment of a longer text, whose header takes 6 octets."""


@dataclass(frozen=True, slots=True)
class Segments:
    """The encoding and the segments of a text.

    Attributes:
        encoding: ``gsm-7`` or ``ucs-2``.
        units: septets (GSM-7) or 16-bit units (UCS-2) of the text.
        count: segments sent and paid for; at least 1.
    """

    encoding: str
    units: int
    count: int


def count_segments(text: str) -> Segments:
    """Counts the segments of a text.

    A character of two units (escaped in GSM-7, a surrogate pair in UCS-2) is never split, so a segment may end one unit early.

    Args:
        text: as it is sent.
    """
    encoding, widths = _widths(text)
    single, each = _LIMITS[encoding]
    units = sum(widths)
    return Segments(encoding, units, 1 if units <= single else len(_ends(widths, each)))


def split_segments(text: str) -> list[str]:
    """Cuts a text into its segments, as many as :func:`count_segments` counts.

    Args:
        text: as it is sent.
    """
    encoding, widths = _widths(text)
    single, each = _LIMITS[encoding]
    if sum(widths) <= single:
        return [text]
    ends = _ends(widths, each)
    return [text[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]


def encode_segment(text: str, encoding: str) -> bytes:
    """A text as octets: one for each septet in GSM-7 (unpacked, as SMPP carries it), two for each unit in UCS-2.

    Args:
        text: a whole text or one segment of it.
        encoding: ``gsm-7`` or ``ucs-2``, of the whole text.

    Raises:
        KeyError: the encoding is GSM-7 and a character is not in it.
    """
    if encoding == UCS_2:
        return text.encode("utf-16-be")
    octets = bytearray()
    for char in text:
        code = BASIC.get(char)
        if code is None:
            octets.append(ESCAPE)
            code = EXTENSION[char]
        octets.append(code)
    return bytes(octets)


_OF_EXTENSION = {code: char for char, code in EXTENSION.items()}


def decode_gsm_7(octets: bytes) -> str:
    """The text of unpacked septets. As 3GPP TS 23.038 says, an unknown escape reads as a space before the character.

    Args:
        octets: one for each septet.
    """
    chars: list[str] = []
    escaped = False
    for octet in octets:
        if not escaped and octet == ESCAPE:
            escaped = True
            continue
        plain = _ALPHABET[octet] if octet < len(_ALPHABET) and octet != ESCAPE else " "
        chars.append(_OF_EXTENSION.get(octet, f" {plain}") if escaped else plain)
        escaped = False
    return "".join(chars)


def _widths(text: str) -> tuple[str, list[int]]:
    """The encoding of a text, and how many units each of its characters takes."""
    if all(char in BASIC or char in EXTENSION for char in text):
        return GSM_7, [2 if char in EXTENSION else 1 for char in text]
    return UCS_2, [2 if ord(char) > 0xFFFF else 1 for char in text]


def _ends(widths: Sequence[int], limit: int) -> list[int]:
    """Where each segment of a longer text ends, as an index of its characters."""
    ends, used = [], 0
    for index, width in enumerate(widths):
        if used + width > limit:
            ends.append(index)
            used = 0
        used += width
    return [*ends, len(widths)]
