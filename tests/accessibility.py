"""What axe finds on a page that is not accessible (WCAG 2.2 A and AA, and its best practices)."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import npm

if TYPE_CHECKING:
    from playwright.sync_api import Page

PACKAGE = "axe-core@4.14.1"
RUN = """async () => (await axe.run({ rules: { "target-size": { enabled: true } } })).violations.flatMap(
    ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`)
)"""


@functools.cache
def script() -> str:
    """Return the script of axe."""
    return (npm.installed(PACKAGE) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[str]:
    """Return what is wrong, each with its place."""
    page.evaluate(script())
    found: list[str] = page.evaluate(RUN)
    return found
