"""Services that older releases made change their answers: nobody gets markers for the template."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from updates.renders import Renders
from updating import team
from updating.conftest import RELEASES, Check
from updating.living import NOW, Create, clone, commit, files, status

Run = Callable[..., int]
Make = Callable[[str, bool, Callable[[Path], object]], Path]
# Each answer in a service of one or the other release.
CHANGES = [
    ("1.0.0", "use_csv_export=false"),
    ("1.0.0", "use_worker=true"),
    ("1.0.0", "sample=none"),
    ("1.3.0", "use_auth=false"),
    ("1.3.0", "use_page=true"),
    ("1.3.0", "use_clients=false"),
]


def add_a_page(service: Path) -> None:
    """Do what changes no file of the template."""
    (service / "docs.md").write_text("# What we know\n", "utf-8")


@pytest.fixture
def make(create: Create, run: Run, tmp_path: Path) -> Make:
    """Give the function that makes a service by a release, and updates it to the newest."""

    def make_service(version: str, everything: bool, edit: Callable[[Path], object]) -> Path:
        modules = dict.fromkeys(("use_csv_export", "use_auth"), everything)
        service = create(RELEASES[version], use_database=True, **modules)
        edit(service)
        commit(service, "A year of work")
        assert run(service, "--to", NOW) == 0
        # As a pipeline has it, which knows no history.
        return clone(service, tmp_path / "clone")

    return make_service


@pytest.mark.parametrize(("version", "answer"), CHANGES)
def test_seeds_that_nobody_changed_get_no_markers(
    version: str, answer: str, make: Make, run_counted: Run
) -> None:
    service = make(version, True, add_a_page)

    assert run_counted(service, "--answers", answer) == 0


@pytest.mark.parametrize(
    ("version", "answer", "names"),
    [("1.0.0", "use_worker=true", ()), ("1.2.0", "use_csv_export=true", ("lint", "types"))],
)
def test_what_comes_of_them_passes_the_checks(
    version: str, answer: str, names: tuple[str, ...], make: Make, run: Run, check: Check
) -> None:
    service = make(version, False, add_a_page)

    assert run(service, "--answers", answer) == 0

    check(service, *names)


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        ("1.0.0", "use_csv_export=false"),
        ("1.0.0", "use_page=true"),
        ("1.3.0", "use_auth=false"),
    ],
)
def test_edits_of_a_team_stay_beside_what_an_answer_changes(
    version: str, answer: str, make: Make, run_counted: Run
) -> None:
    kept: list[str] = []
    service = make(version, True, lambda folder: kept.extend(team.edit(folder)))

    assert run_counted(service, "--answers", answer) == 0

    assert team.lost(service, kept) == []


def test_edited_code_does_not_come_along_and_the_rest_of_it_neither(
    make: Make, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    def edit(folder: Path) -> None:
        with (folder / "app" / "data_queries.py").open("a", encoding="utf-8") as file:
            file.write("\n\nNAMES = ()\n")

    service = make("1.3.0", False, edit)
    before = files(service)

    # No release before has a worker, and this one's sample is another one.
    assert run(service, "--answers", "use_worker=true") == 2

    told = capsys.readouterr().out
    assert "- app/api.py: both changed it" in told
    assert "came along" not in told.partition("app/api.py")[0]
    assert status(service)["app/api.py"] == "UU"
    assert files(service)["app/data_queries.py"] == before["app/data_queries.py"]


def test_answer_that_goes_back_leaves_code_as_it_was(make: Make, run: Run, tmp_path: Path) -> None:
    service = make("1.3.0", True, add_a_page)
    before = files(service)

    assert run(service, "--answers", "use_auth=false") == 0
    again = clone(service, tmp_path / "again")
    assert run(again, "--answers", "use_auth=true") == 0

    changed = {path for path, entry in files(again).items() if before.get(path) != entry}
    # What it says of the answer is as this version says it.
    assert changed <= {"README.md"}


def test_renders_are_made_for_one_service(
    make: Make, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = make("1.3.0", True, add_a_page)
    # Here, tests share them; a team has none, and no release before has known this answer.
    monkeypatch.setattr("updates.template.Renders", Renders)

    assert run(service, "--answers", "use_page=true") == 0
