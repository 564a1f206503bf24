"""The system's Chromium, driven by Playwright: pages of a given width, without access to the internet."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Response, sync_playwright

SCREENSHOT_DIR = "SCREENSHOT_DIR"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    # A page that loads anything from the internet must fail here, as it would in an office without internet.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)

PageAt = Callable[..., Page]


def chromium() -> str:
    """The path of the system's Chromium.

    Raises:
        FileNotFoundError: there is none.
    """
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise FileNotFoundError("chromium not found: install it (Debian: apt-get install chromium-headless-shell)")


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless Chromium that runs inside the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def pages(browser: Browser) -> Iterator[PageAt]:
    """Makes pages, each with its own cookies; all are closed at the end.

    The maker is called ``page_at(width, height=900, **options)``, with pixels of CSS and Playwright's options of
    ``Browser.new_context``. Pages are in Vietnamese and on Vietnam's time unless the options say otherwise.
    """
    with contextlib.ExitStack() as stack:

        def page_at(width: int, height: int = 900, **options: Any) -> Page:
            surroundings = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh", **options}
            context = browser.new_context(viewport={"width": width, "height": height}, **surroundings)
            stack.callback(context.close)
            context.set_default_timeout(15_000)
            return context.new_page()

        yield page_at


def press_back(page: Page, path: str, forward: bool = False) -> None:
    """Presses Back on a page that is displayed, and Forward after it if asked.

    Chromium refuses both between a page's answer and its display; nobody presses a button of a page not yet there.

    Args:
        page: on its way to the path, or there.
        path: the end of the address that is waited for, such as ``/check``.
        forward: comes back to the page.
    """
    page.wait_for_url(f"**{path}")
    page.go_back()
    if forward:
        page.go_forward()


def page_width(page: Page) -> int:
    """The width of what a page holds, CSS pixels: wider than the window, and people must scroll sideways.

    Waits for the page. Where a click leads on, the new document is empty for a moment, and nothing of it can be measured.
    """
    page.wait_for_load_state()
    width: int = page.locator("html").evaluate("one => one.scrollWidth")
    return width


def open_paper(page: Page, press: Callable[[], None]) -> None:
    """Presses a button that opens a PDF in a tab of its own, and closes the tab.

    Args:
        page: with the button.
        press: presses it.
    """

    def is_paper(answer: Response) -> bool:
        return answer.headers.get("content-type") == "application/pdf"

    with page.context.expect_event("response", is_paper) as answered, page.context.expect_page() as opened:
        press()
    assert answered.value.status == 200
    opened.value.close()


def screenshot(page: Page, name: str, environ: Mapping[str, str] = os.environ, whole: bool = True) -> Path | None:
    """Saves a screenshot if the environment names a folder for it.

    Args:
        name: the file's name, without its ending.
        environ: where the folder is named, in ``SCREENSHOT_DIR``.
        whole: the whole page; otherwise what the window shows.

    Returns:
        the file, or None where no folder is named.
    """
    folder = environ.get(SCREENSHOT_DIR, "")
    if not folder:
        return None
    path = Path(folder) / (re.sub(r"[^\w.-]+", "-", name) + ".png")
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole)
    return path
