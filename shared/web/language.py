"""The language of pages: one at a time, Vietnamese unless a person chose English; the choice is remembered in a cookie.

Texts stand in pairs where they are used, the Vietnamese first: in templates, in data files, in labels and in problem details. So neither
can be forgotten, and both are read and changed together.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, has_request_context, request
from jinja2 import pass_context
from markupsafe import Markup, escape

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
"""What each language calls itself; the first is the default."""
DEFAULT = "vi"
ARGUMENT = "lang"
COOKIE = "motcua_language"
YEAR = 365 * 24 * 3600


def language() -> str:
    """The language of the page that is being made: as the address says, else as the browser remembers, else Vietnamese."""
    if not has_request_context():
        return DEFAULT
    if "motcua_language" not in g:
        wanted = (request.args.get(ARGUMENT, ""), request.cookies.get(COOKIE, ""))
        g.motcua_language = next((one for one in wanted if one in LANGUAGES), DEFAULT)
    found: str = g.motcua_language
    return found


def text(vi: str, en: str, **values: Any) -> str:
    """One text in the language of the page.

    Args:
        vi, en: the text in both languages.
        **values: put in place of ``{name}``, escaped unless they are markup.
    """
    chosen = vi if language() == "vi" else en
    return Markup(escape(chosen)).format(**values) if values else chosen


def vietnamese(words: str) -> str:
    """Words that are Vietnamese in every language, such as names: marked as such on a page of another language."""
    return words if language() == "vi" else Markup('<span lang="vi">{}</span>').format(words)


def other_language(plain_address: bool = False) -> dict[str, str]:
    """The language that the page can be switched to: its code, its name, and the address of the same page in it.

    Args:
        plain_address: leave the query of the present address out, for a page that is made once for all.
    """
    other = next(one for one in LANGUAGES if one != language())
    arguments = [
        (name, value) for name, value in request.args.items(multi=True) if name != ARGUMENT and not plain_address
    ]
    address = f"{request.path}?{urlencode([*arguments, (ARGUMENT, other)])}"
    return {"code": other, "name": LANGUAGES[other], "address": address}


def prepare_languages(app: Flask, secure: bool) -> None:
    """Gives an app's templates their language, and remembers a choice.

    Args:
        app: its templates extend ``base.html``.
        secure: whether the cookie is sent over TLS only.
    """
    app.jinja_env.globals.update(t=text, language=language, other_language=other_language)
    # given the context, the template compiler cannot work it out once and for all languages
    app.jinja_env.filters["vi"] = pass_context(lambda _context, words: vietnamese(words))

    def remember(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.vary.add("Cookie")
            if request.args.get(ARGUMENT) in LANGUAGES:
                response.set_cookie(
                    COOKIE, language(), max_age=YEAR, secure=secure, httponly=True, samesite="Lax", path="/"
                )
        return response

    app.after_request(remember)
