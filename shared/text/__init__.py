"""Cleaning of texts that come from outside, one rule for every way in: forms, JSON, imports, look-ups, agencies' software."""

from shared.text.cleaning import (
    UnprintableText,
    clean_code,
    clean_line,
    clean_text,
    comparable_line,
    has_unprintable,
    is_clean,
    prints_something,
)

__all__ = [
    "UnprintableText",
    "clean_code",
    "clean_line",
    "clean_text",
    "comparable_line",
    "has_unprintable",
    "is_clean",
    "prints_something",
]
