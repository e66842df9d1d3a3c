"""Services as people have them go through all releases, in steps and at once."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from git import Repo
from rendering import COMBINATIONS

from updating import team
from updating.conftest import RELEASES, Check, Run
from updating.living import NOW, Create, clone, files, status
from updating.services import hotfixed, neighbours, reformatted

OLDEST, *LATER = RELEASES
SERVICES = {"reformatted": reformatted, "hot-fixed": hotfixed, "in a monorepo": neighbours}
# The others change little, and with them a suite has all the tests of the standard.
CHECKED_WHOLLY = {"v1.2.0": ["suite"], NOW: ["types", "floors", "suite"]}
MARKED = re.compile(r"^<<<<<<< .*?\n(.*?)^=======\n(.*?)^>>>>>>> .*?\n", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", SERVICES)
def test_living_service_goes_through_all_releases(
    name: str, create: Create, run: Run, run_counted: Run, check: Check, tmp_path: Path
) -> None:
    living = SERVICES[name]
    service = create(RELEASES[OLDEST], **COMBINATIONS[living.COMBINATION])
    top, kept = living.settle(service)
    other = clone(top, tmp_path / "other")

    def update(top: Path, version: str) -> None:
        place = top / living.PLACE
        if run_counted(place, "--to", version):
            solve(top, living)
            assert run(place, "--finish") == 0
        assert status(top) == {}
        merge(top)
        assert team.lost(top, kept) == []
        check(place, "lint", "format")

    for version in [*(f"v{each}" for each in LATER), NOW]:
        update(top, version)
        if version in CHECKED_WHOLLY:
            check(top / living.PLACE, *CHECKED_WHOLLY[version])
    update(other, NOW)

    # So what was checked of the one is true of the other.
    assert files(other) == files(top)


def solve(top: Path, living: ModuleType) -> None:
    """Solve the conflicts that the team caused, as a person does; others fail the test."""
    unmerged = [path for path, code in status(top).items() if "U" in code]
    assert unmerged == [*living.CONFLICTS]
    for path, replaced in living.CONFLICTS.items():
        if replaced is None:
            with Repo(top) as repository:
                repository.git.checkout("HEAD", "--", path)
            continue
        theirs, ours = replaced
        text = (top / path).read_text("utf-8")
        # The template's lines, and in them the team's in the place of the one that it changed.
        text = MARKED.sub(r"\2", text)
        assert text.count(theirs) == 1
        (top / path).write_text(text.replace(theirs, ours), "utf-8")
    with Repo(top) as repository:
        repository.git.add(*unmerged)


def merge(top: Path) -> None:
    """Merge the branch of an update, as a team does that has read it."""
    with Repo(top) as repository:
        name = repository.active_branch.name
        repository.git.switch("main")
        repository.git.merge("--quiet", name)
