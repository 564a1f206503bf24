"""Characters that texts from outside must not hold."""

from __future__ import annotations

import unicodedata


def has_control_characters(text: str) -> bool:
    """Return whether `text` holds lone surrogates, or control characters other than line feed and tab."""
    return any(unicodedata.category(char) in ("Cs", "Cc") and char not in "\n\t" for char in text)
