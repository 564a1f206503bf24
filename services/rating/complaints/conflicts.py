"""The conflict-of-interest rule: nobody handles, approves, publishes or reads what is about them, or about a dossier on which they worked.

A complaint about a leader goes to the agency above, and comes back to nobody whom that leader directs. Source: NĐ 59/2019/NĐ-CP,
article 29 (conflicts of interest), and the practice of complaints boards.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, Connection, or_, select

from services.rating.complaints.store import Complaint, named_officials
from services.rating.complaints.tables import complaints, named
from services.rating.officials.store import dossier_officials, parts_of_dossier
from shared.agencies import Agencies, UnknownAgency


def barred_officials(connection: Connection, complaint: Complaint) -> frozenset[str]:
    """The officials who may not take part: whom it is about, and who has worked on its dossier until now."""
    barred = named_officials(connection, complaint.id)
    if complaint.dossier:
        barred |= {part.official for part in parts_of_dossier(connection, complaint.dossier)}
    return barred


def open_to(official: str) -> ColumnElement[bool]:
    """A condition on `complaint`: the official is not barred from it."""
    about = select(named.c.complaint).where(named.c.complaint == complaints.c.id, named.c.official == official)
    worked = select(dossier_officials.c.dossier).where(
        dossier_officials.c.dossier == complaints.c.dossier, dossier_officials.c.official == official
    )
    return ~or_(about.exists(), worked.exists())


def agency_above(agencies: Agencies, agency: str, day: date) -> str:
    """The agency directly above an agency; the agency itself where none is, as at the head of a province.

    Args:
        agencies: all of them.
        agency: its code.
        day: today.
    """
    try:
        return agencies.successor(agency, day).parent or agency
    except UnknownAgency:
        return agency


def directed_by_leader(agencies: Agencies, complaint: Complaint, day: date) -> frozenset[str]:
    """The agencies whose people may not take part because the complaint is about a leader above them; empty at the head of a province."""
    if complaint.leader_of is None or complaint.leader_of == complaint.agency:
        return frozenset()
    return agencies.descendants(complaint.leader_of, day)


def may_handle(official: str, agency: str, barred: Collection[str], directed: Collection[str]) -> bool:
    """Whether an official may be given a complaint.

    Args:
        official: the subject of their token.
        agency: theirs.
        barred: officials who may not take part.
        directed: agencies whose people may not.
    """
    return official not in barred and agency not in directed
