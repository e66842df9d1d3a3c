"""Each release, and the commit before this one, updates to the work tree.

From the last release every combination does; from the others they take turns.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo
from rendering import COMBINATIONS, ROOT

from updating import team
from updating.conftest import RELEASES
from updating.living import NOW, Create, branch, commit, files, status

LAST = f"v{[*RELEASES][-1]}"
OLD = [*(f"v{version}" for version in RELEASES), "HEAD~"]
STATE = ".cruft.json"
OF_OLDER_SERVICES: dict[str, bool] = json.loads((ROOT / "cruft.json").read_text("utf-8"))[
    "answers_of_older_services"
]


def knows(old: str, combination: str) -> bool:
    """Tell whether a version has the framework of a combination among its choices."""
    with Repo(ROOT) as repository:
        commit = RELEASES.get(old.removeprefix("v"), old)
        asked = json.loads(repository.git.show(f"{commit}:cookiecutter.json"))
    return COMBINATIONS[combination]["framework"] in asked["framework"]


WAYS = [
    (combination, old)
    for turn, old in enumerate(OLD)
    for number, combination in enumerate(COMBINATIONS)
    if knows(old, combination) and (old == LAST or (turn + number) % 2)
]


@pytest.mark.parametrize(("combination", "old"), WAYS)
def test_pristine_service_becomes_a_new_one(
    combination: str, old: str, history: Path, create: Create, run: Callable[..., int]
) -> None:
    service = create(commit_of(old, history), **COMBINATIONS[combination])
    fresh = create(NOW, "fresh", **answers_of(service))

    assert run(service, "--to", NOW) == 0

    assert status(service) == {}
    assert branch(service) == f"template-update/{NOW}"
    assert without_seeds(service) == without_seeds(fresh)


@pytest.mark.parametrize(("combination", "old"), WAYS)
def test_what_a_team_wrote_survives(
    combination: str, old: str, history: Path, create: Create, run_counted: Callable[..., int]
) -> None:
    service = create(commit_of(old, history), **COMBINATIONS[combination])
    kept = team.edit(service)
    commit(service, "A year of work")

    assert run_counted(service, "--to", NOW) == 0

    assert status(service) == {}
    assert team.lost(service, kept) == []


def answers_of(service: Path) -> dict[str, str | bool]:
    """Return the answers that an update takes, but for those that the service was not asked for.

    Of some nobody is asked.
    """
    context = json.loads((service / STATE).read_text("utf-8"))["context"]["cookiecutter"]
    hidden = {name: context.get(name, answer) for name, answer in OF_OLDER_SERVICES.items()}
    return hidden | {name: context[name] for name in context if not name.startswith("_")}


def commit_of(name: str, history: Path) -> str:
    """Return what cruft checks out: the commit of a release, tagged or not."""
    if name == "HEAD~":
        # The work tree is one commit more there.
        return f"{NOW}~2"
    return RELEASES[name.removeprefix("v")]


def without_seeds(folder: Path) -> dict[str, str]:
    """Return the files that an update brings up to date."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    seeds = {STATE, *project["tool"]["cruft"]["skip"]}
    return {path: entry for path, entry in files(folder).items() if path not in seeds}
