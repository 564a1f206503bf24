"""Handing in requested papers at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, state_fields
from services.intake.filing.domain.assessment import FiledPaper, HandedPaper, add_papers, match_papers
from services.intake.payments import store as payments
from services.intake.procedures.catalogue import Catalogue
from services.intake.supplements import store
from services.intake.supplements.domain import check_supplement, states_after_supplement
from shared.persistence.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Supplement:
    """Papers handed in after filing.

    Attributes:
        papers: those handed in; a paper unknown to the case is kept as an extra paper.
        note: the clerk's remark.
        clerk: the subject of the clerk's token; None where the citizen sent them online.
    """

    papers: Sequence[HandedPaper]
    note: str
    clerk: str | None


def hand_in_supplement(
    work: UnitOfWork, catalogue: Catalogue, dossier: Dossier, supplement: Supplement
) -> dict[str, Any]:
    """Takes the requested papers. The clock restarts when routing has received the event (NĐ 118/2025, article 19.5).

    Args:
        work: the transaction that has locked the dossier.
        catalogue: for the papers of the case.
        dossier: as read.
        supplement: what is handed in.

    Returns:
        code, time, the papers handed in now, and the state.

    Raises:
        services.intake.supplements.domain.NoSupplementAsked: the dossier does not wait for papers.
    """
    check_supplement(dossier.state)
    procedure = catalogue.version(work.connection, dossier.procedure, dossier.procedure_version)
    added = match_papers(procedure.accepted_papers(dossier.case_code), supplement.papers)
    present = [FiledPaper.from_dict(paper) for paper in orjson.loads(dossier.papers)]
    merged = add_papers(present, added)
    papers = orjson.dumps([paper.as_dict() for paper in merged]).decode()
    kept = sum(paper.in_custody for paper in merged)
    store.close_requests(work.connection, dossier.code, work.now, supplement.note or None, supplement.clerk)
    *through, state = states_after_supplement(payments.has_unpaid_obligation(work.connection, dossier.code))
    values: dict[str, Any] = {"papers": papers, "originals_kept": kept, "supplemented_at": work.now}
    dossiers.change(work, dossier, state, work.now, through, **values)
    work.emit("dossier.supplemented", {"dossier": dossier.code, "papers": len(added), "supplemented_at": work.now})
    answer = {"code": dossier.code, "supplemented_at": work.now, "papers": [paper.as_dict() for paper in added]}
    return answer | state_fields(state)
