"""Every number of the regulations is read by code, or is listed here with what it waits for."""

from __future__ import annotations

from pathlib import Path

from shared.regulations import Regulations

ROOT = Path(__file__).parents[3]

WAITING: dict[str, str] = {}
"""Numbers that no code reads yet -> what will read them."""


def test_every_number_is_read_by_code_or_waits_for_a_named_part() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for room in ("services", "shared") for path in (ROOT / room).rglob("*.py")
    )
    names = {name for version in Regulations.load().all() for name in version.numbers}
    unread = {name for name in names if f'"{name}"' not in code}
    assert unread == WAITING.keys()


def test_a_number_that_waits_says_so_in_the_data() -> None:
    numbers = Regulations.load().get("nd118-2025").numbers
    assert {name for name, number in numbers.items() if "Not read by any code yet" in number.note} == WAITING.keys()
