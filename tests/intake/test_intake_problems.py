"""The table of problems covers every error of intake's domain."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

import services.intake
from services.intake.co_signing.domain import ConsentExpired, DraftChanged, NotAllAgreed
from services.intake.dossiers.store import StaleState
from services.intake.filing.domain.dossier_code import BadPattern
from services.intake.filing.domain.identity_document import UnknownDocument
from services.intake.kiosk.printing.delivery import NotPrinted
from services.intake.online.domain import Incomplete, InvalidFields
from services.intake.payments.ledger.domain import Unbalanced
from services.intake.payments.providers.port import NoticeRefused, ProviderError
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from services.intake.procedure_drafts.domain import StaleDraft
from services.intake.procedures.importing import CatalogueChanged, NotInFile
from services.intake.results.domain import EarlyReturnNotAllowed
from services.intake.sign_in.domain import IncompleteIdentity
from shared.auth.message_signature import BadSignature
from shared.regulations import RuleViolation
from shared.uploads.content import Unacceptable
from shared.web.problem import Problem
from tests.intake.service_fixture import reference

NOT_FOR_CALLERS = {
    BadSignature,
    NoticeRefused,
    ProviderError,
    Unbalanced,
    UnknownDocument,
    BadPattern,
    StaleState,
    CatalogueChanged,
    NotInFile,
}  # a setting, invariants, the import command, and what the payment provider says

SHOWN_ON_THEIR_PAGE = {
    ConsentExpired,
    DraftChanged,
    Incomplete,
    IncompleteIdentity,
    InvalidFields,
    NotAllAgreed,
    NotPrinted,
    StaleDraft,
    Unacceptable,
}
"""Their pages catch them and show the form again; there is no API that could raise them."""


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(services.intake.__path__, "services.intake."):
        if "migrations" not in found.name:
            yield importlib.import_module(found.name)


def view_that_raises(error: Exception) -> Callable[[], None]:
    @domain_errors_as_problems()
    def view() -> None:
        raise error

    return view


def test_every_domain_error_has_a_problem() -> None:
    errors = {
        value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == module.__name__
    }
    assert errors - NOT_FOR_CALLERS - SHOWN_ON_THEIR_PAGE == {
        error for error in errors if any(class_ in PROBLEMS for class_ in error.__mro__)
    }
    assert len(errors) > 15


def test_a_broken_rule_becomes_a_problem_whatever_its_class() -> None:
    regulation = reference().regulations.get("nd118-2025")
    number = regulation.find("early_result_notice_first")
    assert number is not None
    assert issubclass(EarlyReturnNotAllowed, RuleViolation)
    error = EarlyReturnNotAllowed("early_result_not_notified", "Sớm", "Early", regulation, number)
    with pytest.raises(Problem) as caught:
        view_that_raises(error)()
    assert caught.value.status == 409


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError):
        view_that_raises(ZeroDivisionError())()
