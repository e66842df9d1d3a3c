"""The JSON Schema Test Suite, asked of the schemas of the standard.

It is MIT-licensed, and is no package: https://github.com/json-schema-org/JSON-Schema-Test-Suite.
The source of a library that is one has a copy.
"""

from __future__ import annotations

import importlib
import json
import shutil
import sys
import tarfile
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from rendering import ROOT, SERVICE

from examples.installation import run_uv

# Another version has another suite, and so other counts.
PACKAGE = "jsonschema==4.26.0"


def find_suite() -> Path:
    """Return the suite's folder, fetched from PyPI when first asked for and kept between runs."""
    place = ROOT / "build" / "json-schema-suite" / PACKAGE
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        if not (place / "complete").exists():
            fetch(place)
            (place / "complete").touch()
    return place / PACKAGE.replace("==", "-") / "json" / "tests"


def fetch(place: Path) -> None:
    """Download and unpack the source: uv itself downloads only what it installs."""
    options = ["--quiet", "--no-deps", "--no-binary=jsonschema", f"--dest={place}"]
    run_uv("tool", "run", "pip", "download", *options, PACKAGE)
    [archive] = place.glob("*.tar.gz")
    shutil.rmtree(place / archive.name.removesuffix(".tar.gz"), ignore_errors=True)
    with tarfile.open(archive) as opened:
        opened.extractall(place, filter="data")


@dataclass(frozen=True)
class Rules:
    """A dialect, and where its schemas differ from the suite, each with the reason.

    The keys of ``refused`` are patterns of messages, those of ``different`` of names of tests;
    ``counts`` has how many tests agree, and how many schemas are refused.
    """

    version: str
    folder: str
    counts: tuple[int, int]
    refused: Mapping[str, str]
    different: Mapping[str, str]


@dataclass
class Outcome:
    """What came of the suite: what differed, by its pattern, and what nothing explains."""

    right: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    different: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def ask(suite: Path, rules: Rules) -> Outcome:
    """Compile every schema of the suite, and check every value."""
    outcome = Outcome()
    contract_error, schema_class = import_validation()
    for name, group in groups(suite / rules.folder):
        try:
            schema = compile_alone(schema_class, rules.version, group["schema"])
        except contract_error as error:
            count(outcome.refused, rules.refused, str(error), outcome.wrong, name)
            continue
        for test in group["tests"]:
            is_valid = schema.is_valid(test["data"])
            full_name = f"{name}: {test['description']}"
            if is_valid is bool(schema.errors(test["data"])):
                outcome.wrong.append(f"{full_name}: errors and is_valid differ")
            elif is_valid is test["valid"]:
                outcome.right += 1
            else:
                count(outcome.different, rules.different, full_name, outcome.wrong, full_name)
    return outcome


def count(
    counts: Counter[str], patterns: Mapping[str, str], text: str, wrong: list[str], name: str
) -> None:
    """Count what a pattern explains, and keep what none does."""
    found = next((pattern for pattern in patterns if fnmatchcase(text, pattern)), None)
    if found is None:
        wrong.append(name if text == name else f"{name}: {text}")
    else:
        counts[found] += 1


def groups(folder: Path) -> Iterator[tuple[str, Any]]:
    """Give each schema with its tests, those of optional parts included."""
    for path in sorted(folder.rglob("*.json")):
        for group in json.loads(path.read_text("utf-8")):
            yield f"{path.relative_to(folder)}: {group['description']}", group


def compile_alone(schema_class: Any, version: str, schema: Any) -> Any:
    """Compile a schema that is its own document, to which its references lead."""
    document = {**schema, "openapi": version} if isinstance(schema, dict) else {"openapi": version}
    return schema_class.of(document, schema, "suite", "readOnly")


def report(outcome: Outcome, rules: Rules) -> str:
    """Say how many tests ran, and how many did not, or went another way, and why."""
    lines = [f"JSON Schema Test Suite, OpenAPI {rules.version}: {outcome.right} tests agree"]
    for pattern, number in outcome.refused.most_common():
        lines.append(f"  {number} schemas are refused ({pattern}): {rules.refused[pattern]}")
    for pattern, number in outcome.different.most_common():
        lines.append(f"  {number} tests differ ({pattern}): {rules.different[pattern]}")
    return "\n".join(lines)


def import_validation() -> tuple[type[Exception], Any]:
    """Import the room from the template folder, where no caches may be left."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        # Connexion 3.3 imports what jsonschema will remove.
        warnings.simplefilter("ignore", DeprecationWarning)
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.syspath_prepend(SERVICE)
        room = "app.standard.validation"
        error: type[Exception] = importlib.import_module(room).ContractError
        return error, importlib.import_module(f"{room}.schema").Schema
