"""Scripts keep the line ends that a shell reads, in clones that give all others those of Windows."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rendering import COMBINATIONS

from updating.conftest import RELEASES
from updating.living import NOW, Create, commit, files, status

Run = Callable[..., int]
SCRIPT = "scripts/qa_commands.sh"
ATTRIBUTES = ".gitattributes"
CLONE = ("git", "clone", "--quiet", "--config=core.autocrlf=true")
OURS = "*.csv text eol=crlf\n*.png binary\n"


def clone_as_on_windows(service: Path, destination: Path) -> Path:
    """Clone a service as git does it where text has the line ends of Windows."""
    subprocess.run([*CLONE, service, destination], check=True)
    return destination


def usage(service: Path) -> tuple[int, str]:
    """Run the checks with a word that they refuse; return the exit status and what they say."""
    result = subprocess.run(
        [f"./{SCRIPT}", "--nonsense"], cwd=service, text=True, capture_output=True
    )
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("ours", [None, OURS])
def test_checks_run_where_text_has_the_line_ends_of_windows(
    ours: str | None, create: Create, tmp_path: Path
) -> None:
    service = create(NOW, **COMBINATIONS["async"])
    if ours:
        (service / ATTRIBUTES).write_text(f"* text=auto\n{ours}", "utf-8")
        commit(service, "Attributes of ours")

    checkout = clone_as_on_windows(service, tmp_path / "windows")

    assert b"\r\n" in (checkout / "README.md").read_bytes()
    assert b"\r" not in (checkout / SCRIPT).read_bytes()
    assert usage(checkout) == (2, f"usage: ./{SCRIPT} [--audit | --fix | --lint]\n")
    assert status(checkout) == {}


@pytest.mark.parametrize("ours", [None, OURS])
def test_service_of_a_release_gets_the_attributes_beside_its_own(
    ours: str | None, create: Create, run_counted: Run, tmp_path: Path
) -> None:
    service = create(RELEASES["1.2.0"], **COMBINATIONS["async"])
    if ours:
        (service / ATTRIBUTES).write_text(ours, "utf-8")
        commit(service, "Attributes of ours")
    before = files(service)
    # Before the update the checks cannot even start there.
    assert b"\r" in (clone_as_on_windows(service, tmp_path / "before") / SCRIPT).read_bytes()

    checkout = clone_as_on_windows(service, tmp_path / "windows")
    assert run_counted(checkout, "--to", NOW) == 0

    assert status(checkout) == {}
    assert files(checkout).get(ATTRIBUTES) == before.get(ATTRIBUTES)
    assert f"scripts/{ATTRIBUTES}" in files(checkout)
    assert usage(clone_as_on_windows(checkout, tmp_path / "after"))[0] == 2
