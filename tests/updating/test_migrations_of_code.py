"""A release that renames what teams import brings a migration, which runs on both sides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updates import migrating
from updates.commands import Refused
from updates.migrated import read, write
from updates.migrating import load
from updating.living import branch, files, status
from updating.toy import FILES, PROJECT, STREAMING, Toy, write_files

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]
OLD, NEW = "app/standard/streaming.py", "app/standard/http/streams.py"
MIGRATION = f'''"""What is streamed is in `app.standard.http.streams`, and a stream is a flow."""

from pathlib import Path

from updates.codemods import move, rename


def migrate(folder: Path) -> list[str]:
    """Change a folder."""
    left = move(folder, "{OLD}", "{NEW}")
    (folder / "app/standard/http/__init__.py").touch()
    (folder / "app/standard/http.py").unlink(missing_ok=True)
    left += rename(folder, {{"app.standard.http.streams.Stream": "app.standard.http.streams.Flow"}})
    api = folder / "app/api.py"
    if api.exists() and "getattr" in api.read_text("utf-8"):
        left.append("app/api.py: look at what it gets by name")
    return left
'''
RELEASE = {
    OLD: None,
    "app/standard/http.py": None,
    "app/standard/http/__init__.py": "",
    NEW: STREAMING.replace("class Stream", "class Flow").replace('"strict"', '"replace"'),
}
WAYS = {
    "app/api.py": """import app.standard.streaming
from app.standard.streaming import Stream

first = Stream()
second = app.standard.streaming.Stream()
""",
    "app/more.py": """import logging

import app.standard.streaming as s
from app.standard import streaming
from app.standard.streaming import Stream as Other

logging.info(s.Stream(), streaming.Stream(), Other())
""",
    "app/relative.py": "from .standard.streaming import Stream\n\nprint(Stream)\n",
    "tests/test_streams.py": """import pytest


def test_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.standard.streaming import Stream

    monkeypatch.setattr("app.standard.streaming.Stream", None)
    Stream()
