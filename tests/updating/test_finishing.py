"""An update that was left to people is finished, said to be unfinished, reverted, made again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updates.workshop import Workshop
from updating.living import BARE, NOW, Template, branch, commit, create_service, files, status

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]
BRANCH = "template-update/v99.1.0"
TITLE = "Update the template from v99.0.0 to v99.1.0"


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service that is one release behind, in which both changed the Dockerfile."""
    service = create_service(template_to_be.folder, NOW, BARE, tmp_path / "service")
    change(service, "# A number,", "# Any number,")
    commit(service, "Any number")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.add("service/VERSION", "99.1.0\n")
    template_to_be.release("99.1.0")
    return service


def test_solved_conflicts_are_committed(service: Path, run: Run, capsys: Captured) -> None:
    assert run(service) == 2
    assert "Do what is listed, then: uv run scripts/update_from_template.py --finish" in (
        capsys.readouterr().out
    )
    solve(service)
    # What is mended besides needs no `git add`.
    (service / "README.md").write_text("# Ours\n", "utf-8")

    assert run(service, "--finish") == 0

    assert f"Done, on {BRANCH}." in capsys.readouterr().out
    assert (branch(service), status(service)) == (BRANCH, {})
    assert "# Any number" in (service / "Dockerfile").read_text("utf-8")
    assert (service / "README.md").read_text("utf-8") == "# Ours\n"
    with Repo(service) as repository:
        message = str(repository.head.commit.message)
        assert message.startswith(TITLE)
        assert "Conflicts" not in message
        # It is the work of people, and not of the updater alone.
        assert "Template-Update:" not in message
        assert not (service / ".git" / "MERGE_MSG").exists()
    assert run(service) == 0
    assert "This service has v99.1.0" in capsys.readouterr().out


def test_solved_conflicts_are_not_replaced(service: Path, run: Run, capsys: Captured) -> None:
    run(service)
    solve(service)
    run(service, "--finish")
    with Repo(service) as repository:
        finished = repository.head.commit.hexsha
        repository.git.switch("main")

    assert run(service) == 1

    assert f"{BRANCH} has commits of people" in capsys.readouterr().err
    with Repo(service) as repository:
        assert repository.commit(BRANCH).hexsha == finished


def test_what_is_still_to_do_is_told(service: Path, run: Run, capsys: Captured) -> None:
    run(service)
    (service / "notes.txt").touch()
    capsys.readouterr()

    assert run(service, "--finish") == 2
    told = capsys.readouterr().out
    assert "- Dockerfile: both changed it: edit the file, then git add" in told
    assert "- notes.txt: git does not know it: git add it, or move it away" in told

    (service / "notes.txt").unlink()
    with Repo(service) as repository:
        repository.git.add("Dockerfile")
    before = look(service)

    assert run(service, "--finish") == 2
    assert "- Dockerfile: a conflict marker in line" in capsys.readouterr().out
    assert look(service) == before

    forget_the_middle(service)

    assert run(service, "--finish") == 2
    assert "- Dockerfile: a conflict marker in line" in capsys.readouterr().out


def test_committed_markers_are_no_finished_update(
    service: Path, run: Run, capsys: Captured
) -> None:
    run(service)
    commit(service, "All of it")
    capsys.readouterr()

    for options in ([], ["--check"], ["--push"]):
        assert run(service, *options) == 1
        captured = capsys.readouterr()
        assert "there is nothing to do" not in captured.out
        assert "An update is not finished:\n- Dockerfile: a conflict marker" in captured.err

    forget_the_middle(service)
    assert run(service, "--finish") == 2
    assert "- Dockerfile: a conflict marker in line" in capsys.readouterr().out
    solve(service)
    assert run(service, "--finish") == 0

    with Repo(service) as repository:
        assert repository.head.commit.summary == "Finish the update of the template"
    assert run(service) == 0
    assert "there is nothing to do" in capsys.readouterr().out


