"""What a team's edits lose with an answer comes back with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo
from rendering import COMBINATIONS

from updates.workshop import Workshop
from updating import team
from updating.living import NOW, Create, Template, clone, commit, create_service, files, status

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]
OFF, ON = ("--answers", "use_csv_export=false"), ("--answers", "use_csv_export=true")
EXPORT: dict[str, str | bool] = {"framework": "flask", "use_database": False, "use_auth": False}
CELLS = "app/standard/csv_export/rows.py"
ROUTES = "app/routes.py"


def edit(folder: Path, path: str, old: str, new: str) -> None:
    """Change a file as a team does."""
    text = (folder / path).read_text("utf-8")
    assert old in text
    (folder / path).write_text(text.replace(old, new), "utf-8")


def let_go(service: Path, run: Run, *paths: str, squash: bool = False) -> str:
    """Take the template's side of conflicts, and finish; return the commit before."""
    with Repo(service) as repository:
        before = repository.head.commit.hexsha
        for path in paths:
            if status(service)[path] == "UU":
                repository.git.checkout("--theirs", path)
                repository.git.add(path)
            else:
                repository.git.rm(path)
    assert run(service, "--finish") == 0
    merge(service, squash)
    return before[:12]


def merge(service: Path, squash: bool = False) -> None:
    """Merge the branch that is checked out, as a merge request does."""
    with Repo(service) as repository:
        name = repository.active_branch.name
        repository.git.switch("main")
        repository.git.merge("--squash" if squash else "--no-ff", "--no-edit", name)
        if squash:
            repository.git.commit("--message", "Squashed")
        repository.git.branch("--delete", "--force", name)


def test_edits_of_seeds_come_back_with_the_module(
    create: Create, run: Run, capsys: Captured
) -> None:
    service = create(NOW, **COMBINATIONS["flask-database-csv_export-auth"])
    edit(service, "app/api.py", '"items.csv"', '"all-items.csv"')
    edit(service, "tests/test_items.py", 'startswith("text/csv")', 'startswith("text/csv; ")')
    commit(service, "Our export")
    edited = files(service)

    assert run(service, *OFF) == 2
    said = capsys.readouterr().out
    before = let_go(service, run, "app/api.py", "tests/test_items.py")

    kept = f"- app/api.py: git show {before}:app/api.py\n"
    assert f"comes back with the answer, --answers use_csv_export=true:\n{kept}" in said
    assert "all-items.csv" not in (service / "app" / "api.py").read_text("utf-8")
    with Repo(service) as repository:
        assert kept in str(repository.commit("HEAD^2").message)
        # No ref keeps it: each clone of the service has it.
        assert repository.git.for_each_ref("--format=%(refname)") == "refs/heads/main"
    with (service / "app" / "api.py").open("a", encoding="utf-8") as api:
        api.write(team.HANDLER)
    commit(service, "Go on")
    capsys.readouterr()

    assert run(service, *ON) == 0

    assert (
        f"Your edits of {before} come back with the answer:\n- app/api.py\n- tests/test_item"
        in (capsys.readouterr().out)
    )
    again = files(service)
    changed = {path for path in edited | again if edited.get(path) != again.get(path)}
    assert changed <= {"app/api.py", ".cruft.json"}
    text = (service / "app" / "api.py").read_text("utf-8")
    assert '"all-items.csv"' in text
    assert text.endswith(team.HANDLER)


