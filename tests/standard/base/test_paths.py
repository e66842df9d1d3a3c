"""The paths of a contract: what a client sends finds them, and what nobody could reach is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import create_app
from app.standard.contract import ContractError, load_contract
from config import Settings

IN_PATH = {"in": "path", "required": True, "schema": {"type": "string"}}


def operation(name: str, *in_path: str) -> dict[str, Any]:
    """Return an operation that tells what came in its path."""
    return {
        "operationId": f"tests.standard.echoing.{name}",
        "parameters": [{"name": each, **IN_PATH} for each in in_path],
        "responses": {"default": {"description": "What came"}},
    }


def contract_file(folder: Path, paths: Any, **more: Any) -> Path:
    """Write a contract of these paths."""
    contract = {"openapi": "3.0.3", "info": {"title": "Paths", "version": "1"}, "paths": paths}
    (folder / "api.yml").write_text(json.dumps({**contract, "security": [], **more}), "utf-8")
    return folder / "api.yml"


@pytest.mark.parametrize(
    "template",
    ["/healthz", "/readyz", "/openapi.json", "/ui", "/ui/", "/ui/{id}", "/%75i/index.js"],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_path_at_which_the_service_itself_answers_is_refused(
    wide_settings: Settings, tmp_path: Path, method: str, template: str
) -> None:
    names = ["id"] if "{" in template else []
    file = contract_file(tmp_path, {template: {method: operation("shadowed", *names)}})

    with pytest.raises(ContractError) as caught:
        create_app(wide_settings, file)

    where = f"{method.upper()} {template.replace('%75', 'u')}"
    assert str(caught.value) == f"{where}: the service itself answers at this path"


def test_path_of_the_service_itself_comes_before_a_templated_one(
    wide_settings: Settings, tmp_path: Path
) -> None:
    paths = {
        "/{id}": {"get": operation("one", "id"), "put": operation("put_one", "id")},
        "/{a}/{b}": {"put": operation("two", "a", "b")},
        "/uis": {"get": operation("uis")},
    }

    with TestClient(create_app(wide_settings, contract_file(tmp_path, paths))) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/other").json() == {"id": "other"}
        assert client.options("/other").headers["Allow"] == "GET, HEAD, OPTIONS, PUT"
        for own in ("/healthz", "/ui/index.html"):
            assert client.put(own).status_code == 405
            assert client.options(own).headers["Allow"] == "GET, HEAD, OPTIONS"
        assert client.get("/uis").json() == {}


def test_path_that_shows_nothing_is_the_contracts(wide_settings: Settings, tmp_path: Path) -> None:
    quiet = wide_settings.model_copy(update={"serve_api_docs": False})
    file = contract_file(tmp_path, {"/ui": {"get": operation("ui")}})

    with TestClient(create_app(quiet, file)) as client:
        assert client.get("/ui").json() == {}


def test_path_below_the_base_path_is_the_contracts(wide_settings: Settings, tmp_path: Path) -> None:
    paths = {"/healthz": {"get": operation("healthz")}}
    file = contract_file(tmp_path, paths, servers=[{"url": "https://x.example/caf%C3%A9 1"}])

    with TestClient(create_app(wide_settings, file)) as client:
        assert client.get("/caf%C3%A9%201/healthz").json() == {}
        assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/caf%C3%A9", "/caf%C3%A9"),
        ("/caf%c3%a9", "/caf%C3%A9"),
        ("/café", "/caf%C3%A9"),
        ("/日本/a b", "/%E6%97%A5%E6%9C%AC/a%20b"),
        ("/100%25", "/100%25"),
        ("/100%", "/100%25"),
        ("/a%3Fb|c", "/a%3Fb%7Cc"),
    ],
)
@pytest.mark.parametrize("more", ["", "/{größe}"])
def test_path_is_found_however_it_is_encoded(
    wide_settings: Settings, tmp_path: Path, template: str, path: str, more: str
) -> None:
    names = ["größe"] if more else []
    file = contract_file(tmp_path, {template + more: {"get": operation("encoded", *names)}})

    with TestClient(create_app(wide_settings, file)) as client:
        response = client.get(path + ("/%C3%BC" if more else ""))
        allowed = client.options(path + ("/x" if more else "")).headers["Allow"]

    assert (response.status_code, response.json()) == (200, {"größe": "ü"} if more else {})
    assert allowed == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("templates", "message"),
    [
        (["/a%2Fb"], "/a%2Fb: a path cannot have '%2F' there"),
        (["/a%7bb%7d"], "/a%7bb%7d: a path cannot have '%7b' there"),
        (["/a/{b"], "/a/{b: a path cannot have '{' there"),
        (["/<a>"], "/<a>: a path cannot have '<' there"),
        (["/a?b={c}"], "/a?b={c}: a path cannot have '?' there"),
        (["/a#b"], "/a#b: a path cannot have '#' there"),
        (["/a%0A"], "/a%0A: a path cannot have '%0A' there"),
        (["//a"], "//a: a path cannot have '//' there"),
        (["/%FF"], "/%FF: a path is percent-encoded in UTF-8"),
        (["/é", "/%C3%A9"], "/%C3%A9: it is the same path as /é"),
        (["/{a}/b", "/{b}/b"], "/{b}/b: it is the same path as /{a}/b"),
    ],
)
def test_path_that_no_request_is_for_is_refused(
    tmp_path: Path, templates: list[str], message: str
) -> None:
    paths = {each: {"get": operation(f"no_{i}")} for i, each in enumerate(templates)}

    with pytest.raises(ContractError) as caught:
        load_contract(contract_file(tmp_path, paths))

    assert str(caught.value) == message


ELSEWHERE = [{"url": "https://files.example/v2"}]


@pytest.mark.parametrize(
    ("servers", "item", "message"),
    [
        (
            [{"url": "/v1"}, {"url": "https://x.example/v1/"}, *ELSEWHERE],
            {},
            "servers: all operations are below one path, and not below /v1 and /v2",
        ),
        ([], {"servers": ELSEWHERE}, "/a: servers stand at the top, for all operations alike"),
        (
            [],
            {"get": {**operation("get"), "servers": ELSEWHERE}},
            "/a: servers stand at the top, for all operations alike",
        ),
    ],
)
def test_servers_at_which_nothing_would_be_are_refused(
    tmp_path: Path, servers: Any, item: Any, message: str
) -> None:
    file = contract_file(tmp_path, {"/a": item}, servers=servers)

    with pytest.raises(ContractError) as caught:
        load_contract(file)

    assert str(caught.value) == message


def test_servers_of_one_path_are_one(wide_settings: Settings, tmp_path: Path) -> None:
    servers = [{"url": "/v1"}, {"url": "https://x.example/v1/"}]
    file = contract_file(tmp_path, {"/a": {"get": operation("a")}}, servers=servers)

    with TestClient(create_app(wide_settings, file)) as client:
        assert client.get("/v1/a").json() == {}
        assert client.get("/a").status_code == 404
        assert client.get("/openapi.json").json()["servers"] == [{"url": "./v1"}, {"url": "./v1"}]
