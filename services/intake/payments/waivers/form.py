"""The fields in which somebody asks for a waiver, on the citizen's page and at the desk."""

from __future__ import annotations

from collections.abc import Mapping

from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.payments.waivers.domain import MAX_NUMBER, Claim

CLAIM_LABELS = {
    "category": ("Đối tượng", "Who"),
    "evidence": ("Giấy tờ chứng minh", "Paper that proves it"),
    "number": ("Số giấy tờ", "Its number"),
}
MAX_EVIDENCE = MAX_NOTE
"""Characters of the kind of the paper."""


def claim_of(fields: Mapping[str, str]) -> tuple[Claim, list[InvalidField]]:
    """What was typed, and all its faults.

    Args:
        fields: of the form.
    """
    faults: list[InvalidField] = []
    typed = {"category": fields.get("category", "")}
    if not typed["category"]:
        faults.append(InvalidField("category", "Chọn đối tượng.", "Choose who it is."))
    for name, limit in (("evidence", MAX_EVIDENCE), ("number", MAX_NUMBER)):
        try:
            typed[name] = plain_text(fields.get(name, ""), name, limit)
            if name == "evidence" and not typed[name]:
                faults.append(InvalidField(name, "Nhập tên giấy tờ.", "Enter which paper it is."))
        except InvalidField as fault:
            faults.append(fault)
    return Claim(typed["category"], typed.get("evidence", ""), typed.get("number", "")), faults
