"""Two services behind one address: nginx asks the one that the table names."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from browsing import missing
from interpreters import OUR_PYTHON
from rendering import ROOT
from starlette.exceptions import StarletteDeprecationWarning

from examples.serving import free_port, serving
from ways.asking import Answer, ask
from ways.conftest import Depots, Serve
from ways.pages import add_to_factory, write_files

PAGE = ROOT / "docs" / "migrating" / "side-by-side.md"
# Users other than root often have no /usr/sbin on their path.
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
# Tells which side a request is for.
ECHO = """
include routes.conf;
server {
    listen 127.0.0.1:PORT;
    location / {
        add_header X-Side $side;
        return 204;
    }
}
"""

OLD: dict[str, Any] = {
    "swagger": "2.0",
    "basePath": "/v1/",
    "paths": {
        "/notes": {"get": {}, "post": {}, "parameters": []},
        "/notes/{id}": {"get": {}, "delete": {}},
        "/notes/latest": {"get": {}},
        "/notes/{id}/pages/{page}": {"get": {}},
        "/a.b+c": {"get": {}},
    },
}
NEW: dict[str, Any] = {
    "openapi": "3.0.3",
    "servers": [
        {"url": "https://example.org/{version}", "variables": {"version": {"default": "v1"}}}
    ],
    "paths": {
        "/notes": {"get": {}},
        "/notes/{note_id}": {"get": {}, "put": {}},
        "/notes/{note_id}/pages/first": {"get": {}},
        "/only-here": {"post": {}},
    },
}
# The old service, in a process with the new one.
NOTES = """
from flask import Flask, request


def create_app():
    app = Flask(__name__)
    app.add_url_rule("/accounts/<name>", view_func=lambda name: {"name": name, "at": request.path})
    return app
