"""The pipelines of a service have a PostgreSQL for its tests, behind a comment."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from test_workflows import actionlint, zizmor
from workflows import FOLDER

COMMENT = re.compile(r"( *# For tests on a PostgreSQL .*\n)((?: *# .*\n)+)")


def uncomment(source: Path, destination: Path) -> Any:
    """Write a pipeline with its server, and return what it says."""

    def lines(found: re.Match[str]) -> str:
        return found[1] + re.sub(r"^( *)# ", r"\1", found[2], flags=re.MULTILINE)

    text, count = COMMENT.subn(lines, source.read_text("utf-8"))
    assert count == 1
    destination.write_text(text, "utf-8")
    return yaml.safe_load(text)


def test_server_on_gitlab(rendered: Callable[[str], Path], tmp_path: Path) -> None:
    source = rendered("flask-database") / ".gitlab-ci.yml"

    job = uncomment(source, tmp_path / source.name)["test"]

    address = urlsplit(job["variables"]["TEST_DATABASE_URL"])
    assert job["services"] == [{"name": "postgres:18", "alias": address.hostname}]
    assert job["variables"]["POSTGRES_PASSWORD"] == address.password
    assert (address.username, address.port) == ("postgres", 5432)


def test_server_on_github(rendered: Callable[[str], Path], tmp_path: Path) -> None:
    source = rendered("async-database") / FOLDER / "pipeline.yml"
    folder = tmp_path / FOLDER
    folder.mkdir(parents=True)

    job = uncomment(source, folder / source.name)["jobs"]["test"]

    address = urlsplit(job["env"]["TEST_DATABASE_URL"])
    server = job["services"]["postgres"]
    assert server["ports"] == [f"{address.port}:5432"]
    assert server["env"]["POSTGRES_PASSWORD"] == address.password
    assert (address.username, address.hostname) == ("postgres", "127.0.0.1")
    assert actionlint(folder)[0] == 0
    assert zizmor(tmp_path)[0] == 0
