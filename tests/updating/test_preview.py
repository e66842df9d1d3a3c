"""What an update would do is shown before it, and stands in its merge request."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import ROOT

from updating.living import BARE, NOW, Template, commit, create_service

Run = Callable[..., int]
UPDATER = ROOT / "updates" / "__main__.py"


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service that is one release behind."""
    service = create_service(template_to_be.folder, NOW, BARE, tmp_path / "service")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.add("service/VERSION", "99.1.0\n")
    template_to_be.release("99.1.0")
    return service


def test_preview_shows_files_and_hunks_and_touches_nothing(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(service)

    assert run(service, "--diff") == 0

    told = capsys.readouterr().out
    assert told.startswith("Update the template from v99.0.0 to v99.1.0\n")
    assert "3 files change:\n\n- .cruft.json: +" in told
    assert "\n- Dockerfile: +1 -1\n- VERSION: +1 -0, new\n" in told
    assert "\n-# A number," in told
    assert "\n+# It is a number," in told
    assert everything(service) == before


def test_preview_names_conflicts(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    (service / "VERSION").write_text("ours\n", "utf-8")
    commit(service, "Ours")

    assert run(service, "--diff") == 2

    told = capsys.readouterr().out
    assert "Conflicts:\n\n- VERSION: both added it" in told
    assert "\n+<<<<<<< service" in told


def test_preview_of_other_answers(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(service, "--diff", "--answers", "use_csv_export=true") == 0

    told = capsys.readouterr().out
    assert told.startswith("Change answers: use_csv_export=true\n")
    assert "\n- app/standard/csv_export/__init__.py: +" in told


def test_preview_of_nothing(service: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(service, "--diff", "--to", "v99.0.0") == 0

    assert "there is nothing to do" in capsys.readouterr().out


def test_preview_is_the_same_whatever_git_is_set_to(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(service, "--diff")
    expected = capsys.readouterr().out
    settings = service.parent / "gitconfig"
    settings.write_text(
        "[diff]\n\tnoprefix = true\n\texternal = false\n\trenames = false\n"
        "[color]\n\tdiff = always\n",
        "utf-8",
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))

    assert run(service, "--diff") == 0

    assert capsys.readouterr().out == expected


def test_reader_may_leave(service: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, str(UPDATER), "--diff"]

    ended = subprocess.run(command, cwd=service, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)

    assert (ended.returncode, ended.stderr) == (0, b"")


def everything(folder: Path) -> dict[Path, bytes]:
    """Return the contents of all files, those of git too."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
