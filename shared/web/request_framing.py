"""Where a request ends in the bytes received so far (RFC 9112), so that a thread is given whole requests only.

Nothing is judged here: gunicorn's parser does that. Bytes that cannot become a request count as whole, and the parser refuses them.
"""

from __future__ import annotations

import re
from enum import Enum, auto

MAX_HEAD_BYTES = 32_768
MAX_LINE_BYTES = 4_094
"""The longest request line; as gunicorn's own limit."""
MAX_CHUNK_OVERHEAD_BYTES = 65_536
"""Sizes, line ends and trailers of a chunked body; bounds the work that tiny chunks cause."""
UPLOADS_TO = b"post /intake/online/drafts/"
"""How a request begins, in small letters, that may bring files: the only ones whose bodies may be longer than others."""
MAX_UPLOAD_BYTES = 21 << 20
"""A file and its form."""
_HEAD_END = b"\r\n\r\n"
_CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}[ \t]*(?:;.*)?", re.DOTALL)
_CODING = re.compile(rb"\r\ntransfer-encoding:([^\r]*?)[ \t]*\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n")


class Progress(Enum):
    """How much of a request is there."""

    HEAD = auto()
    BODY = auto()
    WHOLE = auto()
    HEAD_TOO_LONG = auto()
    BODY_TOO_LONG = auto()


class RequestFraming:
    """Follows one request while its bytes arrive.

    Args:
        max_body: the longest body in bytes. A request that declares more is whole with its head: the application refuses it unread.

    Attributes:
        end: the request's length in bytes; set when it is whole.
        max_body: the longest body; longer than others for a request that may bring files.
        clean: whether the next request begins at `end`; otherwise the connection must be closed after the answer.
        refused_unread: whether the body is declared longer than allowed, and none of it was received.
        awaits_continue: whether the client waits for an interim answer before it sends the body (RFC 9110, section 10.1.1).
    """

    __slots__ = (
        "_body",
        "_chunk",
        "_chunked",
        "_counted",
        "_decoded",
        "_searched",
        "awaits_continue",
        "clean",
        "end",
        "max_body",
        "refused_unread",
    )

    def __init__(self, max_body: int) -> None:
        self.max_body = max_body
        self._searched = 0  # up to here there is no end of the head
        self._counted = 0  # up to here each line of the head ends as it should
        self._body = 0  # where the body begins; 0 while the head is incomplete
        self._chunked = False
        self._chunk = 0  # where the next chunk begins
        self._decoded = 0
        self.end = 0
        self.clean = True
        self.refused_unread = False
        self.awaits_continue = False

    def advance(self, received: bytearray) -> Progress:
        """Looks at the bytes received so far; they may only grow between two calls."""
        if not self._body:
            start = received.find(_HEAD_END, self._searched)
            if start < 0:
                return self._incomplete_head(received)
            if start > MAX_HEAD_BYTES:
                return Progress.HEAD_TOO_LONG
            if not self._read_head(bytes(received[: start + 4]).lower()):
                return self._hopeless(received)
        if self._chunked:
            return self._follow_chunks(received)
        return Progress.WHOLE if len(received) >= self.end else Progress.BODY

    def _incomplete_head(self, received: bytearray) -> Progress:
        new = self._counted
        self._searched, self._counted = max(0, len(received) - 3), len(received)
        # the \r of the first new \n may have come before
        bare = received.count(b"\n", new) > received.count(b"\r\n", max(0, new - 1))
        if bare or (len(received) > MAX_LINE_BYTES + 4 and received.find(b"\r\n", 2, MAX_LINE_BYTES + 4) < 0):
            return self._hopeless(received)
        return Progress.HEAD_TOO_LONG if len(received) > MAX_HEAD_BYTES else Progress.HEAD

    def _read_head(self, head: bytes) -> bool:
        """Notes how long the body is; says whether that can be told."""
        self._body = self.end = self._chunk = len(head)
        if head.startswith(UPLOADS_TO):
            self.max_body = max(self.max_body, MAX_UPLOAD_BYTES)
        coding = _CODING.search(head)
        lengths = head.count(b"\r\ncontent-length:")
        self._chunked = coding is not None and coding[1].endswith(b"chunked")
        if lengths + (coding is not None) > 1 or (coding is not None and not self._chunked):
            return False
        if lengths:
            declared = _LENGTH.search(head)
            if declared is None:
                return False
            length = int(declared[1])
            if length > self.max_body:
                self.clean, self.refused_unread = False, True
                return True
            self.end += length
        self.awaits_continue = b"\r\nexpect: 100-continue" in head and b" http/1.0\r\n" not in head
        return True

    def _follow_chunks(self, received: bytearray) -> Progress:
        while True:
            line_end = received.find(b"\r\n", self._chunk)
            if self._chunk - self._body - self._decoded > MAX_CHUNK_OVERHEAD_BYTES:
                return Progress.BODY_TOO_LONG
            if line_end < 0:
                return Progress.BODY if len(received) - self._chunk < MAX_LINE_BYTES else self._hopeless(received)
            line = received[self._chunk : line_end]
            if not _CHUNK_SIZE.fullmatch(line):
                return self._hopeless(received)
            size = int(line.partition(b";")[0], 16)
            data = line_end + 2
            if size == 0:
                return self._follow_trailer(received, data)
            if self._decoded + min(size, len(received) - data) > self.max_body:
                return self._hopeless(received)  # the application refuses it when it has read too much
            if len(received) < data + size + 2:
                return Progress.BODY
            if received[data + size : data + size + 2] != b"\r\n":
                return self._hopeless(received)
            self._decoded += size
            self._chunk = data + size + 2

    def _follow_trailer(self, received: bytearray, start: int) -> Progress:
        if received[start : start + 2] == b"\r\n":
            self.end = start + 2
            return Progress.WHOLE
        found = received.find(_HEAD_END, start)
        if found >= 0:
            self.end = found + 4
            return Progress.WHOLE
        return Progress.BODY if len(received) - start < MAX_HEAD_BYTES else Progress.BODY_TOO_LONG

    def _hopeless(self, received: bytearray) -> Progress:
        self.end, self.clean = len(received), False
        return Progress.WHOLE
