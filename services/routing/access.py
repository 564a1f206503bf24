"""Who may see and do what in routing."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from services.routing.domain.states import TaskState
from services.routing.domain.step_permissions import RANKS, Official, may_do
from services.routing.dossier.jurisdiction import day_of
from services.routing.staff.competence import work_of
from services.routing.staff.substitution import below, official_of, signs_for
from services.routing.store import dossiers, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.web.authorization import principal, require_agency, scope_checked
from shared.web.problem import Problem
from shared.web.views import context


def caller() -> Official:
    """Whoever asks, as routing knows officials."""
    return official_of(principal())


def own_work() -> frozenset[str]:
    """The agencies whose work the caller's agency does today."""
    here = context()
    return work_of(here.reference.agencies, principal().agency, day_of(here.clock.now()))


def under_caller() -> frozenset[str]:
    """The agencies for whose work a leader answers today; nobody's for others."""
    here = context()
    if not principal().has("leader"):
        return frozenset()
    return below(here.reference.agencies, principal().agency, day_of(here.clock.now()))


def require_one_of(agencies: Iterable[str]) -> None:
    """Refuses whoever does the work of none of these agencies and leads none above them; 403."""
    concerned = set(agencies)
    if concerned & (own_work() | under_caller()):
        scope_checked()
    else:
        require_agency(*concerned)


def known_task(connection: Connection, id_: str) -> Task:
    """A step.

    Raises:
        Problem: 404.
    """
    task = tasks.find(connection, id_)
    if task is None:
        raise Problem(404, "not-found", detail=f"Không có bước xử lý {id_}.", detail_en=f"There is no step {id_}.")
    return task


def known_dossier(connection: Connection, code: str) -> Dossier:
    """A citizen's dossier.

    Raises:
        Problem: 404.
    """
    found = dossiers.find(connection, code)
    if found is None or found.is_sub:
        raise Problem(404, "not-found", detail=f"Không có hồ sơ {code}.", detail_en=f"There is no dossier {code}.")
    return found


def require_reader(connection: Connection, task: Task) -> None:
    """Refuses whoever has nothing to do with a step: not the agency that does it, nor the one that gave it, nor on duty for it; 403."""
    if _signs(connection, task):
        scope_checked()
    else:
        require_one_of([task.agency, task.from_agency])


def require_concerned(connection: Connection, dossier: Dossier) -> None:
    """Refuses whoever has nothing to do with a dossier: no agency of its way, nor on duty for one whose leader is to sign; 403."""
    steps = tasks.of_root(connection, dossier.code)
    if any(_signs(connection, task) for task in steps if task.state == TaskState.OPEN):
        scope_checked()
    else:
        require_one_of([dossier.receiving_agency, dossier.handling_agency, *(task.agency for task in steps)])


def require_doer(connection: Connection, task: Task) -> None:
    """Refuses whoever may not do a step: another agency's people, unless on duty for it, and too low a rank; 403."""
    own = task.agency in own_work()
    if (own and may_do(principal().roles, task.official_role)) or _signs(connection, task):
        scope_checked()
        return
    if not own:
        require_agency(task.agency)
    scope_checked()
    allowed = sorted(role for role, rank in RANKS.items() if rank >= RANKS[task.official_role])
    raise Problem(403, "forbidden", roles=[*allowed, "agency"])


def _signs(connection: Connection, task: Task) -> bool:
    """Whether the caller, on duty at a centre, may do this leader's step today."""
    here = context()
    today = day_of(here.clock.now())
    return task.official_role == "leader" and task.agency in signs_for(
        connection, here.reference.agencies, caller(), today
    )


def require_receiver(task: Task) -> None:
    """Refuses whoever is not of the agency that was given a step; 403."""
    _require_own(task.agency)


def require_giver(task: Task) -> None:
    """Refuses whoever is not of the agency that gave a step; 403."""
    _require_own(task.from_agency)


def require_leader_of(agency: str) -> None:
    """Refuses whoever does not lead an agency or one above it; 403."""
    if agency in under_caller() or (principal().has("leader") and agency in own_work()):
        scope_checked()
        return
    require_agency(agency)
    if not principal().has("leader"):
        raise Problem(403, "forbidden", roles=["leader"])


def _require_own(agency: str) -> None:
    if agency in own_work():
        scope_checked()
    else:
        require_agency(agency)
