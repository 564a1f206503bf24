"""What a browser is answered that types in a wrong pairing code."""

from __future__ import annotations

from shared.auth.pairing_code import WrongPairingCode
from shared.persistence.wrong_tries import TooManyTries
from shared.web.problem import Problem


def wrong_pairing_code(_error: WrongPairingCode) -> Problem:
    """The code is wrong."""
    return Problem(
        404,
        "not-found",
        detail="Mã ghép nối không đúng hoặc đã hết hạn. Mã chỉ dùng được một lần.",
        detail_en="The pairing code is wrong, or its time is over. It works only once.",
    )


def too_many_pairing_codes(error: TooManyTries) -> Problem:
    """So were many before it."""
    minutes = -(-error.seconds // 60)
    return Problem(
        429,
        "too-many-requests",
        detail=f"Mã ghép nối không đúng, và đã có quá nhiều lần nhập sai. Thử lại sau {minutes} phút.",
        detail_en=f"The pairing code is wrong, and there were too many wrong tries. Try again in {minutes} minutes.",
        headers={"Retry-After": str(error.seconds)},
        retry_after=error.seconds,
    )