def test_red_checks_are_mended_and_finished(
    service: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    change(service, "# Any number,", "# A number,")
    commit(service, "As it was")
    with monkeypatch.context() as patch:
        patch.setattr(Workshop, "lock", lambda *_, **__: False)
        assert run(service) == 1
        assert status(service) == {".cruft.json": "M ", "Dockerfile": "M ", "VERSION": "A "}
        before = look(service)
        assert run(service, "--finish") == 1
    said = capsys.readouterr().out
    assert "uv lock failed.\n\nYou are on template-update/v99.1.0, and nothing is committed" in said
    assert "Mend the dependencies in pyproject.toml, then: uv run scripts/update_from_t" in said
    assert "uv lock failed. Mend the dependencies in pyproject.toml, and run --finish again" in said
    assert look(service) == before

    assert run(service, "--finish") == 0

    assert (branch(service), status(service)) == (BRANCH, {})
    with Repo(service) as repository:
        assert repository.head.commit.summary == TITLE
        assert "uv lock failed" not in str(repository.head.commit.message)


def test_finished_update_is_not_committed_twice(service: Path, run: Run, capsys: Captured) -> None:
    run(service)
    solve(service)
    run(service, "--finish")
    before = look(service)

    assert run(service, "--finish") == 0

    assert look(service) == before


def test_checkout_that_changes_while_it_is_finished_stays(
    service: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    run(service)
    solve(service)

    def edit(*_: object, **__: object) -> bool:
        change(service, "# Any number,", "# Some number,")
        return True

    monkeypatch.setattr(Workshop, "lock", edit)
    capsys.readouterr()

    assert run(service, "--finish") == 1

    assert "so it stays as it is: run --finish again." in capsys.readouterr().err
    assert "# Some number," in (service / "Dockerfile").read_text("utf-8")
    assert status(service)[".cruft.json"] == "M "


def test_there_must_be_an_update_to_finish(service: Path, run: Run, capsys: Captured) -> None:
    assert run(service, "--finish") == 1
    assert "There is no update to finish on main." in capsys.readouterr().err


@pytest.mark.parametrize("merge", [["--no-ff"], ["--ff-only"], ["--squash"]])
def test_reverted_update_can_be_made_again(merge: list[str], service: Path, run: Run) -> None:
    run(service)
    solve(service)
    run(service, "--finish")
    made = files(service)
    with Repo(service) as repository:
        git = repository.git
        git.switch("main")
        git.merge("--quiet", *merge, BRANCH)
        if merge == ["--squash"]:
            git.commit("--message", "Squashed")
            # git does not see that it was merged.
            git.branch("--delete", "--force", BRANCH)
        git.revert("--no-edit", *["--mainline", "1"] * (merge == ["--no-ff"]), "HEAD")
    assert "VERSION" not in files(service)

    assert run(service) == 2
    solve(service)
    assert run(service, "--finish") == 0

    assert files(service) == made


def change(service: Path, old: str, new: str) -> None:
    """Change the Dockerfile."""
    text = (service / "Dockerfile").read_text("utf-8")
    assert old in text
    (service / "Dockerfile").write_text(text.replace(old, new), "utf-8")


def forget_the_middle(service: Path) -> None:
    """Take away the markers around a conflict, and leave the one in the middle."""
    text = (service / "Dockerfile").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in text if not line.startswith(("<<<<<<<", ">>>>>>>"))]
    (service / "Dockerfile").write_text("".join(kept), "utf-8")


def solve(service: Path) -> None:
    """Take the team's side of the conflict."""
    lines = (service / "Dockerfile").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("<<<<<<<", "=======", ">>>>>>>"))]
    text = "".join(line for line in kept if "# It is a number," not in line)
    (service / "Dockerfile").write_text(text, "utf-8")
    with Repo(service) as repository:
        repository.git.add("Dockerfile")


def look(service: Path) -> tuple[str, str, dict[str, str]]:
    """Return the commit, the index, and what is not committed."""
    with Repo(service) as repository:
        index = repository.git.ls_files("--stage")
        return repository.head.commit.hexsha, index, status(service)
