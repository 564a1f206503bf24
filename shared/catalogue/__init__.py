"""Procedures (thủ tục hành chính) as versioned data: the model, validation, and import of catalogues."""

from __future__ import annotations

from shared.catalogue.agency_resolution import UnresolvedStep, unresolved_steps
from shared.catalogue.condition import NO_FACTS, Condition, Facts
from shared.catalogue.differences import differences
from shared.catalogue.importing import (
    HeldBack,
    Import,
    load_builtin,
    parse_bytes,
    parse_data,
    parse_file,
    read_import,
)
from shared.catalogue.model import (
    AUDIENCES,
    LEVELS,
    Answer,
    BadChoice,
    Case,
    CaseRequired,
    Fee,
    Form,
    LinkedGroup,
    LinkedProcedure,
    Obligation,
    Output,
    Paper,
    Procedure,
    Question,
    Route,
    Shortening,
    StatutoryLimit,
    Step,
    SubProcedure,
    UnknownCase,
    UnknownOutcome,
    UnknownStep,
)
from shared.catalogue.provincial import Unread
from shared.catalogue.roles import AGENCY_ROLES, FIELDS, OFFICIAL_ROLES
from shared.catalogue.validation.catalogue import check_catalogue

__all__ = [
    "AGENCY_ROLES",
    "AUDIENCES",
    "FIELDS",
    "LEVELS",
    "NO_FACTS",
    "OFFICIAL_ROLES",
    "Answer",
    "BadChoice",
    "Case",
    "CaseRequired",
    "Condition",
    "Facts",
    "Fee",
    "Form",
    "HeldBack",
    "Import",
    "LinkedGroup",
    "LinkedProcedure",
    "Obligation",
    "Output",
    "Paper",
    "Procedure",
    "Question",
    "Route",
    "Shortening",
    "StatutoryLimit",
    "Step",
    "SubProcedure",
    "UnknownCase",
    "UnknownOutcome",
    "UnknownStep",
    "Unread",
    "UnresolvedStep",
    "check_catalogue",
    "differences",
    "load_builtin",
    "parse_bytes",
    "parse_data",
    "parse_file",
    "read_import",
    "unresolved_steps",
]
