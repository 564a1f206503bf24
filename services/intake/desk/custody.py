"""Custody of originals (giữ bản chính): recorded at filing, until each is given back to who takes it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import orjson

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.filing.domain.assessment import FiledPaper
from shared.persistence.unit_of_work import UnitOfWork


class NotInCustody(ValueError):
    """A paper is not, or no longer, in the desk's custody.

    Args:
        place: of the paper in the dossier's list, from 0; None where none was named.
    """

    def __init__(self, place: int | None) -> None:
        super().__init__("no such paper in custody")
        self.place = place


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """An original in the desk's custody.

    Attributes:
        place: in the dossier's list of papers, from 0.
        paper: as it was handed in.
    """

    place: int
    paper: FiledPaper


def papers_of(dossier: Dossier) -> list[FiledPaper]:
    """The papers of a dossier."""
    return [FiledPaper.from_dict(paper) for paper in orjson.loads(dossier.papers)]


def kept_papers(dossier: Dossier) -> list[KeptPaper]:
    """The originals of a dossier that are still to be given back."""
    return [KeptPaper(place, paper) for place, paper in enumerate(papers_of(dossier)) if paper.in_custody]


def give_back(work: UnitOfWork, dossier: Dossier, places: Collection[int]) -> dict[str, Any]:
    """Records that originals were given back.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        places: which papers of the dossier's list, from 0.

    Returns:
        code, time, the papers, and how many originals are still kept.

    Raises:
        NotInCustody: one of them is not in custody, or none is named.
    """
    papers = papers_of(dossier)
    if not places:
        raise NotInCustody(None)
    for place in places:
        if not 0 <= place < len(papers) or not papers[place].in_custody:
            raise NotInCustody(place)
        papers[place] = replace(papers[place], given_back_at=work.now.isoformat(timespec="seconds"))
    kept = sum(paper.in_custody for paper in papers)
    text = orjson.dumps([paper.as_dict() for paper in papers]).decode()
    dossiers.change(work, dossier, papers=text, originals_kept=kept)
    return {
        "code": dossier.code,
        "given_back_at": work.now,
        "papers": [papers[place].as_dict() for place in sorted(places)],
        "originals_kept": kept,
    }
