"""Errors after the view has returned, such as a busy database when a read is recorded: they become problem responses too."""

from __future__ import annotations

from flask import Flask, Response, after_this_request
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.web.error_handlers import register_error_handlers


def app_that_fails_after_its_view(error: Exception) -> Flask:
    app = Flask("late")
    register_error_handlers(app)

    @app.get("/late")
    def late() -> str:
        @after_this_request
        def record_read(_response: Response) -> Response:
            raise error

        return "done"

    return app


def test_a_busy_database_after_the_view_asks_the_caller_to_retry() -> None:
    answer = app_that_fails_after_its_view(PoolTimeout("busy")).test_client().get("/late")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_an_error_after_the_view_shows_only_its_number() -> None:
    answer = app_that_fails_after_its_view(ValueError("a secret")).test_client().get("/late")
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["instance"].startswith("urn:motcua:failure:")
    assert "a secret" not in answer.text
