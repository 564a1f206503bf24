"""What tests of official papers share: issuing, fetching and correcting."""

from __future__ import annotations

from typing import Any

from tests.intake.service_fixture import DESK, IntakeService

LONG_NAME = "Công ty Trách nhiệm hữu hạn Một thành viên Đầu tư Xây dựng Ướt Ưỡng Ằng Ẵng " * 3
HTML = {"Accept": "text/html"}


def issue(intake: IntakeService, code: str, kind: str = "receipt", **who: str) -> Any:
    headers = intake.token(who.get("role", "clerk"), who.get("agency", DESK)) | HTML
    return intake.client.post(f"/intake/dossiers/{code}/documents", data={"kind": kind}, headers=headers)


def fetched(intake: IntakeService, address: str, **who: str) -> Any:
    return intake.client.get(address, headers=intake.token(who.get("role", "clerk"), who.get("agency", DESK)) | HTML)


def correct(intake: IntakeService, code: str, **fields: str) -> Any:
    body = {"reason": "Gõ nhầm", **fields}
    return intake.client.patch(f"/intake/api/dossiers/{code}/applicant", json=body, headers=intake.token())
