"""Places: what a number can be asked by, and the levels of detail at which totals are kept."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """What a fact can be filtered by; "" is what is not known.

    Attributes:
        agency: that has received the dossier.
        handling_agency: that decides on it.
        field: of the procedure.
        procedure: its code.
        channel: by which it was filed.
    """

    agency: str
    handling_agency: str
    field: str
    procedure: str
    channel: str


NOWHERE = Place("", "", "", "", "")
ALL = "*"
"""Stands in a cell for all values of a part of the place together."""

BY_AGENCY, BY_FIELD, BY_PROCEDURE = 0, 1, 2
"""Levels of detail: the two agencies and the channel; the field too; the procedure too."""
OF_ALL_AGENCIES = 3
"""Added to a level: the same for all agencies together."""
DETAILS = (0, 1, 2, 3, 4, 5)
