"""uv makes an environment for the updater once, and its failures are told from conflicts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import ROOT

from updates.libraries import RAN

# An interpreter without the libraries of the tests, as of a service.
BARE = [sys.executable, "-S"]
Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start the updater, in a new folder as by a launcher, where a stand-in for uv notes it."""
    uv = tmp_path / "uv"
    notes = tmp_path / "notes"

    def run(
        status: int, *arguments: str, home: Path = tmp_path
    ) -> subprocess.CompletedProcess[str]:
        uv.write_text(f'#!/bin/sh\necho "$@" >> {notes}\nexit {status}\n', "utf-8")
        uv.chmod(0o755)
        folder = tmp_path / f"run-{len(list(tmp_path.glob('run-*')))}"
        shutil.copytree(ROOT / "updates", folder / "updates")
        variables = os.environ | {"UV": str(uv), "XDG_CACHE_HOME": str(home / "cache")}
        command = [*BARE, str(folder / "updates" / "__main__.py"), *arguments]
        return subprocess.run(command, env=variables, capture_output=True, encoding="utf-8")

    return run


def test_libraries_stand_at_one_place_for_all_runs(start: Start, tmp_path: Path) -> None:
    for _ in range(2):
        assert start(RAN, "--to", "v1.0.0").returncode == 0

    first, second = (line.split() for line in (tmp_path / "notes").read_text().splitlines())
    script, folder, *arguments = first[3:]
    assert first[:3] == ["run", "--no-project", "--quiet"]
    assert Path(script).read_bytes() == (ROOT / "updates" / "libraries.py").read_bytes()
    assert second[3] == script
    assert folder == str(tmp_path / "run-0")
    assert arguments == ["--to", "v1.0.0"]
    assert [*(tmp_path / "cache" / "template-updater").iterdir()] == [Path(script)]


def test_what_somebody_wrote_there_is_not_run(start: Start, tmp_path: Path) -> None:
    start(RAN)
    [script] = (tmp_path / "cache" / "template-updater").iterdir()
    script.write_text("raise SystemExit", "utf-8")

    start(RAN)

    assert script.read_bytes() == (ROOT / "updates" / "libraries.py").read_bytes()


def test_without_a_place_for_it_the_updater_runs_all_the_same(start: Start, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()

    assert start(RAN).returncode == 0

    script = (tmp_path / "notes").read_text("utf-8").split()[3]
    assert script == str(tmp_path / "run-0" / "updates" / "libraries.py")


def test_interpreter_that_uv_found_is_found_without_it(start: Start, tmp_path: Path) -> None:
    start(RAN)
    [script] = (tmp_path / "cache" / "template-updater").iterdir()
    subprocess.run([sys.executable, str(script), str(ROOT), "--help"], stdout=subprocess.DEVNULL)

    ended = start(1, "--help")

    assert (ended.returncode, ended.stdout[:7]) == (0, "usage: ")
    assert len((tmp_path / "notes").read_text("utf-8").splitlines()) == 1


def test_interpreter_that_is_gone_is_asked_of_uv_again(start: Start, tmp_path: Path) -> None:
    start(RAN)
    [script] = (tmp_path / "cache" / "template-updater").iterdir()
    script.with_suffix(".python").write_text(str(tmp_path / "gone"), "utf-8")

    assert start(RAN).returncode == 0

    assert len((tmp_path / "notes").read_text("utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("status", "told"), [(RAN, 0), (RAN + 1, 1), (RAN + 2, 2), (1, 1), (2, 1), (130, 1)]
)
def test_failure_of_uv_is_no_conflict(status: int, told: int, start: Start) -> None:
    assert start(status).returncode == told


def test_libraries_that_are_at_hand_are_taken(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "updates" / "__main__.py"), "--help"]

    ended = subprocess.run(
        command, env=os.environ | {"UV": str(tmp_path / "no-uv")}, capture_output=True
    )

    assert ended.returncode == 0


def test_script_for_uv_ends_with_the_status_of_the_updater(tmp_path: Path) -> None:
    script = shutil.copy(ROOT / "updates" / "libraries.py", tmp_path)
    command = [sys.executable, str(script), str(ROOT), "--check"]

    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8")

    assert ended.returncode == RAN + 1
    assert "not a git repository" in ended.stderr
