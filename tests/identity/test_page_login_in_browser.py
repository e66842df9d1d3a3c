"""A login on the page for people, at a certified OpenID provider, where Swagger UI is turned off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from accessibility import violations
from browsing import visiting
from interpreters import OUR_PYTHON

from identity.conftest import on
from identity.real_provider import log_in_at_provider, serving_beside


@pytest.fixture
def address(
    framework: str,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    tmp_path: Path,
) -> Iterator[str]:
    """Serve the sample with its page, and a provider that knows it."""
    folder = service(f"{framework}-csv_export-auth")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    with serving_beside(folder, python, tmp_path, SERVE_API_DOCS="false") as address:
        yield address


# They lead back from the provider in two ways.
@on("flask", "fastapi")
def test_reader_logs_in_and_sees_the_rows(address: str, framework: str) -> None:
    with visiting() as visit:
        page = visit.page
        page.goto(f"{address}/page/?active=true")
        page.get_by_text("Log in to see this.").wait_for()
        visit.keep_picture(f"page-login-{framework}")
        assert violations(page) == []
        with page.expect_popup() as popup:
            page.get_by_role("button", name="Log in").click()
        log_in_at_provider(popup.value, "reader")
        page.get_by_text("2 rows.").wait_for()

        assert page.evaluate("document.activeElement.id") == "title"
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        assert visit.violations() == []
        assert visit.complaints == []


@on("flask")
def test_stranger_logs_in_and_is_told_what_is_missing(address: str) -> None:
    with visiting() as visit:
        page = visit.page
        page.goto(f"{address}/page/")
        with page.expect_popup() as popup:
            page.get_by_role("button", name="Log in").click()
        log_in_at_provider(popup.value, "stranger")
        page.get_by_text("You may not do this. The role items.read is needed.").wait_for()
        assert visit.violations() == []
