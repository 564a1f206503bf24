"""Request bodies end at the limit, and never silently."""

from __future__ import annotations

from functools import cached_property
from typing import IO, cast

from flask import Request
from werkzeug.wsgi import LimitedStream, get_input_stream


class _Bounded(LimitedStream):
    """Werkzeug's limited stream, but reading all of it fails beyond the limit instead of handing out a part as the whole."""

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
    """A request whose chunked body (without a Content-Length) is limited like any other."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body.

        Raises:
            werkzeug.exceptions.RequestEntityTooLarge: at once where the length is declared, else when reading comes to it.
        """
        limit = self.max_content_length
        if self.content_length is not None or limit is None:
            return get_input_stream(self.environ, max_content_length=limit)
        # one byte more than allowed: only who sends that much can exhaust the stream
        return cast(IO[bytes], _Bounded(get_input_stream(self.environ), limit + 1, is_max=True))
