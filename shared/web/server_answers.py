"""Answers of the server itself to what is not a request: problems, as the applications answer them."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

import orjson

from shared.web.problem_titles import CONTENT_TYPE, SLUGS, TITLES, TYPE_PREFIX


@cache
def server_answer(status: int) -> bytes:
    """A whole HTTP answer that ends the connection.

    Args:
        status: one of :data:`shared.web.problem_titles.SLUGS`.
    """
    slug = SLUGS[status]
    title, title_en = TITLES[slug]
    body = orjson.dumps({"type": TYPE_PREFIX + slug, "title": title, "title_en": title_en, "status": status})
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        f"Content-Type: {CONTENT_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
