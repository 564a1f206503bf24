"""Reads the rating form from ``data/form.json``. Another question is a change of data, not of code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from services.rating.ratings.domain import Form, Label

FORM_FILE = Path(__file__).parent.parent / "data" / "form.json"


@cache
def rating_form() -> Form:
    """The form in force."""
    content = json.loads(FORM_FILE.read_text(encoding="utf-8"))
    return Form(
        invitation_days=content["invitation_days"],
        comment_characters=content["comment_characters"],
        scores={entry["score"]: Label(entry["vi"], entry["en"]) for entry in content["scores"]},
        criteria={entry["name"]: Label(entry["vi"], entry["en"]) for entry in content["criteria"]},
    )
