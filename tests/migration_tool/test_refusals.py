"""What the tool refuses: it names what is wrong and what is wanted, and writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.__main__ import main
from migration_tool.conftest import SERVICES, Tool, write_files

APP = "import connexion\n\napp = connexion.FlaskApp(__name__)\napp.add_api('api.yml')\n"
OPENAPI = 'openapi: "3.0.0"\ninfo: {title: Pets, version: "1"}\npaths: {}\n'
REFUSED = {
    "is no service on Connexion or Flask": {"app.py": "import bottle\n"},
    "has no route that can be read": {"app.py": "import flask\n"},
    "must have one contract; found: none": {"app.py": APP},
    "is a template of Jinja": {"app.py": APP, "api.yml": OPENAPI + "x-title: {{ title }}\n"},
    "is no YAML": {"app.py": APP, "api.yml": OPENAPI + "}"},
    "its version is 3.1.0": {"app.py": APP, "api.yml": OPENAPI.replace("3.0.0", "3.1.0")},
    "has no paths": {"app.py": APP, "api.yml": "openapi: 3.0.0\n"},
    "has references into other files, as parts.yml": {
        "app.py": APP,
        "api.yml": 'swagger: "2.0"\npaths: {/a: {$ref: "parts.yml#/a"}}\n',
    },
    "refers to ../parts.yml, which is no file beside it": {
        "app.py": APP,
        "api.yml": OPENAPI.replace("{}\n", '{/a: {$ref: "../parts.yml#/a"}}\n'),
    },
}


@pytest.mark.parametrize("message", REFUSED)
def test_service_that_cannot_be_read_is_refused(message: str, tool: Tool, tmp_path: Path) -> None:
    source = write_files(tmp_path / "old", REFUSED[message])

    status, output, complaint = tool(source)

    assert (status, output) == (2, "")
    assert message in complaint
    assert [*tmp_path.iterdir()] == [source]


def test_path_alone_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])

    assert "are required: PATH\n" in capsys.readouterr().err


def test_folder_that_is_missing_is_refused(tool: Tool, tmp_path: Path) -> None:
    assert "is no folder: name the one of the service" in tool(tmp_path / "none")[2]


def test_place_where_something_is_is_refused(tool: Tool, tmp_path: Path) -> None:
    source = write_files(tmp_path / "old", SERVICES["letters"])
    (tmp_path / "there").touch()

    status, _, complaint = tool(source, "--to", tmp_path / "there")

    assert status == 2
    assert "is there already: name another folder by --to FOLDER" in complaint


@pytest.mark.parametrize(
    ("answer", "message"),
    [("frame_work=async", "There is no question frame_work"), ("http_port=1", "http_port must be")],
)
def test_bad_answers_are_refused(answer: str, message: str, tool: Tool, tmp_path: Path) -> None:
    source = write_files(tmp_path / "old", SERVICES["letters"])

    status, _, complaint = tool(source, answer)

    assert status == 2
    assert message in complaint
    assert [*tmp_path.iterdir()] == [source]


def test_answer_without_a_value_is_refused(tool: Tool, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        tool(tmp_path, "framework")

    assert stopped.value.code == 2
