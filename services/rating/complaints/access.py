"""Who may see and do what with complaints. Pages, API and commands ask here.

A leader sees and directs the complaints of the agencies that they lead; a handler those that they were given; the publishers of an agency
those that are answered; leaders whom an escalation told see those. An auditor sees the register, which names nobody. The complainant
opens their own with the code's secret. Whom a complaint is about never sees it (`conflicts.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import Connection

from services.rating.complaints.conflicts import barred_officials, directed_by_leader
from services.rating.complaints.domain import State, UnknownComplaint
from services.rating.complaints.store import Complaint
from shared.agencies import Agencies
from shared.agencies.escalation import leaders_told

STAFF = ("clerk", "officer", "leader")
PUBLISHED_FROM = frozenset({State.ANSWERED, State.PUBLISHED})


class NotYours(Exception):
    """The actor's agency has nothing to do with the complaint, or their role does not allow this."""


class LeaderNeeded(NotYours):
    """Only a leader of the agency that answers, or of one above it, may do this."""


@dataclass(frozen=True, slots=True)
class Actor:
    """An official who acts.

    Attributes:
        subject: of their token.
        agency: theirs.
        roles: theirs.
    """

    subject: str
    agency: str
    roles: frozenset[str]

    def has(self, *roles: str) -> bool:
        """Whether they have one of these roles."""
        return not self.roles.isdisjoint(roles)


class Access:
    """What an actor may see and do.

    Args:
        connection: reads.
        agencies: all of all times.
        actor: who asks.
        today: the local day.
        on_granted: called whenever a check has passed.
    """

    def __init__(
        self,
        connection: Connection,
        agencies: Agencies,
        actor: Actor,
        today: date,
        on_granted: Callable[[], None] = lambda: None,
    ) -> None:
        self.actor = actor
        self._connection = connection
        self._agencies = agencies
        self._today = today
        self._on_granted = on_granted

    @cached_property
    def handled(self) -> frozenset[str]:
        """The agencies whose work the actor's agency does today."""
        return self._agencies.handled_by(self.actor.agency, self._today)

    @cached_property
    def led(self) -> frozenset[str]:
        """The agencies for which a leader answers; none for others."""
        if not self.actor.has("leader"):
            return frozenset()
        return self._agencies.descendants(self.actor.agency, self._today)

    def leads(self, complaint: Complaint) -> bool:
        """Whether the actor directs the complaint."""
        return complaint.agency in self.led and not self._directed(complaint)

    def handles(self, complaint: Complaint) -> bool:
        """Whether the actor is to answer the complaint."""
        return complaint.official == self.actor.subject and self.actor.has(*STAFF)

    def publishes(self, complaint: Complaint) -> bool:
        """Whether the actor is one of those who publish the complaint's answer, once there is one."""
        own = complaint.agency in self.handled and self.actor.has(*STAFF) and not self._directed(complaint)
        return own or self.leads(complaint)

    def require_may_read(self, complaint: Complaint) -> None:
        """Raises:
        UnknownComplaint: it is about the actor, or about their work: it is not shown to them.
        NotYours: otherwise not theirs.
        """
        self._require_not_barred(complaint)
        to_publish = complaint.state in PUBLISHED_FROM and self.publishes(complaint)
        granted = self.leads(complaint) or self.handles(complaint) or to_publish or self._told(complaint)
        self._require(granted, NotYours)

    def require_leads(self, complaint: Complaint) -> None:
        """Raises:
        UnknownComplaint, LeaderNeeded: as they say.
        """
        self._require_not_barred(complaint)
        self._require(self.leads(complaint), LeaderNeeded)

    def require_handles(self, complaint: Complaint) -> None:
        """Raises:
        UnknownComplaint, NotYours: as they say.
        """
        self._require_not_barred(complaint)
        self._require(self.handles(complaint) or self.leads(complaint), NotYours)

    def require_publishes(self, complaint: Complaint) -> None:
        """Raises:
        UnknownComplaint, NotYours: as they say.
        """
        self._require_not_barred(complaint)
        self._require(self.publishes(complaint), NotYours)

    def _require_not_barred(self, complaint: Complaint) -> None:
        if self.actor.subject in barred_officials(self._connection, complaint):
            raise UnknownComplaint(complaint.code)

    def _require(self, granted: bool, error: type[NotYours]) -> None:
        if not granted:
            raise error
        self._on_granted()

    def _directed(self, complaint: Complaint) -> bool:
        return self.actor.agency in directed_by_leader(self._agencies, complaint, self._today)

    def _told(self, complaint: Complaint) -> bool:
        desk = complaint.agency if complaint.leader_of else complaint.register
        told = leaders_told(self._agencies, complaint.agency, desk, complaint.escalation, self._today)
        return self.actor.has("leader") and self.actor.agency in told and not self._directed(complaint)
