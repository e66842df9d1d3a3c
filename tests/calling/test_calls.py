"""One generated service calls another, by the client that its script generates."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from interpreters import OUR_PYTHON

from calling.conftest import CLIENT_ID, ROWS, Called
from examples.serving import environment as our_environment
from examples.serving import free_port, serving
from identity.issuer import TOKEN, Issuer
from reliability.clients import BOUND, until

OVERLAY = Path(__file__).parent / "service"
CALLER = "flask-auth"
SECRET = "only:for/tests"  # noqa: S105  (of the issuer of the tests)
# The text of all rows is many times as much.
MOST_KIB = 24 * 1024
WRONG = """
import httpx2

from app.clients.shop import get_item_detailed, list_items


async def wrong(client: httpx2.AsyncClient) -> int:
    (item,) = await list_items(client, categories="tree")
    found = await get_item_detailed(client, item.id)
    status: str = found.status_code
    return found.parsed.id
"""


class Caller(NamedTuple):
    """The service that calls."""

    port: int
    log: Path

    def ask(self, path: str, request_id: str = "", method: str = "GET") -> tuple[int, Any]:
        """Request a path; return the status and the JSON that it answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        if request_id:
            request.add_header("X-Request-ID", request_id)
        try:
            with urllib.request.urlopen(request, timeout=2 * BOUND) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def data(self, path: str) -> Any:
        """Return what a path answers, with success."""
        status, data = self.ask(path)
        assert status == 200, data
        return data


def logged(log: Path, event: str) -> list[dict[str, Any]]:
    """Return the whole lines of an event."""
    lines = log.read_text("utf-8").rpartition("\n")[0].splitlines()
    return [line for line in map(json.loads, lines) if line["event"] == event]


@pytest.fixture(scope="module")
def folder(called: Called, service: Callable[[str], Path], tmp_path_factory: Any) -> Path:
    """Give the service that calls, with the client that its script has generated."""
    folder: Path = tmp_path_factory.mktemp("calling") / "my-service"
    shutil.copytree(service(CALLER), folder)
    shutil.copytree(OVERLAY, folder, dirs_exist_ok=True)
    config = folder / "client-gen-config.json"
    settings = json.loads(config.read_text("utf-8"))
    address = f"http://127.0.0.1:{called.port}/openapi.json"
    settings["services"] = [{"name": "shop", "contract": address}]
    config.write_text(json.dumps(settings), "utf-8")
    generate(folder)
    return folder


