"""Services of before, in environments of their own."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from conftest import ENVIRONMENTS
from filelock import FileLock
from interpreters import OUR_PYTHON, find_interpreter

from examples.installation import run_uv
from examples.serving import free_port
from reliability.clients import BOUND, until
from reliability.pgbouncer import listens

Install = Callable[..., Path]
Serve = Callable[..., AbstractContextManager[str]]


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
    """Give the function that runs a server on the port that it gives in the place of PORT."""

    @contextmanager
    def run(command: list[str | Path], folder: Path, variables: Mapping[str, str]) -> Iterator[str]:
        port = free_port()
        filled = [str(part).replace("PORT", str(port)) for part in command]
        log = tmp_path_factory.mktemp("server") / "log"
        with log.open("wb") as file:
            server = subprocess.Popen(filled, cwd=folder, env=variables, stdout=file, stderr=file)
            try:
                until(lambda: listens(port) or server.poll() is not None)
                assert server.poll() is None, log.read_text("utf-8")
                yield f"http://127.0.0.1:{port}"
            finally:
                server.kill()
                server.wait(BOUND)

    return run
