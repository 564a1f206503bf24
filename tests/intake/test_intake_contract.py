"""What the OpenAPI document says about texts and papers is what filing and the commands after it accept."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.filing.domain.applicant import MAX_NOTE
from tests.intake.service_fixture import IntakeService


@pytest.fixture
def schemas(sqlite_intake: IntakeService) -> dict[str, Any]:
    """The schemas of intake's OpenAPI document."""
    document: Any = sqlite_intake.client.get("/intake/openapi.json").json
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def test_a_paper_is_a_text_or_an_object_and_never_null(schemas: dict[str, Any]) -> None:
    assert schemas["Filing"]["properties"]["papers"]["items"]["type"] == ["string", "object"]


def test_a_place_may_have_no_due_time(schemas: dict[str, Any]) -> None:
    assert "null" in schemas["Place"]["properties"]["due_at"]["type"]


@pytest.mark.parametrize("name", ["note", "reason"])
def test_notes_and_reasons_are_documented_as_long_as_they_may_be(schemas: dict[str, Any], name: str) -> None:
    limits = [
        schema["properties"][name]["maxLength"]
        for schema in schemas.values()
        if "maxLength" in schema.get("properties", {}).get(name, {})
    ]
    assert limits
    assert set(limits) == {MAX_NOTE}
