"""SMS encoding and segments: which alphabet a text needs, and how many segments are sent and paid for (3GPP TS 23.038, 23.040).

One Vietnamese letter with diacritics moves the whole text from the 7-bit alphabet (160 characters) to UCS-2 (70);
:mod:`services.notify.channels.sms_folding` removes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

GSM_7 = "gsm-7"
UCS_2 = "ucs-2"

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")  # each is sent as an escape and a character: two septets
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
    if all(char in BASIC or char in EXTENSION for char in text):
        encoding, widths = GSM_7, [2 if char in EXTENSION else 1 for char in text]
    else:
        encoding, widths = UCS_2, [2 if ord(char) > 0xFFFF else 1 for char in text]
    single, each = _LIMITS[encoding]
    units = sum(widths)
    return Segments(encoding, units, 1 if units <= single else _segments_needed(widths, each))


def _segments_needed(widths: Iterable[int], limit: int) -> int:
    count, used = 1, 0
    for width in widths:
        if used + width > limit:
            count, used = count + 1, 0
        used += width
    return count
