"""Where a request ends: whatever the pieces it arrives in."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.request_framing import MAX_HEAD_BYTES, Progress, RequestFraming

MAX_BODY = 1000
HEAD = b"POST /a HTTP/1.1\r\nHost: x\r\n"


def chunked(pieces: list[bytes], extension: bytes, trailer: bytes) -> bytes:
    body = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces if piece)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n" + trailer + b"\r\n"


plain = st.binary(max_size=200).map(lambda body: HEAD + b"CONTENT-LENGTH:  %d\r\n\r\n" % len(body) + body)
in_chunks = st.builds(
    chunked,
    st.lists(st.binary(max_size=60), max_size=5),
    st.sampled_from([b"", b";a=b", b' ; a="b"']),
    st.sampled_from([b"", b"A: b\r\n"]),
)
requests = st.one_of(st.just(b"GET / HTTP/1.0\r\n\r\n"), st.just(b"\r\n" + HEAD + b"\r\n"), plain, in_chunks)


@given(request=requests, following=st.binary(max_size=40), cuts=st.lists(st.integers(0, 500), max_size=8))
def test_the_end_is_found_as_soon_as_it_is_there(request: bytes, following: bytes, cuts: list[int]) -> None:
    everything = request + following
    framing, received = RequestFraming(MAX_BODY), bytearray()
    for end in sorted({*(cut for cut in cuts if cut < len(everything)), len(everything)}):
        received += everything[len(received) : end]
        progress = framing.advance(received)
        assert (progress is Progress.WHOLE) == (len(received) >= len(request))
        if progress is Progress.WHOLE:
            assert (framing.end, framing.clean) == (len(request), True)
            return


@pytest.mark.parametrize(
    "request_",
    [HEAD + b"\r\n", HEAD + b"Content-Length: 5\r\n\r\nab\r\n!", chunked([b"a\r\n", b"b"], b"", b"A: b\r\n")],
)
def test_no_cut_between_three_pieces_makes_a_request_look_malformed(request_: bytes) -> None:
    for first, second in combinations(range(1, len(request_)), 2):
        framing = RequestFraming(MAX_BODY)
        for end in (first, second):
            assert framing.advance(bytearray(request_[:end])) in (Progress.HEAD, Progress.BODY), (first, second)
        assert framing.advance(bytearray(request_)) is Progress.WHOLE
        assert framing.clean


@given(st.binary(max_size=400), st.lists(st.integers(1, 50), max_size=20))
def test_any_bytes_are_followed_without_an_error(junk: bytes, sizes: list[int]) -> None:
    for head in (b"", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"):
        framing, received = RequestFraming(MAX_BODY), bytearray()
        for size in sizes:
            received += (head + junk)[len(received) : len(received) + size]
            if framing.advance(received) is not Progress.HEAD and framing.end:
                break


@pytest.mark.parametrize(
    ("received", "progress", "clean"),
    [
        (HEAD + b"Content-Length: 1001\r\n\r\n", Progress.WHOLE, False),  # the application refuses it unread
        (HEAD + b"Content-Length: -1\r\n\r\n", Progress.WHOLE, False),  # the parser refuses it
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", Progress.WHOLE, False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh", Progress.WHOLE, False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfff\r\n" + b"a" * 1001, Progress.WHOLE, False),
        (b"GET / HTTP/1.1\nHost: x\n\n", Progress.WHOLE, False),
        (b"GET /" + b"a" * 5000, Progress.WHOLE, False),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * MAX_HEAD_BYTES, Progress.HEAD_TOO_LONG, True),
        (HEAD, Progress.HEAD, True),
        (HEAD + b"\r", Progress.HEAD, True),
    ],
)
def test_what_cannot_become_a_request_is_left_to_the_parser(received: bytes, progress: Progress, clean: bool) -> None:
    framing = RequestFraming(MAX_BODY)
    assert (framing.advance(bytearray(received)), framing.clean) == (progress, clean)


def test_tiny_chunks_cause_bounded_work() -> None:
    framing = RequestFraming(1 << 20)
    received = bytearray(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 100_000)
    assert framing.advance(received) is Progress.BODY_TOO_LONG