def test_removed_file_of_a_module_comes_back_as_the_team_had_it(
    create: Create, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    service = create(NOW, **COMBINATIONS["flask-database"])
    with (service / "app" / "models.py").open("a", encoding="utf-8") as models:
        models.write(team.MODEL)
    commit(service, "Notes")
    edited = files(service)

    assert run(service, "--answers", "use_database=false") == 2
    let_go(service, run, "app/models.py")
    assert not (service / "app" / "models.py").exists()

    assert run(clone(service, tmp_path / "shallow"), "--answers", "use_database=on") == 0
    assert "not known in a shallow clone: git fetch --unshallow" in capsys.readouterr().out
    with Repo(service) as repository:
        repository.git.config("uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    Repo.clone_from(f"file://{service}", partial, filter="blob:none").close()
    assert run(partial, "--answers", "use_database=yes") == 0

    assert "shallow" not in capsys.readouterr().out
    again = files(partial)
    changed = {path for path in edited | again if edited.get(path) != again.get(path)}
    assert changed <= {".cruft.json"}


def test_routes_in_code_come_back_with_their_framework(create: Create, run: Run) -> None:
    service = create(NOW, **COMBINATIONS["fastapi"])
    with (service / ROUTES).open("a", encoding="utf-8") as routes:
        routes.write(team.ROUTE)
    commit(service, "A route in code")
    edited = files(service)

    assert run(service, "--answers", "framework=flask") == 2
    let_go(service, run, ROUTES)
    assert ROUTES not in files(service)

    assert run(service, "--answers", "framework=fastapi") == 0
    assert files(service) == {**edited, ".cruft.json": files(service)[".cruft.json"]}


def test_edits_come_back_into_what_the_template_changed_meanwhile(
    template_to_be: Template, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    service = create_service(template_to_be.folder, NOW, EXPORT, tmp_path / "service")
    with (service / CELLS).open("a", encoding="utf-8") as file:
        file.write("\n# A hot fix.\n")
    edit(service, "app/api.py", '"items.csv"', '"all-items.csv"')
    commit(service, "Mend it")
    assert run(service, *OFF) == 2
    before = let_go(service, run, CELLS, "app/api.py", squash=True)
    template_to_be.change(f"service/{CELLS}", '"""', '"""Mended. ')
    template_to_be.change("service/app/api.py", "as CSV.", "as a table.")
    template_to_be.release("99.1.0")
    assert run(service) == 0
    merge(service)
    capsys.readouterr()

    assert run(service, *ON) == 0

    back = f"Your edits of {before} come back with the answer:\n- app/api.py\n- {CELLS}\n"
    assert back in capsys.readouterr().out
    rows, api = ((service / path).read_text("utf-8") for path in (CELLS, "app/api.py"))
    assert rows.startswith('"""Mended. ')
    assert rows.endswith("# A hot fix.\n")
    assert '"all-items.csv"' in api
    assert "as a table." in api


def test_edits_that_meet_what_the_template_changed_meanwhile_are_named(
    template_to_be: Template, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    service = create_service(template_to_be.folder, NOW, EXPORT, tmp_path / "service")
    edit(service, CELLS, '"""', '"""A hot fix. ')
    edit(service, "app/api.py", '"items.csv"', '"all-items.csv"')
    commit(service, "Mend it")
    assert run(service, *OFF) == 2
    before = let_go(service, run, CELLS, "app/api.py")
    template_to_be.change(f"service/{CELLS}", '"""', '"""Mended. ')
    template_to_be.release("99.1.0")
    assert run(service) == 0
    merge(service)
    capsys.readouterr()

    assert run(service, *ON) == 0

    said = capsys.readouterr().out
    with Repo(service) as repository:
        command = f"git diff {repository.commit('main~1').hexsha[:12]} {before} -- {CELLS}"
        assert f"do not come back by themselves:\n- {CELLS}: {command}" in said
        assert "A hot fix." in repository.git.execute(command.split())
    assert (service / CELLS).read_text("utf-8").startswith('"""Mended. ')
    assert '"all-items.csv"' in (service / "app" / "api.py").read_text("utf-8")


def test_files_that_nobody_edited_leave_no_trace(
    create: Create, run: Run, capsys: Captured
) -> None:
    service = create(NOW, **EXPORT)
    own = service / "app" / "standard" / "csv_export" / "ours.py"
    own.write_text("OURS = 1\n", "utf-8")
    commit(service, "A file of our own")
    before = files(service)

    assert run(service, *OFF) == 0
    merge(service)
    assert [path for path in files(service) if "csv_export" in path] == [
        "app/standard/csv_export/ours.py"
    ]
    assert run(service, *ON) == 0

    assert files(service) == {**before, ".cruft.json": files(service)[".cruft.json"]}
    said = capsys.readouterr().out
    assert "come back" not in said
    assert "comes back" not in said


def test_committed_conflict_is_named(create: Create, run: Run, capsys: Captured) -> None:
    service = create(NOW, **EXPORT)
    edit(service, "app/api.py", '"items.csv"', '"all-items.csv"')
    commit(service, "Our export")
    assert run(service, *OFF) == 2
    commit(service, "As in a draft")
    with Repo(service) as repository:
        fresh = create(NOW, "fresh", **EXPORT | {"use_csv_export": False})
        (service / "app" / "api.py").write_bytes((fresh / "app" / "api.py").read_bytes())
        commit(service, "Solve it")
        repository.git.branch("--force", "main")
        repository.git.switch("main")
    capsys.readouterr()

    assert run(service, *ON) == 0

    assert "do not come back by themselves:\n- app/api.py: git diff" in capsys.readouterr().out
    assert '"items.csv"' in (service / "app" / "api.py").read_text("utf-8")


def test_edits_in_a_subfolder_come_back(
    repository: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(Workshop, "lock", lambda *_, **__: True)
    service, queries = repository / "services" / "letters", "app/data_queries.py"
    edit(service, queries, "Alder", "Elder")
    commit(repository, "Another tree")

    assert run(service, "--answers", "use_database=true") == 2
    with Repo(repository) as opened:
        command = f"git show {opened.head.commit.hexsha[:12]}:services/letters/{queries}"
        assert f"- {queries}: {command}\n" in capsys.readouterr().out
        assert "Elder" in opened.git.execute(command.split())
        opened.git.checkout("--theirs", f"services/letters/{queries}")
        opened.git.add("--all")
    assert run(service, "--finish") == 0
    assert "Elder" not in (service / queries).read_text("utf-8")

    assert run(service, "--diff", "--answers", "use_database=false") == 0
    assert "Elder" in capsys.readouterr().out
    assert run(service, "--answers", "use_database=false") == 0

    assert "Elder" in (service / queries).read_text("utf-8")
