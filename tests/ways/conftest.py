"""Services of before, in environments of their own, and those of the page on aiohttp."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest
from conftest import ENVIRONMENTS
from filelock import FileLock
from interpreters import OUR_PYTHON, find_interpreter
from rendering import COMBINATIONS, render
from test_services import run as run_check

from examples.installation import run_uv
from examples.serving import free_port, serving
from reliability.clients import BOUND, until
from reliability.pgbouncer import listens
from ways.asking import Answer, ask
from ways.courier import CourierHandler
from ways.pages import add_to_factory, write_files

Install = Callable[..., Path]
Serve = Callable[..., AbstractContextManager[str]]
AIOHTTP = (
    "aiohttp==3.14.5",
    "aiohttp-session[secure]==2.12.1",
    "connexion[aiohttp]==2.14.2",
    "pytest-aiohttp==1.1.0",
)
KEY = "0" * 43 + "="
ADDED = (
    "    application.outer_middlewares.append(VersionMiddleware)\n    keep_courier(application)\n"
)
IMPORTS = "from app.versions import VersionMiddleware\nfrom app.couriers import keep_courier\n"


@pytest.fixture(scope="session")
def install() -> Install:
    """Give the function that installs packages, of given versions, and returns the Python."""

    def install_packages(*packages: str) -> Path:
        interpreter = find_interpreter(OUR_PYTHON)
        assert interpreter
        recipe = "\n".join([interpreter, *packages])
        place = ENVIRONMENTS / f"before-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
        with FileLock(f"{place}.lock"):
            if not (place / "complete").exists():
                run_uv("venv", "--quiet", "--allow-existing", "--python", interpreter, str(place))
                options = ("--quiet", "--compile-bytecode", f"--python={place}")
                run_uv("pip", "install", *options, *packages)
                (place / "complete").touch()
        return place / "bin" / "python"

    return install_packages


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Give the function that runs a server: on a port of its own, in the place of PORT, or ours."""

    @contextmanager
    def run(
        command: list[str | Path],
        folder: Path,
        variables: Mapping[str, str],
        port: int | None = None,
    ) -> Iterator[str]:
        port = port or free_port()
        filled = [str(part).replace("PORT", str(port)) for part in command]
        log = tmp_path_factory.mktemp("server") / "log"
        with log.open("wb") as file:
            server = subprocess.Popen(filled, cwd=folder, env=variables, stdout=file, stderr=file)
            try:
                until(lambda: listens(port) or server.poll() is not None)
                assert server.poll() is None, log.read_text("utf-8")
                yield f"http://127.0.0.1:{port}"
            finally:
                # Not killed: nginx would leave its worker behind.
                server.terminate()
                server.wait(BOUND)

    return run


class Depots(NamedTuple):
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


@pytest.fixture(scope="session")
def courier() -> Iterator[str]:
    """Run the courier."""
    with ThreadingHTTPServer(("127.0.0.1", 0), CourierHandler) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def depots(
    rendered: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    install: Install,
    serve: Serve,
    courier: str,
    service_variables: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Depots]:
    """Run both services of the page."""
    variables = service_variables | {"COURIER_URL": courier, "SESSION_KEY": KEY}
    old_folder = write_files("aiohttp.md", "Before", tmp_path_factory.mktemp("old"))
    old_python = install(*AIOHTTP)
    answers = COMBINATIONS["async"] | {"sample": "none"}
    folder = render(answers, tmp_path_factory.mktemp("new"))
    write_files("aiohttp.md", "After", folder)
    write_files("flask.md", "After", folder, only="app/versions.py")
    add_to_factory(folder, imports=IMPORTS, lines=ADDED)
    # It has what the page adds to the dependencies, and others share it.
    place = environment(rendered("async-database-csv_export-auth"), OUR_PYTHON)
    run_check(["ruff", "check", "--fix", "--quiet", "app/__init__.py"], folder, place, variables)
    serve_new = serving(folder, place / "bin" / "python", free_port(), variables)
    with (
        serve([old_python, "-m", "depot", "PORT"], old_folder, variables) as old,
        serve_new as (new, _process),
    ):
        yield Depots(old, new, old_python, old_folder, folder, place, variables)