""",
    "pyproject.toml": PROJECT
    + '\n[tool.importlinter]\nlayers = ["app.api", "app.standard.streaming"]\n',
    "docs/notes.md": "See `app/standard/streaming.py`, and not my-app/standard/streaming.pyx.\n",
}


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    """Give a template whose second release moves a module, renames a class and changes a line."""
    toy = Toy(tmp_path / "template")
    toy.release("1.1.0", RELEASE, flows=MIGRATION)
    return toy


def test_rename_conflicts_nowhere(toy: Toy, run: Run, tmp_path: Path, capsys: Captured) -> None:
    service = toy.create(tmp_path / "service", WAYS)

    assert run(service) == 0

    assert status(service) == {}
    assert (service / "app/api.py").read_text("utf-8") == (
        "import app.standard.http.streams\n"
        "from app.standard.http.streams import Flow\n\n"
        "first = Flow()\nsecond = app.standard.http.streams.Flow()\n"
    )
    assert (service / "app/more.py").read_text("utf-8") == (
        "import logging\n\n"
        "import app.standard.http.streams as s\n"
        "from app.standard.http import streams\n"
        "from app.standard.http.streams import Flow as Other\n\n"
        "logging.info(s.Flow(), streams.Flow(), Other())\n"
    )
    relative = (service / "app/relative.py").read_text("utf-8")
    assert relative == "from app.standard.http.streams import Flow\n\nprint(Flow)\n"
    test = (service / "tests/test_streams.py").read_text("utf-8")
    assert "    from app.standard.http.streams import Flow as Stream\n" in test
    assert 'setattr("app.standard.http.streams.Flow", None)' in test
    assert '"app.api", "app.standard.http.streams"]' in (service / "pyproject.toml").read_text(
        "utf-8"
    )
    notes = (service / "docs/notes.md").read_text("utf-8")
    assert notes == f"See `{NEW}`, and not my-app/standard/streaming.pyx.\n"
    sentence = "- What is streamed is in `app.standard.http.streams`, and a stream is a flow."
    assert sentence in capsys.readouterr().out


def test_edit_follows_the_module_that_moves(toy: Toy, run: Run, tmp_path: Path) -> None:
    edit = STREAMING.replace("A stream of texts", "A stream of our texts")
    service = toy.create(tmp_path / "service", {OLD: edit})

    assert run(service) == 0

    merged = (service / NEW).read_text("utf-8")
    assert "A stream of our texts" in merged and '"replace"' in merged and "class Flow" in merged
    assert OLD not in files(service)


def test_migrations_are_a_commit_of_their_own(toy: Toy, run: Run, tmp_path: Path) -> None:
    service = toy.create(tmp_path / "service", WAYS)

    assert run(service) == 0

    with Repo(service) as repository:
        update, migrations, _ = repository.iter_commits(max_count=3)
        assert update.summary == "Update the template from v1.0.0 to v1.1.0"
        assert migrations.summary == "Update the template from v1.0.0 to v1.1.0: migrate the code"
        changed = {*migrations.stats.files}
    assert {"app/api.py", "app/more.py", "pyproject.toml"} <= changed
    assert ".cruft.json" not in changed


def test_only_migrations_of_later_releases_run(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    service = toy.create(tmp_path / "service")
    assert run(service) == 0
    reborn = {"app/standard/streaming.py": "Stream = 1\n"}
    write_files(service, {**reborn, "app/api.py": "from app.standard.streaming import Stream\n"})
    toy.release("1.2.0", {"app/new.py": ""})
    capsys.readouterr()

    assert run(service) == 0

    assert "Migrations" not in capsys.readouterr().out
    assert (service / "app/api.py").read_text(
        "utf-8"
    ) == "from app.standard.streaming import Stream\n"


def test_what_a_migration_cannot_do_is_a_step(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    api = "import app.standard.streaming\n\nprint(getattr(app.standard.streaming, 'Str' + 'eam'))\n"
    broken = "from app.standard.streaming import Stream\nprint (\n"
    service = toy.create(tmp_path / "service", {"app/api.py": api, "app/broken.py": broken})

    assert run(service) == 0

    with Repo(service) as repository:
        message = str(repository.head.commit.message)
    for text in (message, capsys.readouterr().out):
        assert "Left to do, which no migration can:\n" in text
        assert "- app/broken.py: it is no Python; rename in it yourself\n" in text
        assert "- app/api.py: look at what it gets by name\n" in text


def test_second_run_changes_nothing_and_makes_the_new_render(tmp_path: Path) -> None:
    (tmp_path / "migration.py").write_text(MIGRATION, "utf-8")
    migration = load(tmp_path / "migration.py", "1.1.0/0001-flows")
    folder = tmp_path / "render"
    write(folder, {path: text.encode() for path, text in (FILES | WAYS).items()})

    migration.run(folder)
    once = read(folder)
    migration.run(folder)

    assert read(folder) == once
    new = {path: text.encode() for path, text in RELEASE.items() if text is not None}
    # The release declares a change beside the rename.
    new[NEW] = new[NEW].replace(b'"replace"', b'"strict"')
    assert {path: once[path] for path in new} == new
    assert not {path for path, text in RELEASE.items() if text is None} & once.keys()


def test_file_that_was_not_formatted_is_not_formatted(toy: Toy, run: Run, tmp_path: Path) -> None:
    untidy = "from app.standard.streaming import   Stream\nprint( Stream )\n"
    service = toy.create(tmp_path / "service", {"app/api.py": untidy})

    assert run(service) == 0

    assert (service / "app/api.py").read_text("utf-8") == (
        "from app.standard.http.streams import   Flow\nprint( Flow )\n"
    )


def test_migration_of_the_newest_updater_is_taken(
    toy: Toy, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    ours = tmp_path / "ours"
    mended = MIGRATION.replace("What is streamed is", "What is streamed, mended, is")
    write(ours, {"1.1.0/0001-flows/migration.py": mended.encode()})
    monkeypatch.setattr(migrating, "OURS", ours)
    service = toy.create(tmp_path / "service", WAYS)

    assert run(service) == 0

    assert "- What is streamed, mended, is in" in capsys.readouterr().out


def test_migration_that_fails_is_named(
    toy: Toy, run: Run, tmp_path: Path, capsys: Captured
) -> None:
    toy.release("1.2.0", {}, bad='"""Bad."""\n\ndef migrate(folder):\n    return 1 / 0\n')
    service = toy.create(tmp_path / "service")

    assert run(service) == 1

    said = capsys.readouterr().err
    assert said.startswith("The migration 1.2.0/0001-bad failed: ZeroDivisionError")
    assert (branch(service), status(service)) == ("main", {})


def test_migration_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "migration.py").write_text("def migrate(folder): return []\n", "utf-8")

    with pytest.raises(Refused, match=r"The migration 1\.2\.0/0001-bad cannot be read"):
        load(tmp_path / "migration.py", "1.2.0/0001-bad")
