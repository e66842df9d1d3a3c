"""What a service with `deploy: lambda` has for AWS: its zip, templates, and a script for both."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from rendering import DEPLOYED, render
from test_docs import settings, settings_of_providers
from test_manifest import lines, traces_off
from test_rendering import AnyTag
from workflows import stand_in

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
    assert (
        "no such table\nThe migrations failed, see the log /aws/lambda/letters-prod-migration;"
        in output
    )
    template = (folder / "deploy" / "lambda" / "image.yaml").read_text("utf-8")
    assert 'LogGroupName: !Sub "/aws/lambda/${AWS::StackName}-migration"' in template
    assert " Release=" not in calls


def test_zip_has_a_name_by_its_content(chosen: Callable[[str], Path], tmp_path: Path) -> None:
    folder = chosen("bare")
    zipped = folder / ".lambda" / "function.zip"
    zipped.parent.mkdir(exist_ok=True)
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
    wanted = {name for name in settings_of_providers() if name.startswith("AUTH_")}
    assert {name for name in given if name.startswith("AUTH_")} == (
        wanted if on["use_auth"] else set()
    )
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
    size: int, status: int, chosen: Callable[[str], Path], tmp_path: Path
) -> None:
    bare = chosen("bare")
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
    content = yaml.load(path.read_text("utf-8"), AnyTag)  # noqa: S506  (it is a SafeLoader)
    assert isinstance(content, dict)
    return content
