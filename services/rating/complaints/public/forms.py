"""What was typed into the form of a complaint, as a new complaint. Pure; what is wrong with the fields is found when it is lodged."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from services.rating.complaints.domain import Channel, Complainant, Fault, Kind, NewComplaint, Redirected, Unacceptable

FIELDS = ("kind", "topic", "agency", "text", "dossier", "procedure", "field", "about", "about_leader")
WHO = ("name", "address", "phone", "email")
MOST = 100
"""Characters of a field that holds a code."""


def new_form() -> str:
    """The identifier of a new form, and of the complaint that it becomes."""
    return str(uuid.uuid4())


def form_id(typed: str) -> str:
    """The identifier of a form as it comes back; a new one where it is none."""
    try:
        return str(uuid.UUID(typed))
    except ValueError:
        return new_form()


def redirected(form: Mapping[str, str]) -> Redirected | None:
    """What was chosen, if it is handled elsewhere."""
    chosen = form.get("kind", "")
    return Redirected(chosen) if chosen in set(Redirected) else None


def typed_complaint(form: Mapping[str, str], channel: Channel, language: str, central: str) -> NewComplaint:
    """A complaint of the fields of a form.

    Args:
        form: the fields, with `id`.
        channel: how it comes.
        language: of the page, in which the complainant is told.
        central: code of the agency that gets what names none.

    Raises:
        Unacceptable: no kind was chosen.
    """
    kind = form.get("kind", "")
    if kind not in set(Kind):
        raise Unacceptable(Fault("kind", "Chọn phản ánh hay kiến nghị.", "Choose what it is."))
    anonymous = form.get("anonymous") == "yes"
    code = {name: form.get(name, "").strip()[:MOST] for name in ("agency", "topic", "dossier", "procedure", "field")}
    return NewComplaint(
        id=form_id(form.get("id", "")),
        kind=Kind(kind),
        channel=channel,
        agency=code["agency"] or central,
        text=form.get("text", ""),
        topic=code["topic"] or "other",
        by=Complainant() if anonymous else Complainant(*(form.get(name, "") for name in WHO)),
        language=language,
        dossier=code["dossier"],
        procedure=code["procedure"],
        field=code["field"],
        about=form.get("about", ""),
        about_leader=form.get("about_leader") == "yes",
    )
