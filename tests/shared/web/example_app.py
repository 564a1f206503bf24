"""A small service with every kind of route, to test the web foundation."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, Response, render_template_string, request
from marshmallow import Schema, fields, validate
from sqlalchemy import Column, MetaData, String, Table, select, update

from services.registry import SERVICE_TITLES
from shared.auth import issue_token
from shared.messaging.tables import metadata as bus_metadata
from shared.persistence.engine import make_engine
from shared.persistence.reading_audit import metadata as audit_metadata
from shared.persistence.reading_audit import reading_audit
from shared.persistence.sql import BigId
from shared.persistence.store import Store
from shared.runtime.context import Context
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import read_settings
from shared.web.authorization import (
    principal,
    public,
    require_agency,
    require_owner,
    roles,
    scope_checked,
    visitor,
)
from shared.web.factory import create_app
from shared.web.openapi import ApiBlueprint
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import Reply, command, query

metadata = MetaData()
things = Table(
    "thing",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("name", String(50), nullable=False),
    Column("agency", String(20), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("state", String(10), nullable=False),
)
names = Table("taken_name", metadata, Column("name", String(50), primary_key=True))


class PersonSchema(Schema):
    """A part of the body, for nested field paths."""

    phone = fields.String(required=True, validate=validate.Length(min=9))


class ThingSchema(Schema):
    """The body of a new thing."""

    name = fields.String(required=True)
    person = fields.Nested(PersonSchema)
    papers = fields.List(fields.Nested(PersonSchema))


class ThingViewSchema(Schema):
    """The answer."""

    id = fields.Integer()
    name = fields.String()


class SearchSchema(Schema):
    """The filter of a list."""

    name = fields.String()
    state = fields.List(fields.String(), load_default=list)
    limit = fields.Integer(load_default=10, validate=validate.Range(1, 50))


def _insert(work: Any, name: str, agency: str = "A1") -> dict[str, Any]:
    row = {"name": name, "agency": agency, "owner": principal().subject, "state": "open"}
    made = work.execute(things.insert().returning(things.c.id), row)
    return {"id": made.scalar_one(), "name": name}


def api_blueprint(during: SimpleNamespace) -> ApiBlueprint:
    """The example's API. `during.command` is called inside every creating command, before it ends."""
    api = ApiBlueprint("intake", description="Things")

    @api.post("/things")
    @roles("clerk", "citizen", agency="any")
    @command(ThingSchema, ThingViewSchema, status=201, location="/intake/api/things/{id}")
    def add_thing(work: Any, body: dict) -> dict:
        """Hand a thing in."""
        made = _insert(work, body["name"])
        during.command()
        return made

    @api.post("/names")
    @roles("clerk", agency="any")
    @command(ThingSchema, status=201)
    def take_name(work: Any, body: dict) -> dict:
        """Take a name that only one may have."""
        work.execute(names.insert(), {"name": body["name"]})
        return {"name": body["name"]}

    @api.post("/things/<int:number>/close")
    @roles("officer", agency="record")
    @command()
    def close_thing(work: Any, number: int) -> Any:
        """Close a thing, once."""
        row = work.execute(select(things).where(things.c.id == number)).one_or_none()
        if row is None:
            raise Problem(404, "not-found")
        require_agency(row.agency, "A9")
        if row.state == "closed":
            raise Problem(409, "already-closed", "Đã đóng", "Already closed")
        work.execute(update(things).where(things.c.id == number).values(state="closed"))
        return Reply({"id": number}, 202)

    @api.post("/things/<int:number>/forget")
    @roles("officer", agency="record")
    @command()
    def forgets_to_check(work: Any, number: int) -> dict:
        """A faulty view: it does not check the record's agency."""
        work.execute(things.delete().where(things.c.id == number))
        return {}

    @api.get("/things/<int:number>")
    @roles("citizen", agency="record")
    @query(gives=ThingViewSchema)
    def show_thing(connection: Any, number: int) -> Any:
        """Show a thing to its owner."""
        row = connection.execute(select(things).where(things.c.id == number)).one()
        require_owner(row.owner)
        return row

    @api.get("/agencies/<agency>/things")
    @roles("clerk", "leader", agency="path")
    @query(SearchSchema, etag=True)
    def list_things(connection: Any, search: dict, agency: str) -> list:
        """List an agency's things."""
        found = connection.execute(select(things.c.name).where(things.c.agency == agency).limit(search["limit"]))
        return [name for (name,) in found]

    @api.get("/mine")
    @roles("citizen", agency="record")
    @query(gives=ThingViewSchema(many=True))
    def list_mine(connection: Any) -> Any:
        """List one's own things."""
        scope_checked()
        return connection.execute(select(things).where(things.c.owner == principal().subject)).all()

    @api.get("/things/<int:number>/file")
    @roles("clerk", "leader", "citizen", "device", agency="any")
    @audited
    @query()
    def read_file(connection: Any, number: int) -> dict:
        """Read a thing; which one is known only after it was found."""
        name = connection.execute(select(things.c.name).where(things.c.id == number)).scalar_one()
        for _ in range(2):
            record_reading("thing", name)
        during.query()
        return {"name": name}

    @api.post("/things/<int:number>/check-out")
    @roles("officer", agency="any")
    @audited
    @command()
    def check_out(work: Any, number: int) -> dict:
        """Read a thing and change it."""
        name = work.execute(select(things.c.name).where(things.c.id == number)).scalar_one()
        record_reading("check-out", name)
        work.execute(update(things).where(things.c.id == number).values(state="out"))
        during.command()
        return {"name": name}

    @api.get("/unrecorded")
    @roles("clerk", agency="any")
    @audited
    @query()
    def forgets_to_record(connection: Any) -> dict:
        """A faulty view: it shows a thing and does not record the reading."""
        return {"name": "secret"}

    @api.get("/paper")
    @roles("clerk", agency="any")
    @query()
    def print_paper(connection: Any) -> Response:
        """A file."""
        return Response(b"%PDF-", content_type="application/pdf")

    @api.get("/hello")
    @public
    @query()
    def hello(connection: Any) -> dict:
        """Greet every caller."""
        known = visitor()
        return {"subject": known.subject if known else None}

    @api.post("/anonymous")
    @public
    @command(ThingSchema, status=201)
    def anonymous(work: Any, body: dict) -> dict:
        """A command that needs no token."""
        work.execute(names.insert(), {"name": body["name"]})
        return {"name": body["name"]}

    @api.get("/fails")
    @public
    @query()
    def fails(connection: Any) -> Any:
        """Raise the test's exception."""
        raise during.failure

    return api


