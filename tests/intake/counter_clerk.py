"""A clerk at the counter, and a filled form."""

from __future__ import annotations

from typing import Any

from shared.persistence.reading_audit import reading_audit
from tests.intake import desk_clerk
from tests.intake.service_fixture import LAND, IntakeService
from tests.support.html import read_page

CARD = "095185001234|385123456|Nguyễn Thị Bưởi|31011985|Nữ|Ấp Long Thành|10052021"
FORM = f"/intake/desk/{LAND}?case=transfer"
FILLED = {
    "applicant.name": "Nguyễn Thị Bưởi",
    "applicant.id_number": "095185001234",
    "applicant.phone": "0912 345 678",
    "paper.application": "1",
    "paper.application.copies": "2",
    "paper.application.form": "original",
    "paper.certificate": "1",
    "paper.certificate.form": "original",
    "paper.certificate.kept": "1",
    "paper.contract": "1",
    "paper.contract.form": "certified",
    "other_papers": "Sơ đồ thửa đất\n\n",
}


class Clerk(desk_clerk.Clerk):
    """A clerk's browser at the counter."""

    def send(self, path: str, do: str = "", **typed: Any) -> Any:
        """Sends a form as a browser does; `do` is the button."""
        return super().send(path, **typed, **({"do": do} if do else {}))

    def file(self, path: str = FORM, **typed: str) -> Any:
        """Checks a form and saves it."""
        asked = self.send(path, "review", **typed)
        assert asked.status_code == 200, asked.text
        return self.send(path, "confirm", **fields_of(asked))


def fields_of(page: Any, holds: str = "form_key") -> dict[str, str]:
    """Names and values of the fields of the form that holds a field; of boxes, those that are ticked."""
    forms = [
        form for form in read_page(page.text).all("form") if any(one.get("name") == holds for one in form.all("input"))
    ]
    found: dict[str, str] = {}
    for one in forms[0].all("input", "select", "textarea"):
        if one.tag == "textarea":
            found[one.get("name")] = one.text
        elif one.tag == "select":
            found[one.get("name")] = next(
                (option.get("value") for option in one.all("option") if "selected" in option.attributes), ""
            )
        elif one.get("type") not in ("checkbox", "radio") or "checked" in one.attributes:
            found[one.get("name")] = one.get("value")
    return found


def audit(intake: IntakeService) -> set[tuple[str, str]]:
    """What was read, by the record."""
    return {(row["action"], row["record"]) for row in intake.rows(reading_audit)}
