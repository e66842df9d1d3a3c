"""A service whose team mended the standard, builds its own image, and sorted its tests."""

from __future__ import annotations

from pathlib import Path

from updating import team
from updating.living import commit

PLACE = ""
COMBINATION = "async-database-auth"
# It is all the team's, and a release changes it.
CONFLICTS: dict[str, tuple[str, str] | None] = {"Dockerfile": None}
# A later release changes this file.
REDACTION = ('    "dsn",\n', '    "dsn",\n    "iban",\n')
# Releases give this one another place, and change nothing in it.
DURATION = """    if isinstance(value, timedelta):
        return value.total_seconds()
"""
SERIALIZATION = [
    ("from decimal import Decimal", "from datetime import timedelta\nfrom decimal import Decimal"),
    ("    if isinstance(value, set", f"{DURATION}    if isinstance(value, set"),
]
SPEC = """
  /opening:
    get:
      summary: Tell how long the office is open
      operationId: app.api.read_opening
      responses:
        "200":
          description: The seconds
          content:
            application/json:
              schema: { type: object }
        default: { $ref: "#/components/responses/Problem" }
"""
HANDLER = '''

async def read_opening() -> dict[str, timedelta]:
    """Tell how long the office is open."""
    return {"opening": timedelta(hours=8)}
'''
API_TEST = '''"""How long the office is open."""

from starlette.testclient import TestClient


def test_opening_is_in_seconds(client: TestClient) -> None:
    assert client.get("/opening").json() == {"opening": 28800.0}
'''
UNIT_TEST = '''"""No log has the number of an account."""

import logging

import pytest

import run
from config import Settings

ACCOUNT = "GB33BUKB20201555555555"


def test_account_is_masked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "serve", lambda *_: None)
    run.main()

    logging.getLogger("payments").warning("refused: iban=%s", ACCOUNT)

    line = capsys.readouterr().out
    assert "refused" in line
    assert ACCOUNT not in line
'''
DOCKERFILE = """# What the platform asks of all images.
FROM registry.example.org/platform/python:3.13 AS test
WORKDIR /service
COPY . .
RUN uv sync --locked
CMD ["uv", "run", "pytest"]

FROM registry.example.org/platform/python:3.13
WORKDIR /service
COPY . .
RUN uv sync --locked --no-dev
USER 10001:10001
CMD ["uv", "run", "run.py"]
"""
TESTPATHS = ('testpaths = ["tests"]', 'testpaths = ["tests/api", "tests/standard", "tests/unit"]')
MOVED = {
    "tests/test_items.py": "tests/api/test_items.py",
    "tests/test_migrations.py": "tests/unit/test_migrations.py",
}
NEW_FILES = {
    "tests/api/__init__.py": "",
    "tests/api/test_opening.py": API_TEST,
    "tests/unit/__init__.py": "",
    "tests/unit/test_redaction.py": UNIT_TEST,
    "Dockerfile": DOCKERFILE,
}


def settle(service: Path) -> tuple[Path, list[str]]:
    """Do the team's work; return the repository, and the lines that must be there ever after."""
    team.replace(service / "app/standard/redaction.py", *REDACTION)
    for old, new in SERIALIZATION:
        team.replace(service / "app/standard/serialization.py", old, new)
    team.replace(service / "pyproject.toml", *TESTPATHS)
    team.insert(service / "api-spec.yml", "paths:", SPEC.strip("\n"))
    team.replace(
        service / "app/api.py", "from typing", "from datetime import timedelta\nfrom typing"
    )
    team.insert(service / "app/api.py", None, HANDLER)
    for folder in ("api", "unit"):
        (service / "tests" / folder).mkdir()
    for old, new in MOVED.items():
        (service / old).rename(service / new)
    for path, text in NEW_FILES.items():
        (service / path).write_text(text, "utf-8")
    commit(service, "A year of work")
    whole = [*MOVED.values(), *NEW_FILES]
    texts = {path: (service / path).read_text("utf-8") for path in whole}
    texts |= {"app/standard/**/redaction.py": '    "iban",', "pyproject.toml": TESTPATHS[1]}
    texts |= {"app/standard/**/serialization.py": DURATION, "app/api.py": HANDLER}
    return service, team.lines_of(texts)
