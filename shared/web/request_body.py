"""Requests whose body exceeds the limit are refused, never cut off silently; forms and query strings come cleaned."""

from __future__ import annotations

from functools import cached_property
from typing import IO, cast

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wsgi import LimitedStream, get_input_stream

from shared.web.incoming_text import clean_fields, require_utf8


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
    """A request whose chunked body (no Content-Length) has the same limit as any other, and whose fields are cleaned texts."""

    @cached_property
    def args(self) -> ImmutableMultiDict[str, str]:
        """The fields of the query string.

        Raises:
            shared.web.problem.Problem: 422, a text cannot be printed.
        """
        return clean_fields(super().args.items(multi=True))

    def _load_form_data(self) -> None:
        if "form" not in self.__dict__:
            require_utf8(self.content_type or "")
            super()._load_form_data()
            self.__dict__["form"] = clean_fields(self.__dict__.pop("form").items(multi=True))

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
