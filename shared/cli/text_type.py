"""Texts that a person types at the terminal, cleaned as in forms and APIs (:mod:`shared.text`)."""

from __future__ import annotations

from typing import Any

import click

from shared.text import UnprintableText, clean_code, clean_line


class CleanLine(click.ParamType[str]):
    """A text on one line: a reason, a name.

    Args:
        most: characters.
    """

    name = "text"

    def __init__(self, most: int = 200) -> None:
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Cleans the text, or refuses what cannot be printed."""
        try:
            text = clean_line(value)
        except UnprintableText:
            self.fail(f"{value!r} holds a character that cannot be printed", param, ctx)
        if len(text) > self.most:
            self.fail(f"the text has {len(text)} characters, at most {self.most} are possible", param, ctx)
        return text


class CleanCode(click.ParamType[str]):
    """The code of a dossier, however it was typed or pasted; codes of agencies are lines, since they may hold an underscore."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Cleans the code."""
        return clean_code(value)


LINE, CODE = CleanLine(), CleanCode()
