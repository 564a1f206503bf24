"""Procedures as versioned data: what they are, whether a catalogue of them is sound, and how one is read."""

from __future__ import annotations

from shared.catalogue.faults import Fault, InvalidCatalogue
from shared.catalogue.importing import load_builtin, parse_bytes, parse_data, parse_file
from shared.catalogue.model import (
    Case,
    CaseRequired,
    Fee,
    Limit,
    Obligation,
    Paper,
    PaperCheck,
    Procedure,
    Route,
    Step,
    UnknownCase,
    UnknownOutcome,
    UnknownStep,
)
from shared.catalogue.roles import AGENCY_ROLES, FIELDS, OFFICIAL_ROLES
from shared.catalogue.validation import check_catalogue

__all__ = [
    "AGENCY_ROLES",
    "FIELDS",
    "OFFICIAL_ROLES",
    "Case",
    "CaseRequired",
    "Fault",
    "Fee",
    "InvalidCatalogue",
    "Limit",
    "Obligation",
    "Paper",
    "PaperCheck",
    "Procedure",
    "Route",
    "Step",
    "UnknownCase",
    "UnknownOutcome",
    "UnknownStep",
    "check_catalogue",
    "load_builtin",
    "parse_bytes",
    "parse_data",
    "parse_file",
]
