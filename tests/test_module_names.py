"""Services from before version 1.2 may go on importing what their teams' files import."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from interpreters import OUR_PYTHON
from rendering import COMBINATIONS, QUESTIONS, render
from test_services import CHECKS, run

# What version 1.1 seeded, and what its documentation told teams to import.
NAMES = """
from app.standard.auth import current_principal
from app.standard.csv_export import Rows, csv_stream, stream_rows
from app.standard.database import Base, Database, connect, open_database, session
from app.standard.database_export import stream_select
from app.standard.errors import ServiceError, ServiceUnavailable
from app.standard.openid_provider import OpenIdProvider
from app.standard.request_log import outgoing_headers
from app.standard.service import current_service
from app.standard.settings import (
    CommaSeparated,
    ServiceSettings,
    SettingsError,
    load_settings,
)
from app.standard.streaming import ClientLeft, Stream, Write
from app.standard.token_source import TokenSource
"""


@pytest.fixture(params=QUESTIONS["framework"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Render everything as a service gets it that is older than the rooms."""
    answers = COMBINATIONS[f"{request.param}-database-csv_export-auth"]
    folder = render({**answers, "_module_names_of_1_1": True}, tmp_path)
    names = folder / "app" / "names.py"
    names.write_text(f'"""What the team imports."""\n# ruff: noqa: F401\n{NAMES}', "utf-8")
    return folder


def test_names_of_1_1_can_be_imported(
    older: Path, environment: Callable[[Path, str], Path], service_variables: dict[str, str]
) -> None:
    place = environment(older, OUR_PYTHON)

    subprocess.run(
        [place / "bin" / "python", "-c", NAMES], cwd=older, env=service_variables, check=True
    )
    for check in ("lint", "format", "types", "floors"):
        run(CHECKS[check], older, place, service_variables)


def test_errors_of_both_names_are_the_same(
    older: Path, environment: Callable[[Path, str], Path], service_variables: dict[str, str]
) -> None:
    program = """
from app.standard import errors, http, service, settings, streaming
assert errors.ServiceError is http.ServiceError
assert streaming.Stream is http.Stream
assert settings.ServiceSettings is service.ServiceSettings
assert service.current_service is service.current_application
"""
    python = environment(older, OUR_PYTHON) / "bin" / "python"

    subprocess.run([python, "-c", program], cwd=older, env=service_variables, check=True)
