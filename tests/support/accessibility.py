"""What keeps people from using a page: faults that axe-core finds, sideways scrolling, and targets that are too small to hit."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

NARROWEST = 320
"""The width of the narrowest page, CSS pixels: 1280 pixels at 400 % (WCAG 2.2, 1.4.10)."""
TARGET = 44
"""Height of what is pressed, CSS pixels."""

_SMALL = """least => [...document.querySelectorAll(
    'button, select, textarea, summary, a.button, a.card, label.choice, input:not([type=hidden], [type=checkbox], [type=radio])'
)].filter(one => {
    const box = one.getBoundingClientRect()
    return box.width > 1 && box.height > 0 && box.height < least - 0.5 && one.checkVisibility()
}).map(one => one.outerHTML.slice(0, 120))"""
_WIDE = """() => {
    const root = document.documentElement, room = root.clientWidth
    const alone = ['auto', 'scroll', 'hidden', 'clip']
    const scrolls = one => one && (alone.includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement))
    return root.scrollWidth <= room ? [] : [...document.querySelectorAll('body *')].filter(
        one => one.getBoundingClientRect().right > room + 0.5 && !scrolls(one.parentElement)
    ).map(one => one.outerHTML.slice(0, 120))
}"""
_OPTIONS: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def check_accessibility_of(page: Page) -> None:
    """Puts axe-core into all that a page will show.

    Args:
        page: opened with ``bypass_csp=True``.
    """
    page.add_init_script(Axe().axe_script)


def accessibility_faults(page: Page) -> list[str]:
    """The faults of what is shown; the window is made as narrow as a page can be, and stays so.

    Args:
        page: one of :func:`check_accessibility_of`.
    """
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    found: list[Any] = page.evaluate("options => axe.run(options).then(found => found.violations)", _OPTIONS)
    faults = [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]
    faults += [f"wider than {NARROWEST} px: {one}" for one in page.evaluate(_WIDE)]
    return faults + [f"lower than {TARGET} px: {one}" for one in page.evaluate(_SMALL, TARGET)]
