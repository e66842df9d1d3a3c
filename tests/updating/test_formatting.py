"""Format takes no part in a merge: both renders pass the team's formatter first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import COMBINATIONS

from updates.formats import formatters
from updating.conftest import RELEASES
from updating.living import NOW, Create, commit, files, status
from updating.toy import PROJECT, STREAMING, Toy, write_files

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]
RUFF = [sys.executable, "-m", "ruff"]
NARROW = {"pyproject.toml": PROJECT.replace("100", "60")}
FILE = "app/standard/streaming.py"
# A line that a width of 60 breaks in three, and what the next release makes of it.
CHANGED = STREAMING.replace('errors: str = "strict"', 'errors: str = "replace"')


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Give a template whose second release changes a line."""
    toy = Toy(tmp_path / "template")
    toy.release("1.1.0", {FILE: CHANGED, "app/standard/new.py": CHANGED})
    return toy


def reformat(service: Path) -> None:
    """Let the formatter of the service format all that is there, and commit it."""
    for command in (["check", "--fix-only"], ["format"]):
        subprocess.run([*RUFF, *command, "--quiet", "--no-cache"], cwd=service, check=True)
    commit(service, "Another format")


def is_formatted(service: Path) -> bool:
    """Tell whether the formatter has nothing to do, and imports are in order."""
    commands = (["format", "--check"], ["check", "--select=I"])
    ended = [subprocess.run([*RUFF, *each, "--no-cache"], cwd=service) for each in commands]
    return not any(each.returncode for each in ended)


def test_formatted_service_of_a_release_updates_and_toggles(
    create: Create, run_counted: Run
) -> None:
    service = create(RELEASES["1.1.0"], **COMBINATIONS["flask-database"])
    file = service / "pyproject.toml"
    file.write_text(file.read_text("utf-8").replace("length = 100", "length = 120"), "utf-8")
    reformat(service)

    for version in ("v1.2.0", NOW):
        assert run_counted(service, "--to", version) == 0
        assert is_formatted(service)
    for answer in ("use_auth=true", "framework=async", "use_auth=false", "framework=flask"):
        assert run_counted(service, "--answers", answer) == 0
        assert is_formatted(service)


def test_change_arrives_in_the_format_of_the_team(toy: Toy, run: Run, tmp_path: Path) -> None:
    service = toy.create(tmp_path / "service", NARROW)
    reformat(service)
    assert '    errors: str = "strict",\n' in (service / FILE).read_text("utf-8")

    assert run(service) == 0

    for path in (FILE, "app/standard/new.py"):
        assert '        errors: str = "replace",\n' in (service / path).read_text("utf-8")
    assert is_formatted(service)


def test_edited_file_merges_in_the_format_of_the_team(toy: Toy, run: Run, tmp_path: Path) -> None:
    service = toy.create(tmp_path / "service", NARROW)
    reformat(service)
    edit = (service / FILE).read_text("utf-8").replace("A stream of", "A flow of")
    write_files(service, {FILE: edit})

    assert run(service) == 0

    assert (service / FILE).read_text("utf-8") == edit.replace('"strict"', '"replace"')


def test_file_that_the_team_never_formatted_stays_as_rendered(
    toy: Toy, run: Run, tmp_path: Path
) -> None:
    service = toy.create(tmp_path / "service", NARROW)
    edit = STREAMING.replace("A stream of", "A flow of")
    write_files(service, {FILE: edit})

    assert run(service) == 0

    assert (service / FILE).read_text("utf-8") == CHANGED.replace("A stream of", "A flow of")


def test_deleted_file_that_was_only_formatted_goes(toy: Toy, run: Run, tmp_path: Path) -> None:
    service = toy.create(tmp_path / "service", NARROW)
    reformat(service)
    toy.release("1.2.0", {FILE: None})

    assert run(service) == 0

    assert FILE not in files(service)


def test_formatter_that_is_not_at_hand_is_told(
    toy: Toy, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    service = toy.create(tmp_path / "service", NARROW)
    reformat(service)
    monkeypatch.setenv("UV", str(tmp_path / "no-uv"))

    assert run(service) == 2

    assert status(service)[FILE] == "UU"
    told = "Format takes part in this merge: ruff>=0.17 is not at hand."
    assert told in capsys.readouterr().out


def test_settings_that_the_formatter_refuses_are_told(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    service = toy.create(tmp_path / "service", {"ruff.toml": "line-length = 'narrow'\n"})

    assert run(service) == 0

    assert "Format takes part in this merge: ruff>=0.17 failed: " in capsys.readouterr().out


def test_service_with_the_format_of_the_template_needs_no_formatter(
    toy: Toy, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    rules = PROJECT.replace('"F", "I"', '"B", "F", "I", "D"')
    service = toy.create(tmp_path / "service", {"pyproject.toml": rules})
    monkeypatch.setenv("UV", str(tmp_path / "no-uv"))

    assert run(service) == 0

    assert "Format" not in capsys.readouterr().out


@pytest.mark.parametrize(("version", "is_other"), [("0.16.9", True), ("0.17.1", False)])
def test_formatter_of_another_style_is_another_format(
    version: str,
    is_other: bool,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    toy = Toy(tmp_path / "template")
    toy.write_own("constraints.txt", "pytest==9.2.0\nruff==0.17.5\n")
    toy.release("1.1.0", {})
    lock = f'[[package]]\nname = "ruff"\nversion = "{version}"\n'
    service = toy.create(tmp_path / "service", {"uv.lock": lock}, version="v1.1.0")
    toy.release("1.2.0", {FILE: CHANGED})
    monkeypatch.setenv("UV", str(tmp_path / "no-uv"))

    assert run(service) == 0

    told = f"Format takes part in this merge: ruff=={version} is not at hand."
    assert (told in capsys.readouterr().out) is is_other


def test_last_line_break_of_the_team_stays(run: Run, tmp_path: Path) -> None:
    toy = Toy(tmp_path / "template")
    toy.release("1.1.0", {"Makefile": "a:\n\techo a\n\techo c\n"})
    service = toy.create(tmp_path / "service")
    assert run(service) == 0
    write_files(service, {"Makefile": "a:\n\techo a\n\techo c"})
    toy.release("1.2.0", {"Makefile": "a:\n\techo a\n\techo d\n"})

    assert run(service) == 0

    assert (service / "Makefile").read_text("utf-8") == "a:\n\techo a\n\techo d"


@pytest.mark.parametrize(
    ("lock", "hooks", "project", "wanted"),
    [
        ('[[package]]\nname = "ruff"\nversion = "0.16.1"\n', "", PROJECT, "ruff==0.16.1"),
        (
            "",
            "- repo: https://github.com/astral-sh/ruff-pre-commit\n  rev: v0.15.2\n",
            PROJECT,
            "ruff==0.15.2",
        ),
        ("", "", PROJECT, "ruff>=0.17"),
        ("", "", "", "ruff"),
    ],
)
def test_version_is_that_of_the_service(lock: str, hooks: str, project: str, wanted: str) -> None:
    assert formatters.find_requirement("ruff", lock, hooks, project) == wanted


def test_black_is_in_the_place_of_ruff_where_it_has_settings() -> None:
    settings = {"pyproject.toml": f"{PROJECT}\n[tool.black]\nline-length = 79\n[tool.isort]\n"}

    assert formatters.choose_steps(settings) == ("ruff-imports", "isort", "black")
    assert formatters.choose_steps({"pyproject.toml": PROJECT}) == ("ruff-imports", "ruff")
