"""The proxies of the page, with the table that is printed for them, before two services."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from browsing import missing
from rendering import ROOT

from examples.serving import free_port
from reliability.clients import until
from ways.asking import ask
from ways.conftest import Serve
from ways.pages import commands

PAGE = ROOT / "docs" / "migrating" / "side-by-side.md"
# Users other than root often have no /usr/sbin on their path, nor the tools of the environment.
PLACES = os.pathsep.join([os.environ["PATH"], "/usr/sbin", str(Path(sys.executable).parent)])
# What Traefik answers until it has read its file.
NO_ROUTER = "404 page not found\n"


class Pair(NamedTuple):
    """What is of the old service, and of the new one: contracts, or addresses."""

    old: Any
    new: Any


Run = Callable[[Serve, Path, Pair, Pair], AbstractContextManager[str]]


@contextmanager
def nginx(serve: Serve, folder: Path, contracts: Pair, addresses: Pair) -> Iterator[str]:
    """Run nginx as the page shows it."""
    program, port = find("nginx"), free_port()
    (folder / "routes.conf").write_text(print_routes(folder, contracts), "utf-8")
    (shown,) = re.findall(r"```nginx\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    configuration = replace(
        shown,
        {
            "127.0.0.1:5000": addresses.old.removeprefix("http://"),
            "127.0.0.1:8080": addresses.new.removeprefix("http://"),
            "listen 80;": f"listen 127.0.0.1:{port};",
        },
    )
    # Those of the package are root's.
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = [f"{kind}_temp_path {folder / kind};" for kind in kinds]
    http = "\n".join([*places, "access_log off;", configuration])
    config = folder / "nginx.conf"
    top = f"daemon off; pid {folder / 'pid'}; events {{}}\nhttp {{\n"
    config.write_text(f"{top}{http}\n}}\n", "utf-8")
    with serve([program, "-e", "stderr", "-c", config], folder, {}, port) as address:
        yield address


@contextmanager
def traefik(serve: Serve, folder: Path, contracts: Pair, addresses: Pair) -> Iterator[str]:
    """Run Traefik as the page shows it."""
    program = find("traefik")
    printed = print_routes(folder, contracts, "--traefik", *addresses)
    (folder / "routes.yml").write_text(printed, "utf-8")
    (shown,) = [each for each in commands(PAGE.name) if each.startswith("traefik ")]
    _, *options = shlex.split(replace(shown, {"=:80 ": "=127.0.0.1:PORT "}))
    # A change is taken at once, and not after two seconds.
    options.append("--providers.providersthrottleduration=10ms")
    with serve([program, *options], folder, {}) as address:
        until(lambda: ask(address, "GET /").body != NO_ROUTER)
        yield address


def find(name: str) -> str:
    """Return where a program is."""
    return shutil.which(name, path=PLACES) or missing(name)


def replace(text: str, values: Mapping[str, str]) -> str:
    """Replace what a page shows by what a test has."""
    for shown, real in values.items():
        assert shown in text
        text = text.replace(shown, real)
    return text


def print_routes(folder: Path, contracts: Pair, *options: str) -> str:
    """Return what `nox -s routes` prints for two contracts."""
    files = []
    for name, contract in contracts._asdict().items():
        files.append(folder / f"{name}.yml")
        files[-1].write_text(yaml.safe_dump(contract), "utf-8")
    done = run_routes(*files, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_routes(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    """Run what `nox -s routes` runs."""
    command = [sys.executable, "-m", "routes", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
