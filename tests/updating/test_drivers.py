"""Merge drivers that a service names are used where they are installed, and named where not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updating.living import status
from updating.toy import Toy, write_files

Run = Callable[..., int]
FILE = "NOTES"


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Give a template that adds a line to a file, where the team adds one."""
    toy = Toy(tmp_path / "template")
    toy.release("1.0.1", {FILE: "first\n"})
    toy.release("1.1.0", {FILE: "first\ntheirs\n"})
    return toy


@pytest.fixture
def service(toy: Toy, tmp_path: Path) -> Path:
    """Create a service whose team adds a line."""
    service = toy.create(tmp_path / "service", version="v1.0.1")
    write_files(service, {FILE: "first\nours\n"})
    return service


def test_union_keeps_both_lines(service: Path, run: Run) -> None:
    write_files(service, {".gitattributes": f"* text=auto\n{FILE} merge=union\n"})

    assert run(service) == 0

    assert (service / FILE).read_text("utf-8") == "first\nours\ntheirs\n"


@pytest.mark.parametrize("where", ["repository", "user"])
def test_installed_driver_is_used(
    where: str, service: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(service, {".gitattributes": f"{FILE} merge=both\n"})
    driver = "printf 'both\\n' > %A"
    if where == "user":
        (tmp_path / "gitconfig").write_text("", "utf-8")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    with Repo(service) as repository:
        repository.git.config(*["--global"] * (where == "user"), "merge.both.driver", driver)

    assert run(service) == 0

    assert (service / FILE).read_text("utf-8") == "both\n"


def test_driver_that_is_not_installed_is_named(
    service: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"{FILE} merge=mergiraf\n*.py merge=mergiraf\n*.po merge=gettext\n*.bin merge=binary\n"
    write_files(service, {".gitattributes": text})

    assert run(service) == 2

    assert status(service)[FILE] == "UU"
    told = "Merged by lines, for want of merge drivers: gettext, mergiraf."
    assert told in capsys.readouterr().out
