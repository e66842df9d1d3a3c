"""The parts of the tool: what is rewritten, what blocks, and what the contract becomes."""

from __future__ import annotations

import ast
import graphlib
import importlib.util
from pathlib import Path
from typing import Any

import pytest
from rendering import ROOT, SERVICE

from migrate.annotating import annotate
from migrate.answers import rewrite_answers
from migrate.blueprints import read_routes
from migrate.collecting import rewrite_tests
from migrate.contract import read_yaml, unchecked_schemes, write_contract
from migrate.derived import derive_contract
from migrate.failures import Failures
from migrate.graph import BLOCKING, is_in, reach, read_definitions
from migrate.meanings import Meanings
from migrate.operations import argument_name
from migrate.source import Module, Source
from migrate.upgrading import convert, upgrade

FILES = sorted((ROOT / "migrate").glob("*.py"))
IMPORTS = """\
import connexion, flask, json
from aiohttp import web
from connexion import NoContent
from flask import abort, jsonify, make_response

"""
ANSWERS = {
    "return jsonify(pets)": "return pets",
    "return jsonify(pets), 201": "return pets, 201",
    "return flask.jsonify(a=1, b=2)": 'return {"a": 1, "b": 2}',
    "return jsonify(1, 2)": "return [1, 2]",
    "return jsonify(*pets)": "return jsonify(*pets)",
    "return make_response(jsonify(pets), 202)": "return pets, 202",
    "return NoContent, 204": "return None, 204",
    "return connexion.NoContent": "return None",
    "return web.json_response(pets)": "return pets",
    "return web.json_response(pets, status=201)": "return pets, 201",
    "return web.json_response(pets, headers=h)": "return pets, 200, h",
    "return web.json_response(text=pets)": "return web.json_response(text=pets)",
    "return web.Response(status=204)": "return None, 204",
    "return web.Response(body=pets)": "return web.Response(body=pets)",
    "return flask.Response(json.dumps(pets), status=201, mimetype=m)": "return pets, 201",
    "return flask.Response(pets)": "return flask.Response(pets)",
    "return flask.Response(json.dumps(pets), headers=h)": (
        "return flask.Response(json.dumps(pets), headers=h)"
    ),
    "return json.dumps(pets), 201": "return json.dumps(pets), 201",
    "abort(404)": "raise NotFound()",
    "return abort(404, 'No pet')": "raise NotFound('No pet')",
    "abort(status)": "abort(status)",
    "raise web.HTTPConflict(text='Taken')": "raise Conflict('Taken')",
    "raise web.HTTPFound('/')": "raise web.HTTPFound('/')",
    "return connexion.problem(400, 'Bad pet', 'It bites')": "raise BadPet('It bites')",
    "return connexion.problem(400, 'Bad', 'x', ext=e)": "return connexion.problem(400, 'Bad', 'x', ext=e)",
}
FIELD = {"name": "f", "in": "formData", "type": "string", "required": True}
BLOCKS = """\
import sqlite3
import time as clock
from os import path

LINK = sqlite3.connect("pets")


def direct():
    clock.sleep(1)


def by_way():
    return [direct]


def by_global():
    return LINK.execute("select 1")


def reads():
    return open("pets").read()


def plain():
    return path.join("a", "b")
"""
ASKED = {
    "response.json": "response.json()",
    "response.get_json()['a']": "response.json()['a']",
    "response.data": "response.content",
    "response.get_data(as_text=True)": "response.text",
    "client.get('/', query_string={'a': 1}).json": "client.get('/', params={'a': 1}).json()",
    "client.post('/', data=json.dumps(x), content_type='application/json')": "client.post('/', json=x)",
    "other.json": "other.json",
}


@pytest.mark.parametrize("code", ANSWERS)
def test_answers_are_rewritten(code: str) -> None:
    head = f"{IMPORTS}def f():\n    "

    text = rewrite_answers(Meanings(f"{head}{code}\n", "app.api"), Failures())

    assert text.removeprefix(head).strip() == ANSWERS[code]


def test_text_of_json_is_data_under_flask_alone() -> None:
    meanings = Meanings("import json\n\ndef f():\n    return json.dumps(1), 201\n", "app.api")

    assert "return 1, 201" in rewrite_answers(meanings, Failures(), is_flask=True)


def test_failures_of_one_status_have_a_class_for_each_title() -> None:
    failures = Failures()
    code = "".join(
        f"def f{number}():\n    return connexion.problem({status}, '{title}', 'd')\n"
        for number, (status, title) in enumerate(
            [(404, "Gone fishing"), (404, "Lost"), (410, "Lost")]
        )
    )

    rewrite_answers(Meanings(IMPORTS + code, "app.api"), failures)

    assert failures.classes == {
        "GoneFishing": (404, "Gone fishing"),
        "Lost": (404, "Lost"),
        "Status410": (410, "Lost"),
    }


def test_what_blocks_is_found_by_way_of_others() -> None:
    definitions = read_definitions(Meanings(BLOCKS, "store"), is_package=False)

    blocking = reach(definitions, lambda name: is_in(name, BLOCKING), lambda _: True)

    functions = {"store.direct", "store.by_way", "store.by_global", "store.reads", "store.plain"}
    assert blocking & functions == functions - {"store.plain"}


@pytest.mark.parametrize("code", ASKED)
def test_clients_of_tests_are_rewritten(code: str) -> None:
    head = "def test_it(client):\n    response = client.get('/')\n    "

    assert rewrite_tests(f"{head}{code}\n") == f"{head}{ASKED[code]}\n"


