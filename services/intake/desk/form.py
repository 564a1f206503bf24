"""The counter's form: what is typed and scanned becomes the body that the filing API takes, so that both keep one set of rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.intake.desk.store import EarlierFiling
from services.intake.dossiers.domain import search_form
from services.intake.filing.domain.citizen_card import CitizenCard, UnreadableCard, read_card
from services.intake.filing.domain.identity_document import UnknownDocument, identity_document
from services.intake.filing.domain.parties import MAX_CO_APPLICANTS
from services.intake.filing.domain.preferences import listed_channels
from shared.catalogue import Paper
from shared.web.pages import written_birth_date
from shared.web.problem import FieldError

APPLICANT = ("name", "id_number", "id_kind", "phone", "email", "address", "birth_date", "sex", "old_id_number")
TOLD = ("language", "channels", "chat_user")
"""How the applicant wants to be told; nothing is typed for what is usual."""
REPRESENTATIVE = ("name", "id_number", "id_kind", "relation", "authority", "phone")
CO_APPLICANT = ("name", "id_number", "birth_date", "sex", "address")
CARDS = ("card", "representative.card", "co_applicants.card")
OFFERED = ("name", "phone", "email", "address", "birth_date", "sex", "old_id_number", *TOLD)
"""What is taken over from an earlier filing of the same person, where the form has nothing."""
_ALONE = frozenset({*CARDS, "remote", "other_papers", "same_asked", "same_seen", "ticket"})
_GROUPS = ("applicant.", "representative.", "paper.", "chosen.", "declined.")
_SAYS_NOBODY = frozenset({"relation", "id_kind", "sex"})  # chosen from lists: these alone name nobody


@dataclass
class DeskForm:
    """The form as it is shown again.

    Attributes:
        values: each field's text; ticked boxes hold ``1``.
        people: how many co-applicants it has room for.
        errors: what is wrong with cards.
        offered: names of the applicant's fields that were taken over.
        earlier: from which filing; None from none.
        other_name: whether the same number was filed under another name.
        focus: the field in which typing goes on.
    """

    values: dict[str, str]
    people: int = 0
    errors: list[FieldError] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    earlier: EarlierFiling | None = None
    other_name: bool = False
    focus: str = "card"

    def get(self, name: str) -> str:
        """A field's text; empty if nothing was typed."""
        return self.values.get(name, "")

    def applicant(self) -> dict[str, str]:
        """The applicant's fields."""
        return {name: self.get(f"applicant.{name}") for name in APPLICANT}

    def numbers(self) -> list[str]:
        """The applicant's identity numbers, old and new, as far as they are valid."""
        found = []
        for name in ("id_number", "old_id_number"):
            try:
                found.append(identity_document(self.get(f"applicant.{name}"), self._kind(name)).number)
            except UnknownDocument:
                continue
        return found

    def _kind(self, name: str) -> str:
        return self.get("applicant.id_kind") if name == "id_number" else "old_id"


def read_form(typed: Mapping[str, str]) -> DeskForm:
    """The form from what was sent; co-applicants of whom nothing was typed are left out."""
    values = {name: text.strip() for name, text in typed.items() if name in _ALONE or name.startswith(_GROUPS)}
    people = 0
    for number in range(MAX_CO_APPLICANTS):
        person = {name: typed.get(f"co_applicants.{number}.{name}", "").strip() for name in CO_APPLICANT}
        if _names_somebody(person):
            values |= {f"co_applicants.{people}.{name}": text for name, text in person.items()}
            people += 1
    return DeskForm(values, people)


def fill_from_cards(form: DeskForm, today: date, cards: Iterable[str] = CARDS) -> None:
    """Reads the cards that were scanned into the form; a text that is no card stays, with what is wrong.

    Args:
        form: as it was sent.
        today: by the office's clock.
        cards: the fields for cards that the page shows.
    """
    for name in cards:
        text = form.get(name)
        if not text:
            continue
        try:
            card = read_card(text, today)
        except UnreadableCard as error:
            form.errors.append({"field": name, "message": error.vi, "message_en": error.en})
            form.focus = name
            continue
        form.values[name] = ""
        _write(form, name.removesuffix("card"), card)


