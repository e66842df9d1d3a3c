"""The page on aiohttp: its services answer the same, but for what it lists."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest
from interpreters import OUR_PYTHON
from test_services import CHECKS, run

from examples.serving import free_port, serving
from ways.asking import Answer, ask
from ways.conftest import Install, Serve
from ways.pages import add_to_factory, write_files

AIOHTTP = (
    "aiohttp==3.14.5",
    "aiohttp-session[secure]==2.12.1",
    "connexion[aiohttp]==2.14.2",
    "pytest-aiohttp==1.1.0",
)
KEY = "0" * 43 + "="
DEPOT = {"X-Depot": "north"}
ADDED = (
    "    application.outer_middlewares.append(VersionMiddleware)\n    keep_courier(application)\n"
)
IMPORTS = "from app.versions import VersionMiddleware\nfrom app.couriers import keep_courier\n"


class CourierHandler(BaseHTTPRequestHandler):
    """Tells where every parcel is."""

    def do_GET(self) -> None:
        """Answer."""
        body = b'{"place": "%s"}' % self.path.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Services(NamedTuple):
    """The addresses of both services, and what the new one is checked with."""

    old: str
    new: str
    old_python: Path
    old_folder: Path
    folder: Path
    environment: Path
    variables: dict[str, str]

    def ask(self, asked: str, body: Any = None, headers: Any = None) -> tuple[Answer, Answer]:
        """Ask both, the old one first."""
        return ask(self.old, asked, body, headers), ask(self.new, asked, body, headers)


@pytest.fixture(scope="module")
def courier() -> Iterator[str]:
    """Run the courier."""
    with ThreadingHTTPServer(("127.0.0.1", 0), CourierHandler) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def services(
    rendered: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    install: Install,
    serve: Serve,
    courier: str,
    service_variables: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Services]:
    """Run both services of the page."""
    variables = service_variables | {"COURIER_URL": courier, "SESSION_KEY": KEY}
    old_folder = write_files("aiohttp.md", "Before", tmp_path_factory.mktemp("old"))
    old_python = install(*AIOHTTP)
    folder = tmp_path_factory.mktemp("new") / "my-service"
    shutil.copytree(rendered("async"), folder)
    (folder / "tests" / "test_items.py").unlink()
    write_files("aiohttp.md", "After", folder)
    write_files("flask.md", "After", folder, only="app/versions.py")
    add_to_factory(folder, imports=IMPORTS, lines=ADDED)
    # It has what the page adds to the dependencies, and others share it.
    place = environment(rendered("async-database-csv_export-auth"), OUR_PYTHON)
    run(["ruff", "check", "--fix", "--quiet", "app/__init__.py"], folder, place, variables)
    serve_new = serving(folder, place / "bin" / "python", free_port(), variables)
    with (
        serve([old_python, "-m", "depot", "PORT"], old_folder, variables) as old,
        serve_new as (new, _process),
    ):
        yield Services(old, new, old_python, old_folder, folder, place, variables)


def test_parcels_are_the_same(services: Services) -> None:
    parcels = [{"to": name, "grams": 100} for name in ("Anne", "Ben")]
    for parcel in [*parcels, {"to": "Cleo", "grams": 1, "fragile": True}]:
        old, new = services.ask("POST /v1/parcels", parcel, DEPOT)

        assert old.status == new.status == 201
        assert old.body == new.body
        assert old.headers["Location"] == new.headers["Location"] == f"/v1/parcels/{old.body['id']}"
    for path in ("", "?limit=3", "?states=waiting", "?states=sent", "?states=sent,waiting", "/3"):
        old, new = services.ask(f"GET /v1/parcels{path}")

        assert old.status == new.status == 200
        assert old.body == new.body
    assert [each.body for each in services.ask("GET /v1/parcels/1/track")] == [
        {"place": "/places/1"}
    ] * 2
    labels = services.ask("GET /v1/labels")
    assert [each.body for each in labels] == ["1 Anne\n2 Ben\n3 Cleo\n"] * 2
    assert {each.headers["Content-Type"].partition(";")[0] for each in labels} == {"text/plain"}
    assert {each.headers["X-Version"] for each in labels} == {"7"}


@pytest.mark.parametrize(
    ("asked", "body", "headers"),
    [
        ("GET /v1/parcels/99", None, {}),
        ("GET /v1/parcels/99/track", None, {}),
        ("GET /v1/me", None, {}),
        ("GET /v1/me", None, {"Cookie": "AIOHTTP_SESSION=none"}),
        ("GET /v1/audit", None, {}),
        ("GET /v1/audit", None, {"X-Api-Key": "none"}),
        ("GET /v1/nowhere", None, {}),
        ("DELETE /v1/parcels", None, {}),
        ("GET /v1/parcels?states=lost", None, {}),
        ("GET /v1/parcels?limit=0", None, {}),
        ("POST /v1/parcels", {"to": "Anne"}, DEPOT),
        ("POST /v1/parcels", {"to": "Anne", "grams": 1}, {}),
        ("POST /v1/parcels", b"{", DEPOT | {"Content-Type": "application/json"}),
    ],
)
def test_problems_are_the_same(
    services: Services, asked: str, body: Any, headers: dict[str, str]
) -> None:
    old, new = services.ask(asked, body, headers)

    assert old.status == new.status
    assert old.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert new.headers["Content-Type"] == "application/problem+json"
    assert (old.body["type"], old.body["title"]) == (new.body["type"], new.body["title"])
    assert new.body.keys() - old.body.keys() == {"instance", "request_id"} | (
        {"errors"} if "errors" in new.body else set()
    )
    if old.status in (401, 404) and "nowhere" not in asked:
        assert old.body["detail"] == new.body["detail"]


def test_session_of_the_old_service_is_read(services: Services) -> None:
    login = ask(services.old, "POST /v1/login", {"user": "anne"})
    cookie = {"Cookie": login.headers["Set-Cookie"].partition(";")[0]}

    assert [each.body for each in services.ask("GET /v1/me", headers=cookie)] == [
        {"user": "anne"}
    ] * 2


def test_key_of_an_api_is_good_for_both(services: Services) -> None:
    old, new = services.ask("GET /v1/audit", headers={"X-Api-Key": "open sesame"})

    assert old.body == new.body
    assert new.body["user"] == "auditor"


@pytest.mark.parametrize(
    ("asked", "statuses"),
    [
        ("GET /v1/parcels?colour=red", (200, 400)),
        ("GET /v1/parcels/abc", (400, 404)),
        ("GET /v1/parcels/", (200, 307)),
    ],
)
def test_what_differs_is_what_the_page_says(
    services: Services, asked: str, statuses: tuple[int, int]
) -> None:
    assert tuple(each.status for each in services.ask(asked)) == statuses


def test_tests_of_both_pass(services: Services) -> None:
    old = [services.old_python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    options = ["--asyncio-mode=auto", "tests"]
    variables = services.variables | {"PYTHONPATH": "."}
    subprocess.run([*old, *options], cwd=services.old_folder, env=variables, check=True)

    command = [*CHECKS["suite"], "tests/test_parcels.py"]
    run(command, services.folder, services.environment, services.variables)


@pytest.mark.parametrize("check", ["lint", "format", "floors"])
def test_moved_service_passes_its_checks(services: Services, check: str) -> None:
    run(CHECKS[check], services.folder, services.environment, services.variables)
