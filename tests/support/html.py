"""Reads a page as a browser would, for tests of what every page must keep: ids, labels, regions, languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
FIELDS = frozenset({"input", "select", "textarea"})


@dataclass
class Element:
    """An element with its attributes, its parent and the texts and elements in it."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    children: list[Element | str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """An attribute; empty when it is not there."""
        return self.attributes.get(name, "")

    def all(self, *tags: str) -> Iterator[Element]:
        """The elements in it with one of these tags, or all."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def texts(self) -> Iterator[tuple[str, Element]]:
        """Its texts, each with the element that holds it."""
        for child in self.children:
            if isinstance(child, Element):
                yield from child.texts()
            elif child.strip():
                yield " ".join(child.split()), self

    @property
    def text(self) -> str:
        """All its text."""
        return " ".join(text for text, _ in self.texts())

    def above(self) -> Iterator[Element]:
        """Itself and the elements around it, from the inside out."""
        found: Element | None = self
        while found is not None:
            yield found
            found = found.parent

    @property
    def language(self) -> str:
        """The language that the nearest ``lang`` around it declares."""
        return next((one.get("lang") for one in self.above() if one.get("lang")), "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {}, None)
        self.open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.tag == tag, f"</{tag}> closes <{self.open.tag}>"
        assert self.open.parent is not None
        self.open = self.open.parent

    def handle_data(self, data: str) -> None:
        self.open.children.append(data)


def read_page(text: str) -> Element:
    """The root of a page.

    Raises:
        AssertionError: an element is closed that is not open.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.root


def repeated_ids(page: Element) -> list[str]:
    """The ids that stand on the page more than once."""
    ids = [element.get("id") for element in page.all() if element.get("id")]
    return sorted({id_ for id_ in ids if ids.count(id_) > 1})


def unlabelled(page: Element) -> list[str]:
    """The names of the visible fields that no label belongs to."""
    labels = {label.get("for"): label.text for label in page.all("label")}
    faults = []
    for element in page.all(*FIELDS):
        if element.get("type") in ("hidden", "submit"):
            continue
        inside = next((one for one in element.above() if one.tag == "label"), None)
        if not (inside.text if inside else labels.get(element.get("id"), "")):
            faults.append(element.get("name"))
    return faults


def broken_references(page: Element) -> list[str]:
    """What refers to an id that is not on the page: labels, descriptions, links within the page."""
    ids = {element.get("id") for element in page.all() if element.get("id")}
    wanted = [
        id_
        for element in page.all()
        for attribute in ("for", "aria-describedby", "aria-labelledby")
        for id_ in element.get(attribute).split()
    ]
    wanted += [link.get("href")[1:] for link in page.all("a") if link.get("href").startswith("#")]
    return sorted(set(wanted) - ids)
