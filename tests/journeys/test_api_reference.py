"""The API reference of every service shows all that its OpenAPI document describes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from flask import Flask

from shared.web.reading_audit import AUDITED_ROLES
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.serving import served

METHODS = ("get", "post", "put", "patch", "delete")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every operation, with the parameters of its path."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                parameters = [*item.get("parameters", []), *item[method].get("parameters", [])]
                yield method.upper(), path, {**item[method], "parameters": parameters}


def test_every_operation_is_on_the_page(service_app: Flask) -> None:
    client = service_app.test_client()
    document = client.get(f"/{service_app.name}/openapi.json").json
    assert document
    answer = client.get(f"/{service_app.name}/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    walked = 0
    for method, path, described in operations(document):
        shown = re.search(rf'<article [^>]*id="{described["operationId"]}".*?</article>', answer.text, re.DOTALL)
        assert shown, (method, path)
        text = unescape(shown[0])
        assert f">{method}</span> <code>{path}</code>" in text
        assert described["summary"] in text
        for role in described["x-roles"]:
            assert f'<code class="role">{role}</code>' in text
        assert bool(described["x-roles"]) != ("Công khai" in text)
        for parameter in described["parameters"]:
            assert f"<code>{parameter['name']}</code>" in text
        if described["x-roles"] and set(described["x-roles"]) <= AUDITED_ROLES:
            assert "Authorization: Bearer $TOKEN" in text
        for body in (described.get("requestBody"), *described["responses"].values()):
            for media in (body or {}).get("content", {}).values():
                for name in properties(document, media["schema"]) if body != described["responses"]["default"] else ():
                    assert f"<code>{name}</code>" in text, (method, path, name)
        assert "curl " in text
        walked += 1
    assert walked == answer.text.count("<article ") > 0


def properties(document: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return list(schema.get("properties", {}))


def test_every_link_on_the_page_leads_somewhere(service_app: Flask) -> None:
    text = service_app.test_client().get(f"/{service_app.name}/docs").text
    places = re.findall(r'\bid="([^"]+)"', text)
    assert len(places) == len(set(places))
    linked = set(re.findall(r'href="#([^"]+)"', text))
    assert "schema-Problem" in linked
    assert linked <= set(places)


def test_the_page_needs_nothing_from_elsewhere_and_no_scripts(service_app: Flask) -> None:
    text = service_app.test_client().get(f"/{service_app.name}/docs").text
    assert "<script" not in text
    assert "style=" not in text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)


@pytest.mark.browser
def test_the_page_fits_every_width(service_app: Flask, page_at: PageAt) -> None:
    with served(service_app) as address:
        for width in (390, 1280):
            page = page_at(width)
            page.goto(f"{address}/{service_app.name}/docs")
            screenshot(page, f"api-{service_app.name}-{width}")
            assert page_width(page) <= width