def _write(form: DeskForm, prefix: str, card: CitizenCard) -> None:
    if prefix == "co_applicants.":
        prefix = f"co_applicants.{form.people}."
        form.people += 1
        names: tuple[str, ...] = CO_APPLICANT
    else:
        names = REPRESENTATIVE if prefix else APPLICANT
        prefix = prefix or "applicant."
    read = {
        "name": card.name,
        "id_number": card.id_number,
        "id_kind": "",
        "birth_date": written_birth_date(card.birth_date),
    }
    read |= {"sex": card.sex, "address": card.address, "old_id_number": card.old_id_number}
    form.values |= {f"{prefix}{name}": text for name, text in read.items() if name in names}


def take_over(form: DeskForm, earlier: EarlierFiling | None) -> None:
    """Fills what is empty from the person's earlier filing, unless it was under another name."""
    if earlier is None:
        return
    name = form.get("applicant.name")
    if name and search_form(name) != search_form(earlier.name):
        form.other_name = True
        return
    form.earlier = earlier
    for field_name in OFFERED:
        known = getattr(earlier, field_name)
        known = written_birth_date(known) if field_name == "birth_date" else known
        if known and not form.get(f"applicant.{field_name}"):
            form.values[f"applicant.{field_name}"] = known
            form.offered.append(field_name)


def next_field(form: DeskForm, papers: Iterable[Paper]) -> str:
    """Where typing goes on: the first required field that is empty, then the papers."""
    if form.errors:
        return form.focus
    for name in ("id_number", "name", "phone"):
        if not form.get(f"applicant.{name}"):
            return f"applicant.{name}"
    return next((f"paper.{paper.code}" for paper in papers if not form.get(f"paper.{paper.code}")), "review")


def body_of(
    form: DeskForm, procedure: str, case: str, desk: str, papers: Iterable[Paper]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The filing API's body, and the form's field for each path of the body that is named differently.

    Args:
        form: as read.
        procedure, case, desk: codes.
        papers: those that the case accepts.
    """
    body: dict[str, Any] = {
        "procedure": procedure,
        "case": case,
        "channel": "counter",
        "receiving_agency": desk,
        "applicant": form.applicant() | _told(form),
        "papers": [],
        "remote": bool(form.get("remote")),
        "chosen": sorted(
            name.removeprefix("chosen.") for name, text in form.values.items() if name.startswith("chosen.") and text
        ),
        "co_applicants": [
            {name: form.get(f"co_applicants.{number}.{name}") for name in CO_APPLICANT} for number in range(form.people)
        ],
    }
    representative = {name: form.get(f"representative.{name}") for name in REPRESENTATIVE}
    if _names_somebody(representative):
        body["representative"] = representative
    paths = {}
    for paper in papers:
        if form.get(f"paper.{paper.code}"):
            paths[f"papers.{len(body['papers'])}"] = f"paper.{paper.code}.copies"
            body["papers"].append(_paper(form, paper))
    for line in form.get("other_papers").splitlines():
        if line.strip():
            paths[f"papers.{len(body['papers'])}"] = "other_papers"
            body["papers"].append(line.strip())
    return body, paths


def _told(form: DeskForm) -> dict[str, Any]:
    given = {name: form.get(f"applicant.{name}") for name in TOLD}
    typed: dict[str, Any] = {name: text for name, text in given.items() if text}
    return typed | ({"channels": list(listed_channels(given["channels"]))} if given["channels"] else {})


def _paper(form: DeskForm, paper: Paper) -> dict[str, Any]:
    copies = form.get(f"paper.{paper.code}.copies") or "1"
    return {
        "code": paper.code,
        "copies": int(copies) if copies.isascii() and copies.isdigit() and len(copies) < 5 else copies,
        "form": form.get(f"paper.{paper.code}.form"),
        "kept": bool(form.get(f"paper.{paper.code}.kept")),
    }


def _names_somebody(person: Mapping[str, str]) -> bool:
    return any(text for name, text in person.items() if name not in _SAYS_NOBODY)