def pages_blueprint() -> Blueprint:
    """The example's pages."""
    pages = page_blueprint("intake", __name__)

    @pages.get("/")
    @public
    def front() -> str:
        return render_template_string("{% extends 'base.html' %}{% block content %}<h1>Xin chào</h1>{% endblock %}")

    @pages.get("/staff")
    @roles("clerk", agency="any")
    def staff() -> str:
        return render_template_string("{% extends 'base.html' %}{% block content %}<h1>Nội bộ</h1>{% endblock %}")

    @pages.get("/records/<state>")
    @roles("clerk", agency="record")
    def record(state: str) -> str:
        if state == "checked":
            require_agency("A1")
        return "hồ sơ"

    @pages.get("/things/<name>")
    @roles("clerk", agency="any")
    @audited
    def thing(name: str) -> str | Response:
        if name == "elsewhere":
            return Response("", 303, {"Location": "/intake/"})
        record_reading("page", name)
        return name

    @pages.post("/form")
    @public
    def form() -> str:
        return request.form.get("name", "")

    return pages


def example_tables(url: str) -> None:
    """Makes the example service's tables."""
    engine = make_engine(url, 1)
    for tables in (bus_metadata, audit_metadata, metadata):
        tables.create_all(engine)
    engine.dispose()


class ExampleApp:
    """The example service with its store, for one test."""

    def __init__(self, url: str, data: Path, *, pool: int = 8, wait: float = 10.0, **environ: str) -> None:
        settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(data), **environ})
        store = Store(url, "intake", settings.clock, pool, wait=wait)
        for tables in (bus_metadata, audit_metadata, metadata):
            tables.create_all(store.engine)
        self.during = SimpleNamespace(command=lambda: None, query=lambda: None, failure=None)
        self.context = Context("intake", settings, store, load_reference(), SERVICE_TITLES)
        self.app: Flask = create_app(self.context, [api_blueprint(self.during)], [pages_blueprint()])

    def token(self, role: str, subject: str = "u-1", agency: str = "A1") -> dict[str, str]:
        """The header of a signed-in principal."""
        return {"Authorization": "Bearer " + issue_token(self.context.settings.auth, subject, role, agency)}

    def client(self) -> Any:
        """A caller."""
        return self.app.test_client()

    def names(self) -> list[str]:
        """The names of all things."""
        with self.context.store.read() as connection:
            return [name for (name,) in connection.execute(select(things.c.name).order_by(things.c.id))]

    def readings(self) -> list[tuple[str, str, str, str, str]]:
        """The audit of reading, in order: subject, roles, agency, action, record."""
        table = reading_audit.c
        columns = (table.subject, table.roles, table.agency, table.action, table.record)
        with self.context.store.read() as connection:
            return [tuple(row) for row in connection.execute(select(*columns).order_by(table.id))]