"""
CASES = {
    # In both, and in one of them.
    "GET /v1/notes": "new",
    "POST /v1/notes": "old",
    "POST /v1/only-here": "new",
    # Parameters, whatever the contracts call them.
    "GET /v1/notes/7": "new",
    "GET /v1/notes/7?full=yes": "new",
    "GET /v1/notes/a%20b": "new",
    "PUT /v1/notes/7": "new",
    "DELETE /v1/notes/7": "old",
    "GET /v1/notes/7/pages/2": "old",
    # A path without parameters comes first.
    "GET /v1/notes/latest": "old",
    "GET /v1/notes/7/pages/first": "new",
    # What no contract has.
    "GET /": "old",
    "GET /notes": "old",
    "GET /v1/notes/": "old",
    "GET /v1/NOTES": "old",
    "GET /v1/notes/7/more": "old",
    "PATCH /v1/only-here": "old",
    "GET /v1/axb+c": "old",
    # Other methods.
    "HEAD /v1/notes/7": "new",
    "HEAD /v1/notes/latest": "old",
    "OPTIONS /v1/notes": "old",
}


Proxy = Callable[..., AbstractContextManager[str]]


@pytest.fixture
def proxy(serve: Serve, tmp_path: Path) -> Proxy:
    """Give the function that runs nginx, with the table of two contracts and a part of its own."""

    @contextmanager
    def run(old: object, new: object, configuration: str) -> Iterator[str]:
        program, port = NGINX or missing("nginx"), free_port()
        (tmp_path / "routes.conf").write_text(print_routes(tmp_path, old, new), "utf-8")
        # Those of the package are root's.
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = [f"{kind}_temp_path {tmp_path / kind};" for kind in kinds]
        http = "\n".join([*places, "access_log off;", configuration.replace("PORT", str(port))])
        config = tmp_path / "nginx.conf"
        top = f"daemon off; pid {tmp_path / 'pid'}; events {{}}\nhttp {{\n"
        config.write_text(f"{top}{http}\n}}\n", "utf-8")
        command: list[str | Path] = [program, "-e", "stderr", "-c", config]
        with serve(command, tmp_path, {}, port) as address:
            yield address

    return run


def print_routes(folder: Path, old: object, new: object) -> str:
    """Return what `nox -s routes` prints for two contracts."""
    files = []
    for name, contract in (("old.yml", old), ("new.yml", new)):
        files.append(folder / name)
        files[-1].write_text(yaml.safe_dump(contract), "utf-8")
    done = run_routes(*files)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_routes(*files: Path) -> subprocess.CompletedProcess[str]:
    """Run what `nox -s routes` runs."""
    command = [sys.executable, "-m", "routes", *map(str, files)]
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=True)


def test_each_request_is_for_the_side_that_has_it(proxy: Proxy) -> None:
    with proxy(OLD, NEW, ECHO) as nginx:
        sides = {asked: ask(nginx, asked).headers["X-Side"] for asked in CASES}

    assert sides == CASES


def test_browser_asks_the_side_that_it_will_send_the_request_to(proxy: Proxy) -> None:
    asked = "OPTIONS /v1/notes"
    with proxy(OLD, NEW, ECHO) as nginx:
        sides = {
            method: ask(nginx, asked, headers={"Access-Control-Request-Method": method})
            for method in ("GET", "POST")
        }

    assert {name: answer.headers["X-Side"] for name, answer in sides.items()} == {
        "GET": "new",
        "POST": "old",
    }


def test_both_services_answer_behind_the_nginx_of_the_page(depots: Depots, proxy: Proxy) -> None:
    (configuration,) = re.findall(r"```nginx\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    for shown, real in (
        ("127.0.0.1:5000", depots.old.removeprefix("http://")),
        ("127.0.0.1:8080", depots.new.removeprefix("http://")),
        ("listen 80;", "listen 127.0.0.1:PORT;"),
    ):
        assert shown in configuration
        configuration = configuration.replace(shown, real)
    old = read(depots.old_folder / "depot" / "openapi" / "depot.yaml")
    # What has moved so far.
    new = read(depots.folder / "api-spec.yml")
    del new["paths"]["/labels"], new["paths"]["/parcels"]["get"]

    with proxy(old, new, configuration) as nginx:
        added = ask(nginx, "POST /v1/parcels", {"to": "Anne", "grams": 100}, {"X-Depot": "north"})
        location = added.headers["Location"]
        answers = {
            "POST /v1/parcels": added,
            f"GET {location}": ask(nginx, f"GET {location}"),
            f"GET {location}/track": ask(nginx, f"GET {location}/track"),
            "GET /v1/parcels": ask(nginx, "GET /v1/parcels"),
            "GET /v1/labels": ask(nginx, "GET /v1/labels"),
            "POST /v1/login": ask(nginx, "POST /v1/login", {"user": "anne"}),
            "GET /v1/nowhere": ask(nginx, "GET /v1/nowhere"),
        }
        cookie = answers["POST /v1/login"].headers["Set-Cookie"].partition(";")[0]
        me = ask(nginx, "GET /v1/me", headers={"Cookie": cookie})

    assert [answer.status for answer in answers.values()] == [201, 200, 200, 200, 200, 204, 404]
    assert [side(answer) for answer in answers.values()] == ["new"] * 3 + ["old"] * 4
    assert (side(me), me.body) == ("new", {"user": "anne"})


def side(answer: Answer) -> str:
    """Tell who has answered: only the new service gives requests an id."""
    return "new" if answer.headers["X-Request-ID"] else "old"


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "No such file"),
        ("a: [", "while parsing"),
        ("- a", "it has no paths, so it is neither OpenAPI 3 nor Swagger 2"),
        ("openapi: 3.0.3", "it has no paths, so it is neither OpenAPI 3 nor Swagger 2"),
    ],
)
def test_what_is_no_contract_is_named(tmp_path: Path, text: str | None, reason: str) -> None:
    file = tmp_path / "api.yml"
    if text is not None:
        file.write_text(text, "utf-8")

    done = run_routes(file, file)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{file}: ")
    assert reason in done.stderr


def test_old_service_runs_in_the_process_of_the_new_one(
    rendered: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    folder = shutil.copytree(rendered("flask"), tmp_path / "my-service")
    write_files(PAGE.name, "After", folder)
    (folder / "notes").mkdir()
    (folder / "notes" / "__init__.py").write_text(NOTES, "utf-8")
    imports = "from app.old_service import OLD_ROUTES\n"
    lines = "    application.routes.extend(OLD_ROUTES)\n"
    add_to_factory(folder, imports=imports, lines=lines)
    python = environment(rendered("flask-database"), OUR_PYTHON) / "bin" / "python"

    with serving(folder, python, free_port(), service_variables) as (address, _process):
        old, lost = ask(address, "GET /accounts/anne"), ask(address, "GET /accounts/a/b")
        new = ask(address, "GET /items")

    assert old.body == {"name": "anne", "at": "/accounts/anne"}
    assert lost.status == 404
    assert [side(each) for each in (old, lost, new)] == ["new"] * 3
    assert new.status == 200


def test_what_starlette_has_for_wsgi_is_deprecated() -> None:
    with pytest.warns(StarletteDeprecationWarning, match="a2wsgi"):
        importlib.reload(importlib.import_module("starlette.middleware.wsgi"))
