"""Numbers, names, choices and bounds that the docs tell are those of the code."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import tomllib
from functools import cache

import pytest
from rendering import QUESTIONS, ROOT, SERVICE
from starlette_compress import CompressMiddleware
from test_docs import DOCS, PAGES, README, SESSION, STANDARD, fields, sessions

from fleet.rehearsal import Row
from fleet.table import COLUMNS
from fleet.updates import Result
from updates.drift import Drift

SETTING = re.compile(r"^\| `([A-Z_]+)` \| (.+) \|$", re.MULTILINE)
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
KIB, MIB = 1024, 1024 * 1024
# The page, what it says, and the constant that is so.
NUMBERS: list[tuple[str, str, str, float]] = [
    ("base", "each within 2 seconds", "service/health CHECK_SECONDS", 2),
    ("base", "writes the lines, every 20 ms", "service/log_output GATHER_SECONDS", 0.02),
    ("base", "up to 8 MB of lines wait", "service/log_output MAX_WAITING_BYTES", 8 * MIB),
    ("base", "a head of more than 64 KiB", "http/connection MAX_HEAD_BYTES", 64 * KIB),
    ("base", "has two seconds to read the answer", "http/connection LINGER_SECONDS", 2),
    ("base", "nothing of a stream for 30 seconds", "http/streaming STALL_SECONDS", 30),
    ("base", "on the disk from 1 MiB on", "http/incoming_body IN_MEMORY_BYTES", MIB),
    ("contract", "waits there from 1 MiB on", "http/incoming_body IN_MEMORY_BYTES", MIB),
    ("contract", "larger than 256 KiB waits", "validation/uploads IN_MEMORY_BYTES", 256 * KIB),
    ("contract", "1,000 parts at most", "validation/forms MAX_PARTS", 1000),
    ("contract", "nested 64 times at most", "validation/refusals MAX_DEPTH", 64),
    ("contract", "20 errors at most", "validation/schema MAX_ERRORS", 20),
    ("csv-export", "1,664 other values", "database_export/copy_statement MAX_ARGUMENTS", 1664),
    ("csv-export", "up to 256 KiB", "database_export/copying CHUNK_BYTES", 256 * KIB),
    ("csv-export", "reads nothing for 30 seconds", "http/streaming STALL_SECONDS", 30),
    ("database", "less than a second ago", "database/pool FRESH_SECONDS", 1),
    ("database", "cost each new connection a second", "database/engine SILENT_SECONDS", 1),
    ("reliability", "a chunk, 256 KiB, in 30", "database_export/copying CHUNK_BYTES", 256 * KIB),
    ("auth", "found within five minutes", "auth/openid_provider REFRESH_SECONDS", 300),
    ("telemetry", "sent within two seconds", "telemetry/sending END_SECONDS", 2),
    ("telemetry", "the next one after ten minutes", "telemetry/silence SILENT_SECONDS", 600),
    ("telemetry", "More than 2,000 kinds", "telemetry/durations MOST_KINDS", 2000),
    ("telemetry", "at most ten seconds before", "telemetry/jobs QUEUE_SECONDS", 10),
]


@pytest.mark.parametrize(("page", "said", "place", "value"), NUMBERS)
def test_number_is_that_of_the_code(page: str, said: str, place: str, value: float) -> None:
    file, name = place.split()

    assert said in read(page)
    assert number(assigned(file)[name]) == value


def test_smallest_body_that_is_compressed_is_that_of_the_library() -> None:
    smallest = inspect.signature(CompressMiddleware).parameters["minimum_size"].default

    assert f"A response of {smallest} bytes or more is compressed" in read("base")


def test_bounds_of_settings_are_those_of_the_code() -> None:
    rows = dict(row for page in PAGES for row in SETTING.findall(page.read_text("utf-8")))
    (zeros,) = re.findall(r"Numbers are positive; 0 is taken for (.+)\.\n", read("base"))
    numbers = {name: bounds(f) for name, f in fields().items() if told(f) in ("int", "float")}

    assert {found.get("ge", found.get("gt")) for found in numbers.values()} == {0, 1}
    assert {name for name, found in numbers.items() if found.get("ge") == 0} == {*quoted(zeros)}
    highest = {name: found["le"] for name, found in numbers.items() if "le" in found}
    assert [name for name, bound in highest.items() if f", {bound} at most" not in rows[name]] == []


def test_choices_of_settings_are_those_of_the_code() -> None:
    rows = dict(row for page in PAGES for row in SETTING.findall(page.read_text("utf-8")))
    named = {
        "Pooler": ast.unparse(assigned("database/settings")["Pooler"]),
        "Sampler": ast.unparse(assigned("telemetry/settings")["Sampler"]),
    }
    found = {name: named.get(told(field), told(field)) for name, field in fields().items()}
    choices = {name: re.findall(r"'([\w/]+)'", kind) for name, kind in found.items() if "'" in kind}

    assert len(choices) == 8
    assert [name for name, each in choices.items() if not {*each} <= {*quoted(rows[name])}] == []


def test_choices_of_answers_are_those_of_the_template() -> None:
    text = README.read_text("utf-8")
    pythons = " ".join(reversed(QUESTIONS["python_version"]))

    choices = [*QUESTIONS["framework"], *QUESTIONS["ci"], *QUESTIONS["deploy"]]
    assert [choice for choice in choices if f"`{choice}`" not in text] == []
    assert f"`uv python install {pythons}`" in CONTRIBUTING.read_text("utf-8")


def test_sessions_are_those_of_nox() -> None:
    assert {*SESSION.findall(CONTRIBUTING.read_text("utf-8"))} == sessions()


def test_rooms_are_those_that_the_service_checks() -> None:
    project = tomllib.loads((SERVICE / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (rooms,) = [each["layers"] for each in contracts if each["name"].startswith("A room ")]

    assert re.findall(r"^\| `(\w+)/` \|", read("base"), re.MULTILINE) == rooms


def test_formats_are_those_of_the_code() -> None:
    table = read("contract").partition("\n## Formats\n")[2]
    cells = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    code = assigned("validation/formats")
    kinds = ("ANY_TEXT", "BOUNDS", "CHECKS", "JSON_SCHEMA_FORMATS")

    assert sorted(quoted(" ".join(cells))) == sorted(
        name for kind in kinds for name in names(code[kind])
    )


def test_options_of_an_address_are_those_of_the_code() -> None:
    (table,) = re.findall(r"\| option \| meaning \|\n(.+?)\n\n", read("database"), re.DOTALL)
    rows = dict(re.findall(r"^\| (`.+?) \| (.*) \|$", table, re.MULTILINE))
    code = assigned("database/address")
    choices: dict[str, tuple[str, ...]] = ast.literal_eval(code["CHOICES"])

    assert sorted(quoted(" ".join(rows))) == sorted(
        [*choices, *names(code["FILES"]), *names(code["OTHERS"])]
    )
    assert [n for n, each in choices.items() if not {*each} <= {*quoted(rows[f"`{n}`"])}] == []


def test_line_of_a_request_is_that_of_the_code() -> None:
    source = (STANDARD / "http" / "request_log.py").read_text("utf-8")
    (call,) = re.findall(r'logger\.info\(\n +"request",\n(.+?)\n +\)\n', source, re.DOTALL)
    (seen,) = re.findall(r"seen: .+? = (\{.+\})", source)
    ends = re.findall(r'"outcome"\]?:? (?:= )?"([a-z ]+)"', source)
    (line,) = re.findall(r"^The line of a request has (.+)\.$", read("base"), re.MULTILINE)

    fields = [*re.findall(r"^ +(\w+)=", call, re.MULTILINE), *ast.literal_eval(seen)]
    assert sorted(quoted(line)) == sorted([*fields, "request_id", *ends])


def test_objects_for_machines_are_those_of_the_fleet() -> None:
    (rehearsal,) = re.findall(r"^Of a rehearsal: (.+)\.$", read("fleet"), re.MULTILINE)
    (update,) = re.findall(r"^Of an update: (.+)\.$", read("fleet"), re.MULTILINE)
    (table,) = re.findall(r"\| column \| says \|\n(.+?)\n\n", read("fleet"), re.DOTALL)

    expected = [[field.name for field in dataclasses.fields(kind)] for kind in (Row, Drift, Result)]
    assert sorted(quoted(rehearsal)) == sorted(expected[0] + expected[1])
    assert quoted(update) == expected[2]
    assert re.findall(r"^\| ([a-z ]+) \|", table, re.MULTILINE) == [*COLUMNS]


def read(page: str) -> str:
    """Return a page of the docs."""
    return (DOCS / f"{page}.md").read_text("utf-8")


def quoted(text: str) -> list[str]:
    """Return what stands between backquotes."""
    return re.findall(r"`([^`]+)`", text)


@cache
def assigned(file: str) -> dict[str, ast.expr]:
    """Return what a file of the standard assigns to its names."""
    found = {}
    for node in ast.parse((STANDARD / f"{file}.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign):
            found[ast.unparse(node.targets[0])] = node.value
        elif isinstance(node, ast.AnnAssign) and node.value:
            found[ast.unparse(node.target)] = node.value
    return found


def number(value: ast.expr) -> float:
    """Return a number, which may be a product."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        return number(value.left) * number(value.right)
    return float(ast.literal_eval(value))


def names(value: ast.expr) -> list[str]:
    """Return the texts of a collection, or the keys of a dictionary."""
    if isinstance(value, ast.Dict):
        return [ast.literal_eval(key) for key in value.keys if key]
    return [str(each.value) for each in ast.walk(value) if isinstance(each, ast.Constant)]


def told(field: ast.AnnAssign) -> str:
    """Return the type of a setting, as it is written."""
    return ast.unparse(field.annotation)


def bounds(field: ast.AnnAssign) -> dict[str | None, int]:
    """Return what ``Field`` says of a number, by ``ge`` and the like."""
    words = field.value.keywords if isinstance(field.value, ast.Call) else []
    return {w.arg: ast.literal_eval(w.value) for w in words if w.arg in ("ge", "gt", "le")}
