"""A service with `deploy: lambda` answers what AWS sends, by `lambda_handler.py`.

AWS's own runtime client runs it, at a stand-in for the API of a sandbox.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from lambda_events import CLIENT, SHAPES, Request, function_url, read_answer
from lambda_runtime import function
from lambda_sandboxes import HANDLER, Sandbox, collector, start, variables_of
from rendering import QUESTIONS, render

__all__ = ["collector", "start"]

# Its own name is that of the service; there are others on the server.
OWN = "application_name = 'letters' and datname = current_database()"
BARE: dict[str, str | bool] = {"use_database": False, "use_csv_export": False, "use_auth": False}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("framework", QUESTIONS["framework"])
def test_filters_find_items(framework: str, shape: str, start: Callable[[str], Sandbox]) -> None:
    query = "categories=caf%C3%A9%20%26%20bar,bush&created_from=2026-02-01"

    answer = start(framework).ask(shape, Request("/items", query))

    assert answer.status == 200
    assert [each["name"] for each in json.loads(answer.body)] == ["Rosé"]
    assert answer.headers["content-type"] == ["application/json"]
    assert not answer.was_base64


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("framework", QUESTIONS["framework"])
def test_export_arrives_compressed(
    framework: str, shape: str, start: Callable[[str], Sandbox]
) -> None:
    request = Request("/letters-csv", headers={"Accept-Encoding": "gzip"})

    answer = start(framework).ask(shape, request)

    assert answer.headers["content-encoding"] == ["gzip"]
    # A load balancer and a gateway decode it; a REST API with a list of binary types, too.
    assert answer.was_base64
    rows = [*csv.DictReader(io.StringIO(gzip.decompress(answer.body).decode()))]
    assert [row["name"] for row in rows] == ["Ash", "Oak", "Rosé"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("framework", QUESTIONS["framework"])
def test_problem_is_text(framework: str, shape: str, start: Callable[[str], Sandbox]) -> None:
    unknown = Request("/items/00000000-0000-0000-0000-000000000009")

    answer = start(framework).ask(shape, unknown)

    assert answer.status == 404
    assert answer.headers["content-type"] == ["application/problem+json"]
    # A REST API without a list of binary types would hand base64 on as it is.
    assert not answer.was_base64
    assert [json.loads(answer.body)["request_id"]] == answer.headers["x-request-id"]


@pytest.mark.parametrize("framework", QUESTIONS["framework"])
def test_request_without_a_token_is_refused(
    framework: str, start: Callable[[str], Sandbox]
) -> None:
    answer = read_answer(start(framework).function.invoke(function_url(Request("/items"))))

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == ["Bearer"]


@pytest.mark.parametrize("framework", QUESTIONS["framework"])
def test_connections_outlive_an_event(framework: str, start: Callable[[str], Sandbox]) -> None:
    sandbox = start(framework)
    # Of constants alone.
    find = f"select pid from pg_stat_activity where {OWN} order by pid"  # noqa: S608
    before = ""

    for number in range(3):
        assert sandbox.ask("function-url", Request("/items")).status == 200
        pids = sandbox.psql(find)
        if number:
            assert pids == before
        before = pids


@pytest.mark.parametrize("framework", QUESTIONS["framework"])
def test_connection_that_is_lost_between_events_is_replaced(
    framework: str, start: Callable[[str], Sandbox]
) -> None:
    sandbox = start(framework)
    assert sandbox.ask("function-url", Request("/items")).status == 200
    end = "select pg_terminate_backend(pid, 5000) from pg_stat_activity"

    # The function is told nothing while nothing is asked.
    assert " t" in sandbox.psql(f"{end} where {OWN}")

    assert sandbox.ask("function-url", Request("/items")).status == 200


def test_job_is_enqueued(start: Callable[[str], Sandbox]) -> None:
    sandbox = start("fastapi")

    answer = sandbox.ask("http-api", Request("/exports", "categories=tree", "POST"))

    assert answer.status == 202, answer
    assert answer.headers["location"] == [f"exports/{json.loads(answer.body)['id']}"]
    assert "1" in sandbox.psql("select count(*) from pgqueuer")


@pytest.mark.parametrize("shape", SHAPES)
def test_cookies_and_repeated_values_are_kept(shape: str, start: Callable[[str], Sandbox]) -> None:
    request = Request("/echo", "tag=a%20b&tag=c", cookies=("one=1", "two=2"))

    answer = start("fastapi").ask(shape, request)

    told = json.loads(answer.body)
    assert told["cookies"] == {"one": "1", "two": "2"}
    # Of a balancer without multi-value headers, the last one is all that there is.
    assert told["tags"] == (["c"] if shape == "load-balancer" else ["a b", "c"])
    assert told["client"] == CLIENT
    assert told["url"].startswith("https://")
    cookies = answer.headers["set-cookie"]
    assert [each.partition(";")[0] for each in cookies] == ["first=1", "second=2"]


def test_spans_have_left_with_the_response(
    start: Callable[[str], Sandbox], collector: tuple[str, list[str]]
) -> None:
    sandbox = start("async")
    collector[1].clear()

    assert sandbox.ask("function-url", Request("/items")).status == 200

    assert {*collector[1]} == {"/v1/traces", "/v1/metrics"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Render a service that needs nothing else."""
    answers = {"service_slug": "letters", "deploy": "lambda", "framework": "async", **BARE}
    return render(answers, tmp_path_factory.mktemp("bare"))


@pytest.mark.parametrize(
    ("shape", "root_path"),
    [
        # Its path begins with the stage.
        ("http-api", "/items"),
        # Its path has none, and may begin with the same letters.
        ("rest-api", "/item"),
    ],
)
def test_stage_is_no_part_of_the_path(shape: str, root_path: str, bare: Path) -> None:
    variables = variables_of(ENVIRONMENT="production", ROOT_PATH=root_path)
    event = SHAPES[shape](Request("/items/nothing", stage=root_path.strip("/")))

    with function(bare, variables, HANDLER) as (running, _):
        answer = read_answer(running.invoke(event))

    assert answer.status == 400
    problem = json.loads(answer.body)
    assert problem["detail"] == "path 'item_id' must be uuid string"


def test_log_has_a_line_of_each_event_at_once(bare: Path, tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as log:
        variables = variables_of(ENVIRONMENT="production")
        with function(bare, variables, HANDLER, log) as (running, process):
            for _ in range(5):
                running.invoke(function_url(Request("/items")))
            # Frozen, as far as it can notice.
            process.send_signal(signal.SIGSTOP)
            lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    assert [line["event"] for line in lines] == ["request"] * 5
    assert {line["client"] for line in lines} == {CLIENT}


def test_bad_setting_is_named_and_ends_the_start(bare: Path) -> None:
    with function(bare, variables_of(LOG_LEVEL="only-for-tests"), HANDLER) as (running, _):
        kind, error = running.outcome()

    assert kind == "start error"
    assert error["errorType"] == "SettingsError"
    assert "LOG_LEVEL: " in error["errorMessage"]
    assert "only-for-tests" not in json.dumps(error)
