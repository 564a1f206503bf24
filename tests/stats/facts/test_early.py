from __future__ import annotations

from datetime import datetime

import pytest

from services.stats.facts.domain import is_early


@pytest.mark.parametrize(
    ("resolved", "due", "early"),
    [
        ("2025-11-20T17:29+07:00", "2025-11-20T17:30+07:00", False),  # the same day: on time
        ("2025-11-19T17:30+07:00", "2025-11-20T08:00+07:00", True),
        ("2025-11-19T18:00+00:00", "2025-11-20T17:30+07:00", False),  # already the 20th in Vietnam
        ("2025-11-21T08:00+07:00", "2025-11-20T17:30+07:00", False),
    ],
)
def test_early_means_on_an_earlier_local_day(resolved: str, due: str, early: bool) -> None:
    assert is_early(datetime.fromisoformat(resolved), datetime.fromisoformat(due)) is early
