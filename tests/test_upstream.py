"""What is worked around in services is still so: where a test fails, the workaround can go."""

from __future__ import annotations

import asyncio
import inspect
from importlib import metadata
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import asyncpg
import pytest
import schemathesis
import uvicorn
import yaml
from alembic_postgresql_enum.sql_commands.enum_type import add_value_before
from asyncpg import utils as asyncpg_utils
from connexion import AsyncApp
from connexion.apps.flask import FlaskApp
from connexion.exceptions import InvalidSpecification
from jsonschema_rs import Draft202012Validator
from packaging.requirements import Requirement
from schemathesis.core.parameters import DelimitedValue
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState
from uvicorn.supervisors.multiprocess import Process

from examples.installation import CONSTRAINTS, run_uv

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Upstream", "version": "1"},
    "paths": {},
}


def test_connexion_takes_no_openapi_3_1() -> None:
    # https://github.com/spec-first/connexion/pull/1951: framework/connexion_contract.py
    with pytest.raises(InvalidSpecification):
        AsyncApp(__name__).add_api({**DOCUMENT, "openapi": "3.1.0"})


def test_connexion_has_no_number_of_threads() -> None:
    # https://github.com/spec-first/connexion/issues/1979: framework/flask_app.py
    names = inspect.signature(FlaskApp.__init__).parameters

    assert not [name for name in names if "thread" in name or "worker" in name]


def test_redirect_of_connexion_names_the_host_of_the_client() -> None:
    # Starlette's router does it: contract/routing.py
    operation = {"operationId": "math.sqrt", "responses": {"200": {"description": ""}}}
    app = AsyncApp(__name__)
    app.add_api({**DOCUMENT, "paths": {"/things": {"get": operation}}})

    response = TestClient(app, follow_redirects=False).get("/things/", headers={"Host": "other"})

    assert response.headers["Location"] == "http://other/things"


def test_uvicorn_waits_for_a_worker_that_died_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    # findings/uvicorn_waits_for_a_worker_that_died_when_asked.sh: run.py
    monkeypatch.setattr("uvicorn.supervisors.multiprocess.get_subprocess", Mock())
    worker = Process(uvicorn.Config("app:app"), [])
    worker.start()

    # With its own end open, a pipe never ends.
    assert not worker.child_conn.closed


def test_uvicorn_has_no_patience_for_a_head() -> None:
    # https://github.com/Kludex/uvicorn/issues/157: http/connection.py
    names = inspect.signature(uvicorn.Config.__init__).parameters

    assert [name for name in names if name.startswith("timeout")] == [
        "timeout_keep_alive",
        "timeout_notify",
        "timeout_graceful_shutdown",
        "timeout_worker_healthcheck",
    ]


class Transport(asyncio.Transport):
    """A transport that keeps what is written."""

    written = b""

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def close(self) -> None: ...

    def is_closing(self) -> bool:
        return False


def test_uvicorn_answers_what_is_no_http_before_what_came_first() -> None:
    # https://github.com/Kludex/uvicorn/issues/2238: http/connection.py
    async def wait(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.Event().wait()

    async def work() -> bytes:
        transport = Transport()
        config = uvicorn.Config(wait, log_config=None)
        protocol = HttpToolsProtocol(config, ServerState(), {})
        protocol.connection_made(transport)
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nno HTTP\r\n\r\n")
        return transport.written

    assert asyncio.run(work()).startswith(b"HTTP/1.1 400")


def test_pyyaml_reads_yaml_1_1() -> None:
    # contract/yaml_1_2.py
    assert yaml.safe_load("[yes, 1_000]") == [True, 1000]


def test_jsonschema_rs_does_not_name_what_is_too_much() -> None:
    # validation/dialect.py gives it properties.
    [error] = Draft202012Validator({"additionalProperties": False}).iter_errors({"a": 1})

    assert error.kind.name == "falseSchema"


def test_schemathesis_asks_for_an_older_jsonschema_rs() -> None:
    # Where it does not, `override-dependencies` can go from both pyproject.toml.
    asked = [Requirement(each) for each in metadata.requires("schemathesis") or []]
    [jsonschema_rs] = [each for each in asked if each.name == "jsonschema-rs"]

    assert metadata.version("jsonschema-rs") not in jsonschema_rs.specifier


def test_not_every_wheel_is_there_for_python_3_15(tmp_path: Path) -> None:
    # Where it is, 3.15 becomes a choice of python_version.
    wanted = tmp_path / "wanted.txt"
    wanted.write_text("orjson\npixeltable-pgserver\n")
    options = ("--quiet", "--no-deps", "--only-binary=:all:", f"--constraints={CONSTRAINTS}")

    run_uv("pip", "compile", *options, "--python-version=3.14", str(wanted))
    with pytest.raises(RuntimeError, match=r"no (usable )?wheels"):
        run_uv("pip", "compile", *options, "--python-version=3.15", str(wanted))


def test_asyncpg_names_the_statement_of_copy() -> None:
    # https://github.com/MagicStack/asyncpg/issues/1294: database/engine.py
    class Connection:
        async def prepare(self, _query: str, *, name: str | None = None) -> None:
            raise LookupError(name)

    mogrify: Any = asyncpg_utils._mogrify

    # It would be the empty name otherwise.
    with pytest.raises(LookupError, match="None"):
        asyncio.run(mogrify(Connection(), "select $1", [1]))


def test_asyncpg_has_one_limit_of_time_for_all_hosts() -> None:
    # https://github.com/MagicStack/asyncpg/issues/1155: database/engine.py
    asked = []

    async def work() -> None:
        async def listen(number: int) -> asyncio.Server:
            async def keep_silent(_reader: object, writer: asyncio.StreamWriter) -> None:
                asked.append(number)
                writers.append(writer)

            return await asyncio.start_server(keep_silent, "127.0.0.1", 0)

        writers: list[asyncio.StreamWriter] = []
        servers = [await listen(number) for number in range(2)]
        ports = [server.sockets[0].getsockname()[1] for server in servers]
        with pytest.raises(TimeoutError):
            await asyncpg.connect(host=["127.0.0.1"] * 2, port=ports, user="a", timeout=1)
        for server in servers:
            server.close()
        for writer in writers:
            writer.close()

    asyncio.run(work())
    assert asked == [0]


def test_value_of_an_enum_is_added_behind_the_one_that_it_is_to_be_before() -> None:
    # Nobody has reported it: alembic/env.py, and a finding
    connection = Mock()

    add_value_before(connection, "colour", "green", "blue")

    (statement,) = connection.execute.call_args.args
    assert str(statement) == "ALTER TYPE colour ADD VALUE 'blue' AFTER 'green'"


def test_schemathesis_sends_no_empty_object_beside_a_list_with_commas() -> None:
    # No issue tells of it: tests/standard/test_contract_fuzz.py of the service
    contract = {**DOCUMENT, "paths": {"/things": {"get": {"responses": {}}}}}
    routes = [
        Route("/openapi.json", lambda _request: JSONResponse(contract)),
        Route("/things", lambda request: PlainTextResponse(request.url.query)),
    ]
    schema = schemathesis.openapi.from_asgi("/openapi.json", Starlette(routes=routes))
    operation = schema["/things"]["GET"]

    def sent(**query: object) -> str:
        return operation.Case(query=query).call().text

    assert sent(limit={}) == "limit="
    assert sent(limit={}, names=DelimitedValue("a,b", "a,b")) == "names=a,b"
