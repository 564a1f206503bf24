"""What devices and those who pair them are answered when something is wrong."""

from __future__ import annotations

from services.rating.devices.domain import NotPaired, UnknownReview
from shared.auth.pairing_code import WrongPairingCode
from shared.web.domain_errors import ProblemTable
from shared.web.pairing_problems import wrong_pairing_code
from shared.web.problem import Problem

DEVICE_PROBLEMS: ProblemTable = {
    WrongPairingCode: wrong_pairing_code,
    NotPaired: lambda _: Problem(401, "unauthenticated"),
    UnknownReview: lambda _: Problem(
        404,
        "not-found",
        detail="Không có đánh giá để riêng này, hoặc đã có người quyết định khác.",
        detail_en="No such rating lies aside, or somebody has decided otherwise.",
    ),
}
