"""Debian's chromium, driven by playwright, and what goes wrong on a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import pytest
from rendering import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCREENSHOTS = ROOT / "build" / "screenshots"
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
# Violations of the Content-Security-Policy are events of the page.
WATCH_POLICY = """
window.violations = [];
document.addEventListener("securitypolicyviolation", event => {
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`);
});
"""
BOUND = 30.0


class Visit:
    """A page that is open, and what went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.add_init_script(WATCH_POLICY)
        page.on("console", lambda line: self._complain(line.type, line.text))
        page.on("pageerror", lambda error: self._complain("error", str(error)))
        page.on("requestfailed", lambda request: self._complain("error", request.url))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def keep_picture(self, name: str) -> None:
        """Save what the page looks like, for people."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def violations(self) -> list[str]:
        """Return what the page's policy forbade."""
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def _complain(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


@contextmanager
def visiting() -> Iterator[Visit]:
    """Open a page in a browser that knows nothing yet."""
    program = shutil.which("chromium") or missing("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1200, "height": 1600})
        context.set_default_timeout(BOUND * 1000)
        yield Visit(context.new_page())
        browser.close()


def missing(what: str) -> NoReturn:
    """Skip where a real part is too much to ask for, but not in a pipeline."""
    if os.environ.get("CI"):
        pytest.fail(f"there is no {what} here")
    pytest.skip(f"there is no {what} here")
