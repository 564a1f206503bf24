"""The ZIP file of a person's own data: names that every system takes, and no more in memory than a piece."""

from __future__ import annotations

import re
from io import BytesIO

from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.components import EXTENSION
from services.intake.data_exports.archive import MAX_STEM, PIECE, ArchivedFile, archive_pieces, safe_name
from tests.intake.service_fixture import THURSDAY, IntakeService


@given(st.text(max_size=200))
@example("CON")
@example("nul.tar.pdf")
@example("../..\\.pdf")
def test_names_in_the_zip_file_can_be_unpacked_everywhere(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name) <= MAX_STEM + 7
    assert not set(name) & set('<>:"/\\|?*') | {char for char in name if char < " "}
    assert name == name.rstrip(". ")
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name)


def test_a_zip_file_is_never_in_memory_as_a_whole(sqlite_intake: IntakeService) -> None:
    storage, size = sqlite_intake.client.application.extensions[EXTENSION].storage, 3 << 20
    storage.put("large", BytesIO(bytes(size)), size)
    pieces = archive_pieces(storage, [], [ArchivedFile("a.pdf", "large", size, THURSDAY)], THURSDAY)
    lengths = [len(piece) for piece in pieces]
    assert sum(lengths) > size
    assert max(lengths) < 2 * PIECE
