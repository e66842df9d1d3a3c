"""A team that goes on working while an update is built: neither gets into the other's way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from git import Repo

from updates.branch import Branch
from updates.checkout import Checkout
from updates.main import main
from updates.workshop import Workshop
from updating.living import BARE, NOW, Template, branch, commit, create_service, files, status

Run = Callable[..., int]
Move = Callable[[Path], None]
BRANCH = "template-update/v99.1.0"
CHANGED = {".cruft.json", "Dockerfile", "VERSION"}
# What is called on the way, from the first look at the checkout to the last one.
STEPS: dict[str, tuple[type, str]] = {
    "before the merge": (Branch, "require_free"),
    "before the files": (Workshop, "fill"),
    "before the lock": (Workshop, "lock"),
    "before the checks": (Workshop, "check"),
    "before the commit": (Workshop, "commit"),
    "before the end": (Checkout, "moved"),
}


def switch(service: Path) -> None:
    """Go to another branch."""
    with Repo(service) as repository:
        repository.git.switch("--create", "other")


def go_on(service: Path) -> None:
    """Commit to the branch that is checked out."""
    (service / "notes.txt").write_text("mine", "utf-8")
    commit(service, "My notes")


def detach(service: Path) -> None:
    """Leave all branches."""
    with Repo(service) as repository:
        repository.git.switch("--detach")


def add(service: Path) -> None:
    """Add a file to the index."""
    (service / "notes.txt").write_text("mine", "utf-8")
    with Repo(service) as repository:
        repository.git.add("notes.txt")


def edit(service: Path) -> None:
    """Change a file that the update changes too."""
    (service / "Dockerfile").write_text("FROM scratch\n", "utf-8")


MOVES = [switch, go_on, detach, add, edit]


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service that is one release behind."""
    service = create_service(template_to_be.folder, NOW, BARE, tmp_path / "service")
    (service / "scripts" / "qa_commands.sh").write_text("#!/bin/sh\n", "utf-8")
    commit(service, "Checks that take no time")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.add("service/VERSION", "99.1.0\n")
    template_to_be.release("99.1.0")
    return service


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give the function that runs the updater in a folder, with the checks."""

    def run_in(folder: Path, *arguments: str) -> int:
        monkeypatch.chdir(folder)
        return main([*arguments])

    return run_in


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("step", STEPS)
def test_what_a_team_does_meanwhile_stays_and_is_not_in_the_update(
    step: str, move: Move, service: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, moved = head(service), move_before(step, move, service, monkeypatch)

    assert run(service) == 0

    assert look(service) == moved[0]
    with Repo(service) as repository:
        made = repository.commit(BRANCH)
        changed = repository.git.diff("--name-only", f"{base}..{BRANCH}").splitlines()
    assert ([parent.hexsha for parent in made.parents], {*changed}) == ([base], CHANGED)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("ending", ["conflicts", "red checks", "hook"])
def test_update_that_cannot_be_committed_leaves_a_changed_checkout_alone(
    ending: str,
    move: Move,
    service: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if ending == "conflicts":
        (service / "VERSION").write_text("1\n", "utf-8")
        commit(service, "Ours")
    elif ending == "red checks":
        monkeypatch.setattr(Workshop, "lock", lambda _: False)
    else:
        hook = service / ".git" / "hooks" / "pre-commit"
        # It is for the update alone, which is on no branch.
        hook.write_text("#!/bin/sh\ngit symbolic-ref --quiet HEAD\n", "utf-8")
        hook.chmod(0o755)
    moved = move_before("before the files", move, service, monkeypatch)

    assert run(service) == 1

    assert "You changed this checkout meanwhile" in capsys.readouterr().err
    assert look(service) == moved[0]
    with Repo(service) as repository:
        assert BRANCH not in [each.name for each in repository.heads]


def test_branch_that_somebody_makes_meanwhile_is_not_moved(
    service: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def make(service: Path) -> None:
        with Repo(service) as repository:
            repository.git.branch(BRANCH)

    base = head(service)
    move_before("before the checks", make, service, monkeypatch)

    assert run(service) == 1

    assert f"{BRANCH} was changed meanwhile" in capsys.readouterr().err
    assert (branch(service), head(service, BRANCH), status(service)) == ("main", base, {})


def test_pushed_is_the_update_and_not_what_is_checked_out(
    service: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Repo.init(tmp_path / "remote.git", bare=True), Repo(service) as repository:
        repository.create_remote("origin", str(tmp_path / "remote.git"))
    move_before("before the commit", switch, service, monkeypatch)
    move_before("before the end", go_on, service, monkeypatch)

    assert run(service, "--push") == 0

    assert (branch(service), "VERSION" in files(service)) == ("other", False)
    with Repo(tmp_path / "remote.git") as remote:
        assert [each.name for each in remote.heads] == [BRANCH]
    assert head(tmp_path / "remote.git", BRANCH) == head(service, BRANCH)


def test_branch_of_the_update_that_is_checked_out_moves_only_with_its_files(
    service: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Repo(service) as repository:
        repository.git.switch("--create", BRANCH)
    base = head(service)
    with monkeypatch.context() as patch:
        move_before("before the end", edit, service, patch)
        assert run(service) == 1
    error = capsys.readouterr().err
    assert "You changed this checkout meanwhile, so it stays as it is: git merge " in error
    assert (head(service), status(service)) == (base, {"Dockerfile": " M"})
    with Repo(service) as repository:
        repository.git.checkout("Dockerfile")

    assert run(service) == 0

    assert (branch(service), head(service, "HEAD~"), status(service)) == (BRANCH, base, {})


@pytest.mark.parametrize("push", [False, True])
def test_what_the_checks_do_to_git_is_not_in_the_update(
    push: bool, template_to_be: Template, service: Path, run: Run, tmp_path: Path
) -> None:
    checks = "#!/bin/sh\ntouch stray; git add stray; git commit -qm stray; git switch -qc stray\n"
    (service / "scripts" / "qa_commands.sh").write_text(f"{checks}touch more; git add more\n")
    commit(service, "Checks of our own")
    with Repo.init(tmp_path / "remote.git", bare=True), Repo(service) as repository:
        repository.create_remote("anywhere", str(tmp_path / "remote.git"))
    base = head(service)

    assert run(service, *["--push"] * push) == 0

    assert {"stray", "more"}.isdisjoint(files(service))
    assert (branch(service), status(service)) == (BRANCH, {})
    assert head(service, f"{BRANCH}~") == base
    if push:
        assert head(tmp_path / "remote.git", BRANCH) == head(service)


def move_before(step: str, move: Move, service: Path, patch: pytest.MonkeyPatch) -> list[object]:
    """Let a team move before a step; return a list that will have how the service stood then."""
    moved: list[object] = []
    owner, name = STEPS[step]
    method = getattr(owner, name)

    def move_first(*arguments: Any, **options: Any) -> Any:
        if not moved:
            move(service)
            moved.append(look(service))
        return method(*arguments, **options)

    patch.setattr(owner, name, move_first)
    return moved


def look(service: Path) -> tuple[str, ...]:
    """Return what is the team's: HEAD, all other branches, the index, all files."""
    with Repo(service) as repository:
        refs = repository.git.for_each_ref("--format=%(refname) %(objectname)").splitlines()
        others = [ref for ref in refs if BRANCH not in ref]
        place = repository.head.path if repository.head.is_detached else branch(service)
        index = repository.git.ls_files("--stage")
        files = {path: (service / path).read_bytes() for path in everything(service)}
        return (place, repository.head.commit.hexsha, *others, index, repr(files))


def everything(service: Path) -> list[str]:
    """Return the paths of all files but git's own."""
    paths = (path.relative_to(service) for path in service.rglob("*") if path.is_file())
    return sorted(str(path) for path in paths if path.parts[0] != ".git")


def head(folder: Path, name: str = "HEAD") -> str:
    """Return the commit that a name stands for."""
    with Repo(folder) as repository:
        return repository.commit(name).hexsha
