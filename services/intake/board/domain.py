"""What a board shows and says of numbers: calls in words, and codes that only their holders recognise. Pure rules."""

from __future__ import annotations

import re

from shared.documents.words import digits_in_words, number_in_words

HIDDEN = "•"
_ENGLISH_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LAST_NUMBER = re.compile(r"([0-9]+)(?=[^0-9]*$)")
SHOWN_DIGITS = 2
"""Last digits of a dossier's number that are shown: with the day, enough to know one's own."""


def spoken_call(number: str, counter: int, language: str) -> str:
    """The announcement of a call, each digit of the number by itself: *Mời số A không một hai đến quầy ba*."""
    if language == "en":
        signs = " ".join(_ENGLISH_DIGITS[int(one)] if one.isascii() and one.isdigit() else one for one in number)
        return f"Number {signs}, please go to counter {counter}"
    return f"Mời số {digits_in_words(number)} đến quầy {number_in_words(counter)}"


def masked_code(code: str) -> str:
    """A dossier's code without the agency, and with only the last digits of its number: *…-251120-••18*."""
    found = _LAST_NUMBER.search(code)
    if found is None:
        return HIDDEN * len(code)
    number = found[1]
    kept = min(SHOWN_DIGITS, len(number) - 1)
    hidden = HIDDEN * (len(number) - kept) + number[len(number) - kept :]
    before = [part for part in re.split(r"[-./]", code[: found.start()]) if part]
    return f"{before[-1]}-{hidden}" if before else hidden
