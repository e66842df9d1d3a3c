"""A service whose team formatted everything its own way, and edited here and there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from updating import team
from updating.living import commit

PLACE = ""
COMBINATION = "flask-database-csv_export-auth"
RUFF = [sys.executable, "-m", "ruff"]
STYLE = """
[tool.ruff.format]
quote-style = "single"
"""
TEST = """'''The team's own test.'''

from starlette.testclient import TestClient


def test_greeting(client: TestClient) -> None:
    assert client.get('/greeting').json() == {'greeting': 'hello'}
"""
# A file of the template, its text, and what the team made of it.
EDITS = [
    ("pyproject.toml", "line-length = 100", "line-length = 120"),
    ("pyproject.toml", 'extend-exclude = ["app/clients"]', f"extend-exclude = []\n{STYLE}"),
    ("app/standard/limits.py", "MAX_HEADERS = 100", "MAX_HEADERS = 60"),
    ("app/standard/database.py", "ANSWER_SECONDS = 2.0", "ANSWER_SECONDS = 3.0"),
    ("development/tokens.py", "# Git ignores it.", "# Git ignores it, and so does our image."),
    ("run.py", "WORKER_SECONDS = 30", "WORKER_SECONDS = 60"),
    ("api-spec.yml", "paths:\n", f"paths:{team.PATH}"),
]
KEPT = [
    "pyproject.toml: line-length = 120",
    'pyproject.toml: quote-style = "single"',
    "app/standard/**/limits.py: MAX_HEADERS = 60",
    "app/standard/**/*.py: ANSWER_SECONDS = 3.0",
    "development/tokens.py: # Git ignores it, and so does our image.",
    "run.py: WORKER_SECONDS = 60",
    "app/api.py:     return {'greeting': 'hello'}",
    "tests/test_greeting.py:     assert client.get('/greeting').json() == {'greeting': 'hello'}",
]


# Where the team changed a line beside which the template adds some: the team's and the others.
CONFLICTS = {"app/standard/database/pool.py": ("ANSWER_SECONDS = 2.0\n", "ANSWER_SECONDS = 3.0\n")}


def settle(service: Path) -> tuple[Path, list[str]]:
    """Do the team's work; return the repository, and the lines that must be there ever after."""
    for path, old, new in EDITS:
        team.replace(service / path, old, new)
    team.insert(service / "app/api.py", None, team.HANDLER)
    (service / "tests/test_greeting.py").write_text(TEST, "utf-8")
    commit(service, "A year of work")
    for command in (["check", "--fix-only"], ["format"]):
        subprocess.run([*RUFF, *command, "--quiet", "--no-cache"], cwd=service, check=True)
    commit(service, "Our own format")
    return service, KEPT
