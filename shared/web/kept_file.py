"""A file that somebody uploaded, given to who may have it: saved under its name, and never shown in place."""

from __future__ import annotations

from flask import Response, make_response, request
from werkzeug.utils import send_file

from shared.storage import NoSuchFile, Storage, StorageUnavailable
from shared.web.problem import Problem


def kept_file(storage: Storage, key: str, name: str) -> Response:
    """A kept file as an answer.

    Args:
        storage: that keeps it.
        key: in the storage.
        name: with the ending of its true type.

    Raises:
        Problem: 404, there is no such file; 503, the storage does not answer.
    """
    try:
        content = storage.open(key)
    except NoSuchFile as error:
        raise Problem(404, "not-found") from error
    except StorageUnavailable as error:
        raise storage_unavailable(error) from error
    response = send_file(
        content, request.environ, mimetype="application/octet-stream", as_attachment=True, download_name=name
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return make_response(response)


def storage_unavailable(error: Exception) -> Problem:
    """503: the storage of files does not answer, or took too long."""
    return Problem(503, "unavailable", headers={"Retry-After": "10"}, cause=f"the storage of files: {error}")
