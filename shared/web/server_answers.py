"""Answers of the server itself to what is not a request: problems, as the applications answer them."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

import orjson

from shared.web.problem_titles import CONTENT_TYPE, SLUGS, TITLES, TYPE_PREFIX


@cache
def server_answer(status: int, retry_after: int = 0, keep: bool = False) -> bytes:
    """A whole HTTP answer.

    Args:
        status: one of :data:`shared.web.problem_titles.SLUGS`.
        retry_after: seconds until the same request may succeed; 0 if it may not.
        keep: whether the connection stays open after it.
    """
    slug = SLUGS[status]
    title, title_en = TITLES[slug]
    members = {"type": TYPE_PREFIX + slug, "title": title, "title_en": title_en, "status": status}
    body = orjson.dumps(members | ({"retry_after": retry_after} if retry_after else {}))
    further = (f"Retry-After: {retry_after}\r\n" if retry_after else "") + ("" if keep else "Connection: close\r\n")
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
        f"Content-Type: {CONTENT_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        f"{further}\r\n"
    )
    return head.encode("ascii") + body
