"""Who may see and do what in routing. The API, the pages and agencies' own software all ask here, with the same kind of actor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import Connection

from services.routing.commands.errors import ClaimedByAnother
from services.routing.domain.states import TaskState
from services.routing.domain.step_permissions import RANKS, SYSTEM, Actor, Official, may_do
from services.routing.dossier.jurisdiction import day_of
from services.routing.plugins import store as plugins
from services.routing.staff.substitution import acting_official, signs_for
from services.routing.store import tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.agencies import Agencies
from shared.agencies.escalation import leaders_told

SOFTWARE_KEEPERS = ("leader", "operator")
"""Roles that look after agencies' own software: leaders that of their agencies, operators all."""


class AccessDenied(Exception):
    """The actor may not see or do this."""


class WrongAgency(AccessDenied):
    """The actor acts for none of the agencies concerned."""


class RoleNeeded(AccessDenied):
    """The actor's agency may do this, but only people with one of the roles `roles`."""

    def __init__(self, roles: Iterable[str]) -> None:
        self.roles = tuple(roles)
        super().__init__(f"one of these roles is needed: {', '.join(self.roles)}")


def _nothing() -> None:
    """The default of `on_granted`."""


class Access:
    """What an actor may see and do at a moment.

    Args:
        connection: any.
        agencies: all of all times.
        actor: who asks.
        now: the moment; its day in Vietnam decides about mergers, absences and duties.
        on_granted: called whenever a check has passed.
    """

    def __init__(
        self,
        connection: Connection,
        agencies: Agencies,
        actor: Actor,
        now: datetime,
        on_granted: Callable[[], None] = _nothing,
    ) -> None:
        self.actor = actor
        self._connection = connection
        self._agencies = agencies
        self._today = day_of(now)
        self._on_granted = on_granted

    @cached_property
    def handled(self) -> frozenset[str]:
        """The agencies whose work the actor's agency does today: itself and those merged into it."""
        return self._agencies.handled_by(self.actor.agency, self._today)

    @cached_property
    def led(self) -> frozenset[str]:
        """The agencies for whose work a leader answers today: their own and all below it; none for others."""
        if not self.actor.has("leader"):
            return frozenset()
        return self._agencies.descendants(self.actor.agency, self._today)

    def require_one_of(self, agencies: Iterable[str]) -> None:
        """Requires that the actor works for one of these agencies, or leads one above it.

        Raises:
            WrongAgency: otherwise.
        """
        self._require(bool(set(agencies) & (self.handled | self.led)))

    def require_may_read_task(self, task: Task) -> None:
        """A step is read by the agency that does it, by the one that sent it, by who is on duty to sign it, and by the leaders whom an
        escalation told about it.

        Raises:
            WrongAgency: otherwise.
        """
        if not self._signs(task) and not self._told(task):
            self.require_one_of([task.agency, task.from_agency])
        self._on_granted()

    def require_may_read_dossier(self, dossier: Dossier) -> None:
        """A dossier is read by every agency of its route, by who is on duty to sign an open step of it, and by the leaders whom an
        escalation told about it.

        Raises:
            WrongAgency: otherwise.
        """
        steps = tasks.of_root(self._connection, dossier.code)
        if not any(self._signs(task) or self._told(task) for task in steps if task.state == TaskState.OPEN):
            self.require_one_of([dossier.receiving_agency, dossier.handling_agency, *(task.agency for task in steps)])
        self._on_granted()

    def require_may_complete(self, task: Task) -> None:
        """A step is completed, and its dossier refused or supplemented, by an official of its agency of at least the step's role, by
        the agency's own software (a leader's step only if its grant includes signing), or by who is on duty to sign it; a claimed step
        by its official, their deputy or a leader.

        Raises:
            WrongAgency, RoleNeeded: as they say.
            ClaimedByAnother: a colleague has claimed the step.
        """
        own = task.agency in self.handled
        if not (own and may_do(self.actor.roles, task.official_role, self._software_signs)) and not self._signs(task):
            self._require(own)
            allowed = sorted(role for role, rank in RANKS.items() if rank >= RANKS[task.official_role])
            raise RoleNeeded([*allowed, SYSTEM] if may_do([SYSTEM], task.official_role) else allowed)
        self._on_granted()
        if self.actor.official.role not in ("leader", SYSTEM):
            require_not_claimed_by_another(self._connection, task, self.actor.official, self._today)

    def may_complete(self, task: Task) -> bool:
        """Whether :meth:`require_may_complete` would pass."""
        try:
            self.require_may_complete(task)
        except (AccessDenied, ClaimedByAnother):
            return False
        return True

    def may_receive(self, task: Task) -> bool:
        """Whether :meth:`require_may_receive` would pass."""
        return task.agency in self.handled

    def require_may_receive(self, task: Task) -> None:
        """A hand-over is acknowledged, refused, claimed and released by the agency that was given the step.

        Raises:
            WrongAgency: otherwise.
        """
        self._require(task.agency in self.handled)

    def require_may_resend(self, task: Task) -> None:
        """A refused hand-over is sent again by the agency that sent it.

        Raises:
            WrongAgency: otherwise.
        """
        self._require(task.from_agency in self.handled)

    def require_may_correct(self, dossier: Dossier) -> None:
        """The correction of a result is opened by the receiving agency or the handling one.

        Raises:
            WrongAgency: otherwise.
        """
        self.require_one_of([dossier.receiving_agency, dossier.handling_agency])

    def may_lead(self, agency: str) -> bool:
        """Whether the actor leads an agency or one above it."""
        return agency in self.led

    def require_may_lead(self, agency: str) -> None:
        """Steps are reassigned, dossiers extended and stopped, by a leader of the agency or of one above it.

        Raises:
            WrongAgency, RoleNeeded: as they say.
        """
        if not self.may_lead(agency):
            self._require(agency == self.actor.agency)
            raise RoleNeeded(["leader"])
        self._on_granted()

    def software_kept(self) -> frozenset[str] | None:
        """The agencies after whose own software the actor looks: a leader's own and all below it; None for an operator: all."""
        self._on_granted()
        return None if self.actor.has("operator") else self.led

    def require_may_send_again(self, agency: str) -> None:
        """An agency's open steps are sent to its software again by those who look after it.

        Raises:
            WrongAgency: otherwise.
        """
        kept = self.software_kept()
        self._require(kept is None or agency in kept)

    def require_may_see_staff(self, agency: str) -> None:
        """The officials and absences of an agency are seen by its people and by the leaders above it.

        Raises:
            WrongAgency: otherwise, or there is no such agency today.
        """
        self._require(self._exists(agency) and (agency == self.actor.agency or agency in self.led))

    def require_may_manage_staff(self, agency: str) -> None:
        """Officials, absences, duties and mandates of an agency are entered by its leader or by one of an agency above it; the agency
        must exist today.

        Raises:
            WrongAgency, RoleNeeded: as they say.
        """
        self._require(self._exists(agency) and self._exists(self.actor.agency))
        self.require_may_lead(agency)

    def _exists(self, agency: str) -> bool:
        return self._agencies.exists(agency, self._today)

    def _require(self, granted: bool) -> None:
        if not granted:
            raise WrongAgency(f"{self.actor.agency or 'nobody'} is none of the agencies concerned")
        self._on_granted()

    def _told(self, task: Task) -> bool:
        """Whether the actor is a leader whom an escalation told about the step."""
        return self.actor.has("leader") and self.actor.agency in leaders_told(
            self._agencies, task.agency, task.desk, task.escalation, self._today
        )

    @cached_property
    def _software_signs(self) -> bool:
        """Whether the actor is an agency's software in which the agency's leaders sign."""
        return self.actor.has(SYSTEM) and plugins.signs(self._connection, self.actor.agency)

    def _signs(self, task: Task) -> bool:
        """Whether the actor may do this leader's step today, as its leader or on duty at a centre."""
        return task.official_role == "leader" and task.agency in signs_for(
            self._connection, self._agencies, self.actor.official, self._today
        )


def require_not_claimed_by_another(connection: Connection, task: Task, by: Official, day: date) -> None:
    """A claimed step belongs to its official; while they are away, to their deputy, or to anybody when there is none.

    Raises:
        ClaimedByAnother: it is not `by`'s.
    """
    if task.official is None or task.official == by.subject:
        return
    if acting_official(connection, task.official, (by.agency, task.agency), day) not in (None, by.subject):
        raise ClaimedByAnother(task.official)
