"""What a citizen is asked for, and when it may be sent online."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.uploads.upload import Upload


class NothingUploaded(ValueError):
    """There is no file to send."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request for papers.

    Attributes:
        papers: their names.
        reason: why; may be empty.
        until: the last moment; None without an end.
    """

    papers: Sequence[str]
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class OnlineSupplement:
    """A row of `online_supplement`: files that were uploaded for a request, and sent or not yet.

    Attributes:
        id: random; the files are kept under it.
        code: of the dossier or the application.
        of_application: whether it was an application, not yet received.
        owner: who uploads: the subject of who is signed in, or what stands for the secret; nobody else sees the files before they are sent.
        papers: JSON: :func:`paper_key` → name of the papers sent; ``{}`` before.
        began_at, changed_at: business time.
        sent_at: None before.
    """

    id: str
    code: str
    of_application: bool
    owner: str
    papers: str
    began_at: datetime
    changed_at: datetime
    sent_at: datetime | None


def paper_key(name: str) -> str:
    """By which the files of a paper are kept: the same for the same name, and fit for an address."""
    return hashlib.sha256(name.encode()).hexdigest()[:20]


def asked_papers(requests: Sequence[Request]) -> dict[str, str]:
    """The papers asked for, each once: key → name."""
    return {paper_key(name): name for request in requests for name in request.papers}


def until_of(requests: Sequence[Request]) -> datetime | None:
    """The first end of the requests; None without one."""
    return min((one.until for one in requests if one.until is not None), default=None)


def without_files(asked: Mapping[str, str], files: Sequence[Upload]) -> list[str]:
    """The names of papers asked for of which there is no file."""
    present = {file.paper for file in files}
    return [name for key, name in asked.items() if key not in present]