def test_types_are_added_where_there_are_none() -> None:
    text = "ITEMS = {}\n\n\ndef f(self, a, b: dict = None):\n    return a\n"

    assert annotate(text) == (
        "ITEMS: dict[Any, Any] = {}\n\n\n"
        "def f(self, a: Any, b: dict[str, Any] = None) -> Any:\n    return a\n"
    )


@pytest.mark.parametrize("place", ["query", "header"])
@pytest.mark.parametrize("name", ["limit", "page-size", "$top", "from", "2nd", "X-Id", "a[b]", "-"])
def test_arguments_have_the_names_of_the_template(name: str, place: str) -> None:
    file = SERVICE / "app" / "standard" / "validation" / "names.py"
    spec = importlib.util.spec_from_file_location("names", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    assert argument_name(name, place) == module.argument_name(name, place)


def shared_bodies() -> dict[str, Any]:
    """Return a contract whose bodies stand among its shared parameters."""
    body = {"name": "pet", "in": "body", "required": True, "schema": {"type": "object"}}
    there = {"responses": {"200": {"description": "Done"}}}
    return {
        "swagger": "2.0",
        "info": {"title": "Pets", "version": "1"},
        "consumes": ["application/json"],
        "parameters": {"pet": body, "f": FIELD},
        "paths": {
            "/a": {"post": {"parameters": [{"$ref": "#/parameters/pet"}], **there}},
            "/b": {
                "post": {
                    "consumes": ["application/x-www-form-urlencoded"],
                    "parameters": [{"$ref": "#/parameters/f"}],
                    **there,
                }
            },
        },
    }


def test_package_still_needs_what_works_around_it(npm: None) -> None:
    paths = convert(shared_bodies())["paths"]

    # If this fails, ``_inline_bodies`` or ``_require_forms`` can go.
    assert paths["/a"]["post"]["parameters"] == [{"$ref": "#/components/requestBodies/pet"}]
    assert paths["/b"]["post"]["parameters"] == [{"$ref": "#/components/requestBodies/f"}]
    form = shared_bodies()
    form["paths"]["/b"]["post"]["parameters"] = [FIELD]
    assert "required" not in convert(form)["paths"]["/b"]["post"]["requestBody"]


def test_shared_bodies_and_forms_are_converted(npm: None) -> None:
    converted = upgrade(shared_bodies())

    json_body = converted["paths"]["/a"]["post"]["requestBody"]
    form = converted["paths"]["/b"]["post"]["requestBody"]
    assert converted["openapi"] == "3.0.3"
    assert json_body["content"] == {"application/json": {"schema": {"type": "object"}}}
    assert (json_body["required"], json_body["x-body-name"]) == (True, "pet")
    assert form["required"] is True
    assert list(form["content"]) == ["application/x-www-form-urlencoded"]


def test_blueprints_stand_in_blueprints() -> None:
    text = """\
from flask import Blueprint, Flask

app = Flask("a")
outer = Blueprint("outer", "a", url_prefix="/outer")
inner = Blueprint("inner", "a", url_prefix="/inner")
outer.register_blueprint(inner)
app.register_blueprint(outer)
app.register_blueprint(inner, url_prefix="/other")


@inner.route("/<float:size>/<path:rest>", methods=("POST", "HEAD"))
@inner.get("/plain")
def handle(size=None, rest=None):
    return {}


@app.route(f"/{app}")
def unknown():
    return {}
"""
    source = Source(Path("shop"), "flask", {"shop": Module("shop", "shop.py", text)})

    routes = read_routes(source)

    assert [(each.rule, each.methods) for each in routes.found] == [
        ("/outer/inner/<float:size>/<path:rest>", ["post"]),
        ("/other/<float:size>/<path:rest>", ["post"]),
        ("/outer/inner/plain", ["get"]),
        ("/other/plain", ["get"]),
    ]
    assert routes.left == [("shop.unknown", "the rule of its route is no literal text")]
    contract, _ = derive_contract(source, routes)
    assert contract["paths"]["/other/{size}/{rest}"]["post"]["parameters"] == [
        {"name": "size", "in": "path", "required": True, "schema": {"type": "number"}},
        {
            **{"name": "rest", "in": "path", "required": True},
            "schema": {"type": "string", "format": "path"},
        },
    ]


def test_security_that_nothing_checks_is_found() -> None:
    checked = {"type": "apiKey", "in": "header", "name": "X-Key", "x-apikeyInfoFunc": "a.b"}
    schemes = {"key": checked, "login": {"type": "http", "scheme": "basic"}}

    assert unchecked_schemes({"components": {"securitySchemes": schemes}}) == ["login"]
    assert unchecked_schemes({}) == []


def test_values_of_yaml_stay_what_they_were(tmp_path: Path) -> None:
    file = tmp_path / "api.yml"
    file.write_text("day: 2026-11-29\nno: yes\n200: {a: '1e3', b: '0o7', c: 'no', d: 1}\n", "utf-8")

    contract = read_yaml(file)
    write_contract(contract, file)

    assert contract == {
        "day": "2026-11-29",
        "False": True,
        "200": {"a": "1e3", "b": "0o7", "c": "no", "d": 1},
    }
    assert read_yaml(file) == contract


def test_imports_only_go_down() -> None:
    graph = {}
    for file in FILES:
        nodes = ast.walk(ast.parse(file.read_text("utf-8")))
        froms = [str(each.module) for each in nodes if isinstance(each, ast.ImportFrom)]
        graph[f"migrate.{file.stem}"] = [each for each in froms if each.startswith("migrate.")]

    # It raises where modules import each other in a circle.
    assert len([*graphlib.TopologicalSorter(graph).static_order()]) >= len(FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_file_is_short(file: Path) -> None:
    assert len(file.read_text("utf-8").splitlines()) <= 150
