"""``motcua access``: who may do what, made from the routes and the access rules of the code."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import click
from flask import Flask

from services.registry import SERVICES
from shared.runtime.context import open_context
from shared.runtime.reference_data import load_reference
from shared.runtime.settings import read_settings
from shared.web.authorization import RouteAccess, routes_with_roles

INTRODUCTION = """# Who may do what

Made from the code by `motcua access --out docs/access.md`; a test compares the two.

*Whose record* says how far the caller's agency matters. **any**: not at all. **path**: the path names the agency, which must be the
caller's own. **record**: a rule of the service decides by the record; the rules stand below each table.
"""

COMMON_ENDPOINTS = frozenset(
    {"auditor", "docs", "health_live", "health_ready", "metrics", "openapi", "reading-audit", "session"}
)


@click.command(short_help="Write the table of who may do what.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; standard output by default."
)
def access(out: Path | None) -> None:
    """Writes every route with the roles that it admits, and the rules about single records, as Markdown.

    Example: motcua access --out docs/access.md
    """
    text = document()
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(f"{out}: who may do what in {len(SERVICES)} services")


def document() -> str:
    """The whole document; needs neither a database nor a broker."""
    with TemporaryDirectory() as directory:
        settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": directory})
        reference = load_reference()
        sections: list[str] = []
        for service in SERVICES:
            context = open_context(service.name, settings, reference)
            app = service.create_app(context)
            context.store.close()
            if not sections:
                sections.append(_table("Every service", _rows(app, _is_common)))
            rules = [f"- `{name}`: {text}" for name, text in _rules(service.access_rules())]
            heading = f"Rules about records (`services/{service.name}/access.py`):"
            table = _table(f"{service.name}: {service.title_en}", _rows(app, lambda route: not _is_common(route)))
            sections.append("\n".join([table, heading, "", *rules, ""]))
    return "\n".join([INTRODUCTION, *sections])


def _table(title: str, rows: Sequence[str]) -> str:
    return "\n".join(
        [f"## {title}", "", "| route | what it does | who | whose record |", "|---|---|---|---|", *rows, ""]
    )


def _is_common(route: RouteAccess) -> bool:
    """Whether the app factory adds the route to every service."""
    return route.endpoint.partition(".")[0] in COMMON_ENDPOINTS


def _rows(app: Flask, wanted: Callable[[RouteAccess], bool]) -> list[str]:
    routes = [route for route in routes_with_roles(app) if not route.endpoint.endswith("static") and wanted(route)]
    rows = [_row(app, route) for route in sorted(routes, key=lambda route: (route.path, route.method))]
    return [row.replace(f"/{app.name}/", "/‹service›/", 1) for row in rows] if wanted is _is_common else rows


def _row(app: Flask, route: RouteAccess) -> str:
    who = "everybody" if route.access.public else ", ".join(sorted(route.access.roles))
    scope = "–" if route.access.public else route.access.agency
    what = _description(app.view_functions[route.endpoint])
    return f"| `{route.method} {route.path}` | {what} | {who} | {scope} |"


def _rules(module: ModuleType) -> Iterator[tuple[str, str]]:
    """The public functions and methods of an access module, in their order, each with its description."""
    for name, member in vars(module).items():
        if name.startswith("_") or getattr(member, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(member):
            yield name, _description(member, paragraphs=2)
        elif inspect.isclass(member) and not issubclass(member, Exception):
            for method, function in vars(member).items():
                if inspect.isfunction(function) and not method.startswith("_"):
                    yield f"{name}.{method}", _description(function, paragraphs=2)


def _description(function: object, paragraphs: int = 1) -> str:
    """The first paragraphs of a docstring, without its sections (Args, Returns, Raises)."""
    found = (inspect.getdoc(function) or "").split("\n\n")[:paragraphs]
    text = " ".join(part for part in found if not part.startswith(("Args:", "Returns:", "Raises:", "Yields:")))
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())
