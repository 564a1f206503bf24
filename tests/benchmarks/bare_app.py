"""The limit that intake is compared with: Flask, one INSERT by psycopg, commit, 201. No validation, no number, no event."""

from __future__ import annotations

import os
import threading

import psycopg
from flask import Flask, Response, jsonify, request

app = Flask(__name__)
local = threading.local()


def connection() -> psycopg.Connection[tuple[object, ...]]:
    """One connection for each thread, like a pool of the right size."""
    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(os.environ["BARE_DSN"])
    made: psycopg.Connection[tuple[object, ...]] = local.connection
    return made


@app.post("/filings")
def file() -> tuple[Response, int]:
    """Stores the body."""
    body = request.get_json()
    database = connection()
    row = database.execute(
        "INSERT INTO filing (body) VALUES (%s) RETURNING id", (request.get_data(as_text=True),)
    ).fetchone()
    database.commit()
    return jsonify(id=row and row[0], procedure=body["procedure"]), 201
