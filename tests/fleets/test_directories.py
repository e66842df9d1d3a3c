"""Services in folders of one repository are rehearsed, updated and learnt from, each by itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fleet.example import NEW, OLD, PUSH_OPTIONS, commit
from fleet.services import Listed
from fleets.conftest import Entry, Fleet, Run
from updates.commands import git

NAMES = ("letters", "parcels")
UPDATED = {name: f"template-update/services/{name}/{NEW}" for name in NAMES}
MARKED = "<<<<<<< service"
pytestmark = pytest.mark.usefixtures("fake_uv")


@pytest.fixture
def shop(own: Fleet) -> Path:
    """Give a repository of two services, whose updates have the same conflict."""
    folder = own.copy("conflict", "shop")
    place = folder / "services" / "letters"
    place.mkdir(parents=True)
    for path in folder.iterdir():
        if path.name not in (".git", "services"):
            path.rename(place / path.name)
    shutil.copytree(place, folder / "services" / "parcels")
    commit(folder, "Two services")
    return folder


@pytest.fixture
def entries(shop: Path) -> list[Entry]:
    """Return the two as the list has them."""
    return [{"name": name, "url": str(shop), "directory": f"services/{name}"} for name in NAMES]


def mend(shop: Path, name: str, text: str = "") -> None:
    """Take the conflict away: with a text in its place, or with what the release had."""
    dockerfile = shop / "services" / name / "Dockerfile"
    _, _, rest = dockerfile.read_text("utf-8").partition("\n")
    if text:
        rest = rest.partition(">>>>>>> ")[2].partition("\n")[2]
    dockerfile.write_text(f"{text or f'# The image of {OLD}.'}\n{rest}", "utf-8")
    commit(shop, f"Mend {name}")


def test_each_is_rehearsed_and_checked_in_its_folder(
    own: Fleet, shop: Path, entries: list[Entry], run: Run
) -> None:
    mend(shop, "letters")
    (shop / "services" / "letters" / "RED").touch()
    # The checks of another service are not these.
    (shop / "RED").touch()
    mend(shop, "parcels")
    day = git("log", "-1", "--format=%cs", cwd=shop)
    template = f"--template={own.template}"

    rows = json.loads(run(entries, "--json", "--verify", template).stdout)

    assert [(row["merge"], row["suite"]) for row in rows] == [("clean", "red"), ("clean", "green")]
    assert [(row["template"], row["behind"], row["updated"]) for row in rows] == [(OLD, 2, day)] * 2


def test_each_gets_a_merge_request_of_its_own(shop: Path, entries: list[Entry], run: Run) -> None:
    mend(shop, "letters")

    results = json.loads(run(entries, "update", "--no-check", "--json").stdout)

    assert [row["result"] for row in results] == [
        f"Done, on {UPDATED['letters']}",
        "conflicts: draft merge request",
    ]
    for name in NAMES:
        changed = git("diff", "--name-only", "main", UPDATED[name], cwd=shop).splitlines()
        assert changed
        assert all(path.startswith(f"services/{name}/") for path in changed)


def test_one_learns_from_the_other(
    own: Fleet, shop: Path, entries: list[Entry], run: Run, tmp_path: Path
) -> None:
    run(entries[:1], "update", "--no-check")
    git("merge", "--quiet", "--no-ff", "--no-edit", UPDATED["letters"], cwd=shop)
    mend(shop, "letters", "# Our image, newer.")
    options = (f"--resolutions={tmp_path / 'cache'}", f"--template={own.template}")

    rows = json.loads(run(entries, "--json", *options).stdout)
    run(entries, "update", "--no-check", *options)

    assert [row["offers"] for row in rows] == [[], ["Dockerfile: resolved in letters"]]
    description = (shop / ".git" / PUSH_OPTIONS).read_text("utf-8")
    assert "Dockerfile, as in letters:" in description
    assert MARKED in git("show", f"{UPDATED['parcels']}:services/parcels/Dockerfile", cwd=shop)


@pytest.mark.parametrize("directory", ["services", "services/stamps"])
def test_folder_without_a_service_is_told(directory: str, own: Fleet, shop: Path, run: Run) -> None:
    # That at the top is another service.
    shutil.copy(shop / "services" / "letters" / ".cruft.json", shop)
    commit(shop, "One more")
    entries = [{"name": "stamps", "url": str(shop), "directory": directory}]

    [row] = json.loads(run(entries, "--json", f"--template={own.template}").stdout)
    [result] = json.loads(run(entries, "update", "--json").stdout)

    assert row["merge"] == "no cruft service"
    assert (result["status"], result["result"]) == (None, "failed")
    assert result["problem"] == f"There is no .cruft.json in {directory}/."
    assert git("for-each-ref", "--format=%(refname)", cwd=shop) == "refs/heads/main"


@pytest.mark.parametrize(
    ("directory", "place"),
    [("", ""), (".", ""), ("letters", "letters/"), ("./services//letters/", "services/letters/")],
)
def test_place_of_a_directory_ends_with_a_slash(directory: str, place: str) -> None:
    assert Listed("letters", "url", directory=directory).place == place
