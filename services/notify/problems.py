"""Domain error → problem details: the one table of notify."""

from __future__ import annotations

from services.notify.access import MESSAGE_READERS, NoOwnAgency, NotMessageReader, NotRecipientKeeper, WrongAgency
from services.notify.overview.commands import NotResendable, UnknownDelivery
from services.notify.post.problems import POST_PROBLEMS
from services.notify.reports.commands import RecipientError, UnknownRecipient
from services.notify.templates.commands import NoSuchTemplate, TooManyTests, UnusableAddress
from services.notify.templates.domain import TemplateError
from shared.web.domain_errors import ProblemTable, translation
from shared.web.problem import Problem

PROBLEMS: ProblemTable = {
    **POST_PROBLEMS,
    NotRecipientKeeper: lambda _: Problem(403, "wrong-agency"),
    UnknownRecipient: lambda _: Problem(404, "not-found"),
    RecipientError: lambda error: _field(error.field, error.vi, error.en),
    NotMessageReader: lambda _: Problem(403, "forbidden", roles=sorted(MESSAGE_READERS)),
    WrongAgency: lambda _: Problem(403, "wrong-agency"),
    NoOwnAgency: lambda _: Problem(403, "wrong-agency"),
    UnknownDelivery: lambda _: Problem(404, "not-found"),
    NotResendable: lambda error: Problem(409, "conflict", detail=error.vi, detail_en=error.en),
    NoSuchTemplate: lambda _: Problem(404, "not-found"),
    TemplateError: lambda error: _field("text", f"Mẫu không dùng được: {error}", f"This text cannot be used: {error}"),
    TooManyTests: lambda _: _field(
        "address",
        "Đã gửi thử quá nhiều trong một giờ; mời ông/bà chờ.",
        "Too many tests were sent within an hour; please wait.",
    ),
    UnusableAddress: lambda _: _field(
        "address", "Không gửi được đến số hoặc địa chỉ này.", "Nothing can be sent to this number or address."
    ),
}


def _field(field: str, vi: str, en: str) -> Problem:
    return Problem(422, "invalid", errors=[{"field": field, "message": vi, "message_en": en}])


domain_errors_as_problems = translation(PROBLEMS)
