"""An uploaded file of a draft: where it stands, and whether it may be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class StillChecking(ValueError):
    """Files wait for the virus scanner.

    Args:
        names: of the files.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"{len(names)} files wait for the virus scanner")
        self.names = tuple(names)


class State(StrEnum):
    """Where an uploaded file stands."""

    ARRIVING = "arriving"
    CHECKING = "checking"
    KEPT = "kept"
    REFUSED = "refused"
    DELETED = "deleted"


SHOWN = (State.KEPT, State.CHECKING, State.REFUSED)
"""What its owner sees."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was uploaded.

    Attributes:
        id: random; also its key in the storage.
        paper: code of the paper that it shows.
        name: as the device called it; personal data may be in it.
        media_type: one of :data:`shared.uploads.content.TYPES`.
        size: in bytes.
        sha256: of its content, in hex.
        state: only a kept file may be used: it is stored, and no virus was found in it.
    """

    id: str
    paper: str
    name: str
    media_type: str
    size: int
    sha256: str
    state: State = State.ARRIVING
