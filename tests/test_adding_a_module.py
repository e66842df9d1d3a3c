"""A module is added as CONTRIBUTING says, and by nothing else."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter
from interpreters import OUR_PYTHON
from rendering import ROOT, SERVICE, copy_template, write_config
from test_services import CHECKS, run

TABLE = re.compile(r"^## Add a module$(.+?)^## ", re.MULTILINE | re.DOTALL)
ROOM = '''"""A greeting for whoever asks, at /greeting.

Nobody calls it: it adds a route.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.standard.greeting.settings import GreetingSettings
from app.standard.service import Application


def init_app(application: Application) -> None:
    """Answer at /greeting."""
    text = application.settings_as(GreetingSettings).greeting_text

    async def greet(_request: Request) -> PlainTextResponse:
        return PlainTextResponse(text)

    application.routes.append(Route("/greeting", greet))
'''
SETTINGS = '''"""What the greeting says."""

from app.standard.service import ServiceSettings


class GreetingSettings(ServiceSettings):
    """The text of the greeting."""

    greeting_text: str = "hello"
'''
ROW = """    (
        lambda answers: answers["use_greeting"],
        ["app/standard/greeting"],
    ),
"""
# In each file of the template, the line that the new ones come before.
EDITS = {
    "cookiecutter.json": [('  "use_auth": true,', '  "use_greeting": true,')],
    "hooks/post_gen_project.py": [("]\n\n\ndef remove(", ROW)],
    f"{SERVICE.name}/app/modules.py": [
        ("    http,\n    # {% if cookiecutter.use_page %}", "    greeting,"),
        (")\n\n\nclass StandardSettings(", "    greeting,"),
        ("    contract.ContractSettings,", "    greeting.GreetingSettings,"),
    ],
    f"{SERVICE.name}/pyproject.toml": [
        ('  # {% if cookiecutter.use_clients %}\n  "clients",', '  "greeting",'),
    ],
}
PROGRAM = """
from starlette.testclient import TestClient
from app import create_app

with TestClient(create_app()) as client:
    print(client.get("/greeting").text)
"""


@pytest.fixture
def render_with(tmp_path: Path) -> Callable[[bool], Path]:
    """Give the function that renders a bare service with or without the new module."""
    template = copy_template(tmp_path / "template")
    room = template / SERVICE.name / "app" / "standard" / "greeting"
    room.mkdir()
    (room / "__init__.py").write_text(ROOM, "utf-8")
    (room / "settings.py").write_text(SETTINGS, "utf-8")
    for path, edits in EDITS.items():
        for before, line in edits:
            insert(template / path, before, line)

    def render(on: bool) -> Path:
        answers = dict.fromkeys(("use_database", "use_csv_export", "use_auth"), False)
        return Path(
            cookiecutter(
                str(template),
                no_input=True,
                extra_context={**answers, "use_greeting": on},
                output_dir=str(tmp_path / str(on)),
                config_file=str(write_config(tmp_path)),
            )
        )

    return render


def insert(file: Path, before: str, line: str) -> None:
    """Put a line before another one; in the service's files, if the answer says so."""
    text = file.read_text("utf-8")
    assert text.count(before) == 1, (file, before)
    if SERVICE.name in file.parts:
        indent = " " * (len(line) - len(line.lstrip()))
        line = f"{indent}# {{% if cookiecutter.use_greeting %}}\n{line}\n{indent}# {{% endif %}}"
    file.write_text(text.replace(before, f"{line}\n{before}"), "utf-8")


def test_module_that_is_added_so_serves_and_passes_the_checks(
    render_with: Callable[[bool], Path],
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
) -> None:
    folder = render_with(True)
    place = environment(folder, OUR_PYTHON)
    variables = service_variables | {"GREETING_TEXT": "good morning"}

    printed = subprocess.run(
        [place / "bin" / "python", "-c", PROGRAM],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert printed.splitlines()[-1] == "good morning"
    for check in CHECKS.values():
        run(check, folder, place, service_variables)


def test_module_that_is_off_leaves_no_trace(render_with: Callable[[bool], Path]) -> None:
    folder = render_with(False)

    assert [
        path
        for path in folder.rglob("*")
        if "greeting" in path.name or (path.is_file() and "greeting" in path.read_text("utf-8"))
    ] == []


def test_contributing_names_every_file_of_these_edits() -> None:
    (section,) = TABLE.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    named = re.findall(r"`([^`]+)`", section)

    assert [path for path in EDITS if path.removeprefix(f"{SERVICE.name}/") not in named] == []
    assert "app/standard/x/" in named
