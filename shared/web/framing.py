"""Pages that other sites may show in a frame: only what is public and has no form."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {}"
)


def allow_framing(response: Response, origins: Sequence[str]) -> Response:
    """Lets some sites show an answer in a frame; without any, nobody may, as everywhere else.

    The answer must show what is public and have no form, since a page in a frame can be laid under another one.

    Args:
        response: changed and returned.
        origins: such as ``https://www.example.gov.vn``, of the settings.
    """
    if origins:
        response.headers["Content-Security-Policy"] = POLICY.format(" ".join(("'self'", *origins)))
    return response