@pytest.fixture(scope="module")
def caller(
    called: Called,
    folder: Path,
    issuer: Issuer,
    environment: Callable[[Path, str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Caller]:
    """Give the service that calls, running."""
    python = environment(folder, OUR_PYTHON) / "bin" / "python"
    settings = {
        "AUTH_ISSUER": issuer.address,
        "AUTH_AUDIENCE": "caller",
        "LOG_LEVEL": "DEBUG",
        # A start may take long.
        "REQUEST_TIMEOUT": str(2 * BOUND),
        "SHOP_URL": f"http://127.0.0.1:{called.port}",
        "SHOP_CLIENT_ID": CLIENT_ID,
        "SHOP_CLIENT_SECRET": SECRET,
    }
    variables = our_environment() | {"PYTHONDONTWRITEBYTECODE": "1"} | settings
    log = tmp_path_factory.mktemp("caller") / "log"
    port = free_port()
    with log.open("wb") as output, serving(folder, python, port, variables, output):
        yield Caller(port, log)


def generate(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a team does."""
    command = ["uv", "run", "--quiet", "scripts/generate_clients.py", *options]
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert options or result.returncode == 0, result.stderr
    return result


def test_filters_arrive_as_they_were_given(caller: Caller) -> None:
    def named(*categories: str) -> Any:
        pairs = urllib.parse.urlencode({"categories": categories}, doseq=True)
        return caller.data(f"/names?{pairs}")

    assert named("a,b") == ["one"]
    assert named("a", "b") == ["three"]
    assert named("a,b", "c&d=%2C") == ["one", "two"]


def test_problem_has_its_type(caller: Caller) -> None:
    status, problem = caller.ask(f"/names/{uuid4()}")

    assert caller.data("/names/00000000-0000-4000-8000-000000000002") == {"name": "two"}
    assert (status, problem["title"]) == (404, "Not in the shop")
    assert problem["detail"] == "Item not found"


def test_pages_are_followed(caller: Caller) -> None:
    pairs = urllib.parse.urlencode({"categories": ["a", "a,b", "c&d=%2C"]}, doseq=True)

    # In the order of their names.
    assert caller.data(f"/pages?{pairs}") == [["one", "three"], ["two"]]


def test_item_is_replaced_once_by_its_tag(caller: Caller) -> None:
    status, done = caller.ask("/replaced", method="POST")

    assert (status, done) == (200, {"is_there": True, "name": "newer", "again": 412})


def test_export_is_read_while_it_arrives(caller: Caller) -> None:
    measured = caller.data("/measured")

    assert measured["lines"] == ROWS + 1
    assert measured["bytes"] > 2 * MOST_KIB * 1024 / 3
    assert measured["grown"] < MOST_KIB


def test_request_id_is_the_same_in_both_logs(caller: Caller, called: Called) -> None:
    caller.ask("/names?categories=a", request_id="a-b-c")

    def has_it(log: Path) -> bool:
        return any(line["request_id"] == "a-b-c" for line in logged(log, "request"))

    until(lambda: has_it(caller.log) and has_it(called.log))


def test_token_is_renewed_and_never_logged(caller: Caller, issuer: Issuer) -> None:
    asked = issuer.count(TOKEN)

    until(lambda: caller.data("/names?categories=a") and issuer.count(TOKEN) > asked + 1)

    log = caller.log.read_text("utf-8")
    assert "Bearer" not in log
    assert SECRET not in log


def test_call_waits_for_a_restart(caller: Caller, called: Called) -> None:
    called.stop()
    try:
        status, problem = caller.ask("/names/00000000-0000-4000-8000-000000000002")
        assert (status, problem["detail"]) == (503, "Another service does not answer.")
        with ThreadPoolExecutor(1) as thread:
            names = thread.submit(caller.data, "/names?categories=a")
            until(lambda: logged(caller.log, "call repeated"))
            called.start()
            assert names.result(2 * BOUND) == ["three"]
    finally:
        called.start()


def test_types_are_those_of_the_contract(folder: Path, service_variables: dict[str, str]) -> None:
    wrong = folder / "app" / "wrong.py"
    wrong.write_text(WRONG, "utf-8")
    command = [sys.executable, "-m", "mypy", "app/api.py", "app/clients", "config.py", str(wrong)]
    result = subprocess.run(
        command, cwd=folder, env=service_variables, capture_output=True, text=True
    )
    wrong.unlink()

    # What the team wrote has no error, and what it might have has all of them.
    found = [line for line in result.stdout.splitlines() if "error: " in line]
    assert [line.partition(":")[0] for line in found] == ["app/wrong.py"] * 3, result.stdout
    assert 'expected "list[str] | Unset"' in found[0]
    assert 'expression has type "int", variable has type "str"' in found[1]
    assert 'got "UUID", expected "int"' in found[2]


def test_drift_is_found(folder: Path, called: Called, tmp_path: Path) -> None:
    copy = tmp_path / "my-service"
    shutil.copytree(folder, copy)

    client = copy / "app" / "clients" / "shop"
    (client / "errors.py").write_text("broken = True\n", "utf-8")
    edited = generate(copy, "--check")
    assert (edited.returncode, edited.stderr.splitlines()[0]) == (
        1,
        "app/clients/shop is not what its contract makes.",
    )
    kept = client.with_suffix(".json")
    kept.write_text(kept.read_text("utf-8").replace("Show one item", "Show it"), "utf-8")
    changed = generate(copy, "--check", "--refresh")
    assert (changed.returncode, changed.stderr) == (1, "shop: the contract has changed.\n")
    assert '-        "summary": "Show it",' in changed.stdout
