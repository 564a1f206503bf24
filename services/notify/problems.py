"""Domain error → problem details: the one table of notify."""

from __future__ import annotations

from services.notify.access import MESSAGE_READERS, NotMessageReader, WrongAgency
from shared.web.domain_errors import ProblemTable, translation
from shared.web.problem import Problem

PROBLEMS: ProblemTable = {
    NotMessageReader: lambda _: Problem(403, "forbidden", roles=sorted(MESSAGE_READERS)),
    WrongAgency: lambda _: Problem(403, "wrong-agency"),
}


domain_errors_as_problems = translation(PROBLEMS)
