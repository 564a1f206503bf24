"""Requests whose body exceeds the limit are refused, never cut off silently."""

from __future__ import annotations

from functools import cached_property
from typing import IO, cast

from flask import Request
from werkzeug.wsgi import LimitedStream, get_input_stream


class _BoundedStream(LimitedStream):
    """Werkzeug's limited stream; reading all of it fails beyond the limit instead of returning a part as the whole."""

    def readall(self) -> bytes:
        """Everything that is left.

        Raises:
            werkzeug.exceptions.RequestEntityTooLarge: the body is longer than the limit.
        """
        data = super().readall()
        if self.is_exhausted:
            self.on_exhausted()
        return data


class BoundedRequest(Request):
    """A request whose chunked body (no Content-Length) has the same limit as any other."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body.

        Raises:
            werkzeug.exceptions.RequestEntityTooLarge: at once if the length is declared, else when reading reaches the limit.
        """
        limit = self.max_content_length
        if self.content_length is not None or limit is None:
            return get_input_stream(self.environ, max_content_length=limit)
        # one byte more than allowed: only a body over the limit can exhaust the stream
        return cast(IO[bytes], _BoundedStream(get_input_stream(self.environ), limit + 1, is_max=True))
