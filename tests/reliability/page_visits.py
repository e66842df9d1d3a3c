"""Visits to the page for people, of a service that has every kind of field."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from accessibility import violations
from browsing import Visit, visiting
from interpreters import OUR_PYTHON
from playwright.sync_api import Page

from examples.serving import environment as our_environment
from examples.serving import free_port, serving
from reliability.stripping_proxy import stripping_proxy

PREFIX = "/svc"
OVERLAY = Path(__file__).parent / "page_service"


class Service:
    """The service that runs, and tokens for it."""

    def __init__(self, address: str, direct: str, folder: Path, python: Path) -> None:
        self.address = address
        # The proxy waits for the end of an answer, and does not tell of one that breaks off.
        self.direct = direct
        self._command = [str(python), "-m", "development.tokens"]
        self._folder = folder

    def token(self, *roles: str) -> str:
        """Return a token with these roles."""
        command = [*self._command, *(word for role in roles for word in ("--role", role))]
        printed = subprocess.run(command, cwd=self._folder, check=True, capture_output=True)
        return printed.stdout.decode().strip()


@pytest.fixture(scope="module")
def running(
    service: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """Serve the operations of this folder, behind a prefix."""
    folder = tmp_path_factory.mktemp("page") / "my-service"
    shutil.copytree(service("fastapi-csv_export-auth"), folder)
    shutil.copytree(OVERLAY, folder, dirs_exist_ok=True)
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    variables = our_environment() | {"PYTHONDONTWRITEBYTECODE": "1", "ROOT_PATH": PREFIX}
    log = (folder.parent / "log").open("wb")
    with log, serving(folder, python, free_port(), variables, log) as (there, _):
        host = "127.0.0.1", int(there.rpartition(":")[2])
        with stripping_proxy(host, PREFIX) as address:
            yield Service(address, there, folder, python)


@pytest.fixture
def visit(running: Service) -> Iterator[Visit]:
    """Open the page, and look at the end that it asked nobody else, and broke no rule of its own."""
    with visiting() as visit:
        # Colours on their way from one to another are none that axe should see.
        visit.page.emulate_media(reduced_motion="reduce")
        yield visit
        assert visit.violations() == []
        own = {urlsplit(address).netloc for address in (running.address, running.direct)}
        assert visit.hosts <= own


def open_page(visit: Visit, running: Service, place: str, address: str = "") -> Page:
    """Open the page at a place of it, and log in."""
    page = visit.page
    page.goto(f"{address or running.address}/page/{place}")
    give_token(page, running)
    return page


def give_token(page: Page, running: Service) -> None:
    """Log in, where there is no provider."""
    page.get_by_label("Access token").fill(running.token("things.read"))
    page.get_by_role("button", name="Use it").click()


def wait_for_count(page: Page, words: str) -> None:
    """Return when the page tells this of the rows."""
    page.locator("#count", has_text=words).wait_for()


def rows(page: Page) -> list[list[str]]:
    """Return the cells of the rows that are shown."""
    found: list[list[str]] = page.evaluate(
        """[...document.querySelectorAll("#table tbody tr")].map(
            row => [...row.cells].map(cell => cell.textContent))"""
    )
    return found


def fill(page: Page) -> None:
    """Fill in each field, as people do."""
    page.get_by_label("Search: Colours").fill("WHITE")
    page.get_by_text("1 fits.").wait_for()
    page.get_by_label("Black, white", exact=True).check()
    page.get_by_label("Search: Colours").fill("tŷ")
    page.get_by_label("Tŷ", exact=True).check()
    page.get_by_label("S", exact=True).check()
    page.get_by_label("L", exact=True).check()
    page.get_by_label("Names").fill("a,b\n c d \n\n50 %&=+\n")
    page.get_by_label("Kind").select_option("small")
    page.get_by_role("group", name="Heavy").get_by_label("No").check()
    page.get_by_label("Since").fill("2026-11-29")
    page.get_by_label("Weight").fill("7")
    page.get_by_label("Code").fill("AB12")
    page.get_by_label("Order").select_option("name")


def look(visit: Visit, name: str) -> None:
    """Keep pictures, of a telephone and in the dark too, and have axe look at each."""
    page = visit.page
    visit.keep_picture(name)
    assert violations(page) == []
    page.set_viewport_size({"width": 375, "height": 800})
    page.emulate_media(color_scheme="dark")
    visit.keep_picture(f"{name}-on-a-telephone")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.set_viewport_size({"width": 1200, "height": 1600})
    page.emulate_media(color_scheme="light")
