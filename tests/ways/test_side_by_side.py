"""Both services of a page behind one address: by nginx, by Traefik, or in one process."""

from __future__ import annotations

import importlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from interpreters import OUR_PYTHON
from starlette.exceptions import StarletteDeprecationWarning

from examples.serving import free_port, serving
from ways import proxies
from ways.asking import Answer, ask
from ways.conftest import Depots, Serve
from ways.pages import add_to_factory, write_files
from ways.proxies import PAGE, Pair, print_routes, run_routes

# The old service, in a process with the new one.
NOTES = """
from flask import Flask, request


def create_app():
    app = Flask(__name__)
    app.add_url_rule("/accounts/<name>", view_func=lambda name: {"name": name, "at": request.path})
    return app
"""
# What the page prints tables of.
PARCELS = Pair(
    {
        "swagger": "2.0",
        "basePath": "/v1",
        "paths": {
            "/parcels": {"get": {}, "post": {}},
            "/parcels/{id}": {"get": {}},
            "/parcels/latest": {"get": {}},
        },
    },
    {
        "openapi": "3.0.3",
        "paths": {"/v1/parcels": {"get": {}}, "/v1/parcels/{parcel_id}": {"get": {}}},
    },
)
ADDRESSES = ("http://127.0.0.1:5000", "http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("language", "options"), [("text", ()), ("yaml", ("--traefik", *ADDRESSES))]
)
def test_page_shows_what_is_printed(
    tmp_path: Path, language: str, options: tuple[str, ...]
) -> None:
    (shown,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.S)

    assert shown in print_routes(tmp_path, PARCELS, *options)


@pytest.mark.parametrize("run", [proxies.nginx, proxies.traefik])
def test_both_services_answer_behind_the_proxy_of_the_page(
    depots: Depots, serve: Serve, tmp_path: Path, run: proxies.Run
) -> None:
    old = read(depots.old_folder / "depot" / "openapi" / "depot.yaml")
    # What has moved so far.
    new = read(depots.folder / "api-spec.yml")
    del new["paths"]["/labels"], new["paths"]["/parcels"]["get"]

    with run(serve, tmp_path, Pair(old, new), Pair(depots.old, depots.new)) as proxy:
        added = ask(proxy, "POST /v1/parcels", {"to": "Anne", "grams": 100}, {"X-Depot": "north"})
        location = added.headers["Location"]
        answers = {
            "POST /v1/parcels": added,
            f"GET {location}": ask(proxy, f"GET {location}"),
            f"GET {location}/track": ask(proxy, f"GET {location}/track"),
            "GET /v1/parcels": ask(proxy, "GET /v1/parcels"),
            "GET /v1/labels": ask(proxy, "GET /v1/labels"),
            "POST /v1/login": ask(proxy, "POST /v1/login", {"user": "anne"}),
            "GET /v1/nowhere": ask(proxy, "GET /v1/nowhere"),
        }
        cookie = answers["POST /v1/login"].headers["Set-Cookie"].partition(";")[0]
        me = ask(proxy, "GET /v1/me", headers={"Cookie": cookie})

    assert [answer.status for answer in answers.values()] == [201, 200, 200, 200, 200, 204, 404]
    assert [side(answer) for answer in answers.values()] == ["new"] * 3 + ["old"] * 4
    assert (side(me), me.body) == ("new", {"user": "anne"})
    # Traefik asks the new one for it, and nginx the old one.
    assert ask(depots.new, "GET /v1/parcels/a%2Fb").status == 404


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


@pytest.mark.parametrize("address", ["127.0.0.1:5000", "http://127.0.0.1:5000/v1", "ftp://old", ""])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    done = run_routes(tmp_path, tmp_path, "--traefik", address, ADDRESSES[1])

    assert (done.returncode, done.stdout) == (2, "")
    assert "an address as http://127.0.0.1:5000 is wanted, no path" in done.stderr


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
