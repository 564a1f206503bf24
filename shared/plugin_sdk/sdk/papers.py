"""Lists the papers of a dossier (thành phần hồ sơ) through the platform's API, with the agency's token."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

TIMEOUT_SECONDS = 10.0
MAX_BYTES = 4 << 20
REFUSED_STATUSES = (401, 403, 404, 409, 410)


class PapersRefused(PermissionError):
    """The platform refuses the papers: the step is not, or no longer, this agency's, or the token is not valid."""


class PapersUnavailable(ConnectionError):
    """The platform did not answer, or its answer is not readable."""


@dataclass(frozen=True)
class Paper:
    """One paper of the dossier.

    Attributes:
        code: identifies the paper within its procedure.
        name: for people.
        kind: original, copy, form …
        copies: how many.
    """

    code: str
    name: str
    kind: str = ""
    copies: int = 1


def fetch_papers(url: str, token: str, task: str, timeout: float = TIMEOUT_SECONDS) -> list[Paper]:
    """Fetches the papers of the dossier that a step belongs to.

    Args:
        url: the platform's address, such as ``https://motcua.example``.
        token: the agency's bearer token.
        task: the step's identifier.
        timeout: seconds for each network operation.

    Raises:
        PapersRefused: status 401, 403, 404, 409 or 410.
        PapersUnavailable: any other failure.
    """
    if not url.startswith(("http://", "https://")):
        raise PapersUnavailable("MOTCUA_URL is not set to the platform's http:// or https:// address")
    address = f"{url.rstrip('/')}/intake/api/agency/steps/{quote(task, safe='')}/papers"
    request = Request(address, headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})
    try:
        with urlopen(request, timeout=timeout) as response:
            content = json.loads(response.read(MAX_BYTES))
        return [
            Paper(paper["code"], paper["name"], paper.get("kind", ""), int(paper.get("copies", 1)))
            for paper in content["papers"]
        ]
    except HTTPError as error:
        with error:
            if error.code in REFUSED_STATUSES:
                raise PapersRefused(f"{address}: {error.code} {error.reason}") from error
            raise PapersUnavailable(f"{address}: {error.code} {error.reason}") from error
    except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PapersUnavailable(f"{address}: {type(error).__name__}: {error}") from error
