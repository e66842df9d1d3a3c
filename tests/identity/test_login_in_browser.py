"""A login in Swagger UI, at a certified OpenID provider, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import Visit, visiting
from interpreters import OUR_PYTHON

from identity.real_provider import log_in_at_provider, serving_beside

EXPORT = "[id$=export_items]"


@pytest.fixture
def address(
    framework: str,
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    tmp_path: Path,
) -> Iterator[str]:
    """Serve the sample with its export, and a provider that knows its Swagger UI."""
    folder = service(f"{framework}-csv_export-auth")
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    with serving_beside(folder, python, tmp_path) as address:
        yield address


def log_in(visit: Visit, address: str, name: str) -> None:
    """Log in by the button Authorize, and agree to what Swagger UI asks for."""
    page = visit.page
    page.goto(f"{address}/ui/")
    page.click(".scheme-container button.authorize")
    with page.expect_popup() as popup:
        page.click(".auth-btn-wrapper button.authorize")
    log_in_at_provider(popup.value, name)
    page.wait_for_selector("text=Logout")
    page.click(".btn-done")


def export(visit: Visit) -> tuple[str, str]:
    """Call the export from Swagger UI; return the status and what the browser got."""
    page = visit.page
    page.click(f"{EXPORT} .opblock-summary-control")
    page.click(f"{EXPORT} .try-out__btn")
    with page.expect_response(lambda response: "-csv" in response.url) as answer:
        page.click(f"{EXPORT} .execute")
    page.wait_for_selector(f"{EXPORT} .live-responses-table")
    status = page.inner_text(f"{EXPORT} .live-responses-table .response-col_status >> nth=1")
    return status.split()[0], answer.value.text()


def test_reader_logs_in_and_exports(address: str, framework: str) -> None:
    with visiting() as visit:
        log_in(visit, address, "reader")
        status, body = export(visit)
        visit.keep_picture(f"login-{framework}-reader")

        assert status == "200"
        assert body.splitlines()[0] == "id,name,category,active,created_on"
        assert len(body.splitlines()) == 4
        assert visit.violations() == []
        assert visit.complaints == []


def test_stranger_logs_in_and_is_refused(address: str, framework: str) -> None:
    with visiting() as visit:
        log_in(visit, address, "stranger")
        status, body = export(visit)
        visit.keep_picture(f"login-{framework}-stranger")

        assert status == "403"
        assert "The role items.read is needed." in body
        assert visit.violations() == []
