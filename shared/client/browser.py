"""A browser without a screen: opens pages, reads their tables as people do, and sends their forms."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urlencode, urlsplit

from shared.client.http import ApiError

TIMEOUT_SECONDS = 60.0
"""A report counts three periods, and its paper is typeset."""
Table = Mapping[str, Mapping[str, str]]
"""Head of a row → head of a column → what stands in the cell."""


class NotOnPage(LookupError):
    """The page has no such table, row, column or field."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the platform has sent.

    Attributes:
        path: where it came from in the end; a form may lead to another page.
        content: the bytes.
    """

    path: str
    content: bytes

    @property
    def page(self) -> Page:
        """The content as a page."""
        return Page.read(self.content.decode())


class Browser:
    """Opens pages as one person.

    Args:
        address: of the platform.
        token: the person's bearer token.
    """

    def __init__(self, address: str, token: str) -> None:
        self.address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "text/html", "Origin": self.address}

    def open(self, path: str, query: Mapping[str, str] | None = None) -> Opened:
        """Opens a page or a file.

        Raises:
            ApiError: the platform refuses.
        """
        return self._send(f"{path}?{urlencode(query)}" if query else path, None)

    def send(self, path: str, form: Mapping[str, str]) -> Opened:
        """Sends a form; returns the page to which it leads.

        Raises:
            ApiError: the platform refuses.
        """
        return self._send(path, urlencode(form).encode())

    def _send(self, path: str, body: bytes | None) -> Opened:
        request = urllib.request.Request(self.address + path, body, self._headers)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return Opened(urlsplit(answer.url).path, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise ApiError(error.code, {"title": error.reason, "detail": path}) from error


@dataclass(frozen=True, slots=True)
class Page:
    """A page of HTML.

    Attributes:
        tables: by caption; a table without one is left out.
        hidden: the hidden fields of its forms, by name.
    """

    tables: Mapping[str, Table]
    hidden: Mapping[str, str]

    @classmethod
    def read(cls, text: str) -> Self:
        """Reads a page."""
        reader = _Reader()
        reader.feed(text)
        reader.close()
        return cls(reader.tables, reader.hidden)

    def cell(self, table: str, row: str, column: str) -> str:
        """What stands in a cell.

        Args:
            table: its caption.
            row, column: their heads.

        Raises:
            NotOnPage: there is no such cell.
        """
        rows = self.tables.get(table)
        if rows is None:
            raise NotOnPage(f"no table {table!r}; there are {', '.join(self.tables)}")
        if column not in rows.get(row, {}):
            raise NotOnPage(f"no row {row!r} with {column!r} in the table {table!r}")
        return rows[row][column]

    def field(self, name: str) -> str:
        """The value of a hidden field.

        Raises:
            NotOnPage: there is none of this name.
        """
        if name not in self.hidden:
            raise NotOnPage(f"no field {name!r}")
        return self.hidden[name]


class _Reader(HTMLParser):
    """Collects tables of which each row begins with a head, and hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, dict[str, dict[str, str]]] = {}
        self.hidden: dict[str, str] = {}
        self._caption = ""
        self._heads: list[str] = []
        self._row: list[str] = []
        self._in_head = False
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            given = dict(attrs)
            if given.get("type") == "hidden":
                self.hidden[given.get("name") or ""] = given.get("value") or ""
        elif tag == "table":
            self._caption, self._heads = "", []
        elif tag in ("thead", "tbody"):
            self._in_head = tag == "thead"
        elif tag == "tr":
            self._row = []
        elif tag in ("caption", "th", "td"):
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("caption", "th", "td") and self._text is not None:
            text, self._text = " ".join("".join(self._text).split()), None
            if tag == "caption":
                self._caption = text
            else:
                self._row.append(text)
        elif tag == "tr" and self._row:
            if self._in_head:
                self._heads = self._row
            elif self._caption:
                cells = dict(zip(self._heads[1:], self._row[1:], strict=False))
                self.tables.setdefault(self._caption, {})[self._row[0]] = cells
