"""What a merge means is checked: names that files import are there after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from git import Repo

from updates.meaning import list_missing_names
from updating.living import branch, commit, status
from updating.toy import FILES, Toy, write_files

Run = Callable[..., int]
BEFORE = {
    "app/__init__.py": "",
    "app/api.py": "",
    "app/standard/__init__.py": "",
    "app/standard/names.py": "import os\n\nKEPT = GONE = 1\n",
    "app/standard/room/__init__.py": "from app.standard.room.inner import given\n",
    "app/standard/room/inner.py": "def given(): ...\n",
}
AFTER = {
    **BEFORE,
    "app/standard/names.py": "import os\n\nKEPT = 1\n",
    "app/standard/room/__init__.py": "",
}
NO_NAME = "app/api.py, line 1: app.standard.names has no GONE"


def store(repository: Repo, files: Mapping[str, str | None]) -> str:
    """Change files, or remove them; return the tree of all that is there."""
    folder = Path(str(repository.working_dir))
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).unlink(missing_ok=True)
        if text is not None:
            (folder / path).write_text(text, "utf-8")
    repository.git.add("--all")
    return str(repository.git.write_tree())


def compare(
    repository: Repo, before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> list[str]:
    """Return what is missing after files changed."""
    trees = [store(repository, files) for files in (before, after)]
    return list_missing_names(Path(str(repository.working_dir)), *trees)


@pytest.fixture
def repository(tmp_path: Path) -> Repo:
    """Give an empty repository."""
    return Repo.init(tmp_path)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("from app.standard.names import GONE", [NO_NAME]),
        ("from .standard.names import GONE as other", [NO_NAME]),
        ("from app.standard import names as n\nn.GONE", [NO_NAME.replace("line 1", "line 2")]),
        ("import app.standard.names\napp.standard.names.GONE", [NO_NAME.replace("e 1", "e 2")]),
        ("import app.standard.names as n\nn.KEPT, n.GONE", [NO_NAME.replace("e 1", "e 2")]),
        (
            "from app.standard.room import given",
            ["app/api.py, line 1: app.standard.room has no given"],
        ),
        ("def f():\n    from app.standard.names import GONE", [NO_NAME.replace("e 1", "e 2")]),
        ("from app.standard.names import KEPT, os", []),
        ("from app.standard.room.inner import given", []),
        ("from app.standard import room\nroom.inner.given", []),
        ("from app.standard import names\ndef f(names): return names.GONE", []),
        ("try:\n    from app.standard.names import GONE\nexcept ImportError:\n    GONE = 2", []),
        ("from app.standard.names import *\nGONE", []),
        ("from os import nothing", []),
        # It was missing before.
        ("from app.standard.names import NEVER", []),
        ("<<<<<<< service\nfrom app.standard.names import GONE", []),
    ],
)
def test_names_that_are_gone_are_found(repository: Repo, text: str, missing: list[str]) -> None:
    before, after = ({**files, "app/api.py": text} for files in (BEFORE, AFTER))

    assert compare(repository, before, after) == missing


@pytest.mark.parametrize(
    "definition",
    [
        "def GONE(): ...",
        "async def GONE(): ...",
        "class GONE: ...",
        "GONE: int = 1",
        "GONE, (other, *rest) = f()",
        "import x.y as GONE",
        "import GONE.y",
        "from x import y as GONE",
        "from x import *",
        "if a:\n    GONE = 1",
        "try:\n    from x import GONE\nexcept ImportError:\n    pass",
        "try:\n    pass\nexcept E:\n    GONE = 1",
        "with f() as GONE: ...",
        "for GONE in (): ...",
        "match x:\n    case [GONE]: ...",
        "print(GONE := 1)",
        "def __getattr__(name): ...",
        "if a:\n    pass\nelse:\n    def GONE(): ...",
        "GONE: int",
    ],
)
def test_what_binds_a_name_is_known(repository: Repo, definition: str) -> None:
    text = "from app.standard.names import GONE"
    before = {**BEFORE, "app/api.py": text}

    assert compare(repository, before, {"app/standard/names.py": definition}) == []
    assert compare(repository, before, {"app/standard/names.py": "other = 1"}) == [NO_NAME]


def test_module_that_is_gone_is_found(repository: Repo) -> None:
    before = {**BEFORE, "app/api.py": "import app.standard.names\nimport alembic.config\n"}
    before["alembic/env.py"] = ""

    assert compare(repository, before, {"app/standard/names.py": None}) == [
        "app/api.py, line 1: there is no module app.standard.names"
    ]


@pytest.mark.parametrize("edit", ["# Edited.\n", None])
def test_standard_fits_together_as_it_was_rendered(
    edit: str | None, repository: Repo, tmp_path: Path
) -> None:
    user = {"app/standard/user.py": "from app.standard.names import GONE\n"}
    before, rendered = store(repository, {**BEFORE, **user}), store(repository, AFTER)
    edited = store(repository, {"app/standard/room/inner.py": edit})

    # What a release lacks in itself is for the template's own tests.
    assert list_missing_names(tmp_path, before, rendered, rendered) == []
    assert list_missing_names(tmp_path, before, edited, rendered) == [
        "app/standard/user.py, line 1: app.standard.names has no GONE"
    ]


def test_missing_name_is_a_conflict(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = Toy(tmp_path / "template")
    moved = {
        "app/standard/streaming.py": None,
        "app/standard/http.py": FILES["app/standard/streaming.py"],
    }
    toy.release("1.1.0", moved)
    service = toy.create(tmp_path / "service")
    write_files(service, {"app/api.py": "from app.standard.streaming import Stream\n\nStream()\n"})

    assert run(service) == 2

    said = "- app/api.py, line 1: there is no module app.standard.streaming"
    assert said in capsys.readouterr().out
    assert branch(service) == "template-update/v1.1.0"
    assert "app/standard/streaming.py" in status(service)


@pytest.mark.parametrize("is_draft", [False, True])
def test_missing_name_hinders_the_finish(
    is_draft: bool, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toy = Toy(tmp_path / "template")
    toy.release("1.1.0", {"app/standard/streaming.py": None})
    service = toy.create(tmp_path / "service")
    # What was missing before the update is no matter of it.
    text = "from app.standard.http import NEVER\nfrom app.standard.streaming import Stream\n"
    write_files(service, {"app/api.py": text})
    assert run(service) == 2
    if is_draft:
        commit(service, "As in a draft")
    capsys.readouterr()

    assert run(service, "--finish") == 2

    said = "Still to do:\n\n- app/api.py, line 2: there is no module app.standard.streaming\n"
    assert capsys.readouterr().out == said
    (service / "app" / "api.py").write_text(text.partition("\n")[0] + "\n", "utf-8")
    assert run(service, "--finish") == 0
    assert status(service) == {}
