"""The form in which requested papers are ticked, for the desk and for citizens: what was typed becomes papers."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from werkzeug.datastructures import MultiDict

from services.intake.filing.domain.applicant import InvalidField
from services.intake.filing.domain.assessment import HandedPaper
from services.intake.filing.schemas import MAX_PAPERS
from services.intake.supplements.domain import SupplementRequest
from shared.text.limits import PAPER

PAPERS, OTHERS = "papers", "others"


def open_requests(requests: Sequence[SupplementRequest]) -> list[SupplementRequest]:
    """The requests that were not answered."""
    return [one for one in requests if one.supplemented_at is None]


def asked_papers(requests: Sequence[SupplementRequest]) -> list[str]:
    """The papers that open requests ask for, each once and in their order."""
    return list(dict.fromkeys(paper for one in open_requests(requests) for paper in orjson.loads(one.papers)))


def typed_papers(form: MultiDict[str, str], asked: Sequence[str]) -> list[HandedPaper]:
    """The papers that were ticked or written in, each with its number of copies.

    Args:
        form: `papers`: the places of the ticked ones, from 0; `others`: further papers, one a line.
        asked: as the form listed them.

    Raises:
        InvalidField: none is ticked or written, or a name is too long.
    """
    places = [int(text) for text in form.getlist(PAPERS) if text.isascii() and text.isdigit() and len(text) < 4]
    papers = [HandedPaper(asked[place]) for place in dict.fromkeys(places) if place < len(asked)]
    others = [" ".join(line.split()) for line in form.get(OTHERS, "").splitlines()]
    papers += [HandedPaper(name) for name in others if name]
    if any(len(paper.text) > PAPER for paper in papers):
        raise InvalidField(OTHERS, f"Tên giấy tờ dài quá {PAPER} ký tự.", f"A name is longer than {PAPER} characters.")
    if not papers:
        raise InvalidField(PAPERS, "Vui lòng đánh dấu giấy tờ được nộp.", "Tick the papers that are handed in.")
    if len(papers) > MAX_PAPERS:
        raise InvalidField(OTHERS, f"Không quá {MAX_PAPERS} giấy tờ.", f"Not more than {MAX_PAPERS} papers.")
    return papers


def missing_papers(asked: Sequence[str], papers: Sequence[HandedPaper]) -> list[str]:
    """The papers that were asked for and are not handed in."""
    given = {paper.text for paper in papers}
    return [name for name in asked if name not in given]
