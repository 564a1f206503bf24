"""What keeps people from using a page: faults that axe-core finds, sideways scrolling, and targets that are too small to hit."""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.browser import PageAt

NARROWEST = 320
"""The width of the narrowest page, CSS pixels: 1280 pixels at 400 % (WCAG 2.2, 1.4.10)."""
TARGET = 44
"""Height of what is pressed, CSS pixels."""
REPEATED = ["SECTION", "ARTICLE", "LI", "TR", "DETAILS"]
"""Where more than three in a row show the same and differ in texts alone, axe-core sees three: its time grows with the square of a page."""

_FAULTS = """async ([room, least, repeated, options]) => {
    const faults = [], outer = one => one.outerHTML.slice(0, 120)
    if (document.documentElement.scrollWidth > room) {
        const alone = ['auto', 'scroll', 'hidden', 'clip']
        const scrolls = one => one && (alone.includes(getComputedStyle(one).overflowX) || scrolls(one.parentElement))
        const wide = [...document.querySelectorAll('body *')].filter(
            one => one.getBoundingClientRect().right > room + 0.5 && !scrolls(one.parentElement))
        faults.push(`wider than ${room} px: ${wide.map(outer).join(' ')}`)
    }
    for (const one of document.querySelectorAll(
        'button, select, textarea, summary, a.button, a.card, label.choice, input:not([type=hidden], [type=checkbox], [type=radio])'
    )) {
        const box = one.getBoundingClientRect()
        if (box.width > 1 && box.height > 0 && box.height < least - 0.5 && one.checkVisibility())
            faults.push(`lower than ${least} px: ${outer(one)}`)
    }
    const look = one => `${one.tagName} ${one.className} ${one.type ?? ''} ${one.getAttribute('role') ?? ''}`
    const looks = one => [...new Set([one, ...one.querySelectorAll('*')].map(look))].sort().join()
    for (const many of document.querySelectorAll('main, section, ul, ol, tbody, div')) {
        const alike = {}
        for (const one of [...many.children].filter(one => repeated.includes(one.tagName))) {
            const kind = looks(one)
            alike[kind] = (alike[kind] ?? 0) + 1
            if (alike[kind] > 3) one.remove()
        }
    }
    const found = await axe.run(document, {...options, rules: {'color-contrast': {enabled: false}}})
    const written = newlyWritten()
    if (written.length) {
        const contrast = await axe.run({include: written}, {...options, runOnly: {type: 'rule', values: ['color-contrast']}})
        found.violations.push(...contrast.violations)
    }
    for (const one of found.violations)
        for (const node of one.nodes) faults.push(`${one.id}: ${node.html.slice(0, 120)}`)
    return faults
}"""
_NEWLY_WRITTEN = """
const known = new Set()
window.newlyWritten = () => {
    const looks = new Map()
    const look = one => {
        if (!one) return ''
        if (!looks.has(one)) {
            const style = getComputedStyle(one)
            const own = [one.tagName, one.className, style.color, style.backgroundColor, style.backgroundImage,
                style.opacity, style.filter, style.position, style.textShadow]
            looks.set(one, `${look(one.parentElement)} > ${own.join()}`)
        }
        return looks.get(one)
    }
    const holdsText = one => ['INPUT', 'SELECT', 'TEXTAREA'].includes(one.tagName)
        || [...one.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
    return [...document.body.querySelectorAll('*')].filter(one => {
        if (!holdsText(one) || !one.checkVisibility()) return false
        const {fontSize, fontWeight} = getComputedStyle(one), key = `${look(one)} ${fontSize} ${fontWeight}`
        return !known.has(key) && known.add(key)
    })
}
"""
"""Finds the elements whose text is written as no text was before: by the element and all around it, their colours and the font.

Axe-core takes longer for their contrast than for everything else, and most of each page is written as the page before it.
"""
_OPTIONS: dict[str, Any] = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "preload": False,  # styles of other origins and videos, of which there are none
}


class AccessibilityCheck:
    """Looks for faults of one page after the other in a window as narrow as can be.

    Args:
        page_at: opens the window.
        address: of a page of the platform, whose styles the others use too.
    """

    def __init__(self, page_at: PageAt, address: str) -> None:
        self._page: Page = page_at(NARROWEST, bypass_csp=True)
        self._page.add_init_script(Axe().axe_script)
        self._page.add_init_script(_NEWLY_WRITTEN)
        # these go on by themselves after a while, and would take the window away from the pages after them
        self._page.route(re.compile(r"/(kiosk|board|device)\.js"), lambda route: route.abort())
        self._page.goto(address)

    def faults(self, html: str) -> list[str]:
        """What axe-core finds in a page, and what is too wide or too small."""
        self._page.set_content(html)
        found: list[str] = self._page.evaluate(_FAULTS, [NARROWEST, TARGET, REPEATED, _OPTIONS])
        return found
