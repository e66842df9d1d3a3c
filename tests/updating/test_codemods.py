"""What migrations are made of: renames of modules, of names and of settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from updates.codemods import move, rename, rename_setting
from updates.codemods.gone import list_uses
from updates.migrated import read, write

MODULE = {"app.standard.streaming": "app.standard.http.streams"}
NAME = {"app.standard.streaming.Stream": "app.standard.http.Flow"}


def change(folder: Path, text: str, names: dict[str, str], path: str = "app/api.py") -> str:
    """Return what a rename makes of a file, once and again."""
    write(folder, {path: text.encode()})
    assert rename(folder, names) == []
    once = (folder / path).read_text("utf-8")
    rename(folder, names)
    assert (folder / path).read_text("utf-8") == once
    return once


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import app.standard.streaming\napp.standard.streaming.x", None),
        (
            "import app.standard.streaming as s\ns.x",
            "import app.standard.http.streams as s\ns.x",
        ),
        (
            "from app.standard import streaming\nstreaming.x",
            "from app.standard.http import streams\nstreams.x",
        ),
        # Another thing has the new name.
        (
            "from app.standard import streaming\nstreaming.x\nstreams = 1",
            "from app.standard.http import streams as streaming\nstreaming.x\nstreams = 1",
        ),
        (
            "from app.standard import http, streaming  # both\nhttp, streaming",
            "from app.standard import http  # both\nfrom app.standard.http import streams\n"
            "http, streams",
        ),
        ("from app.standard.streaming import x as y, z", None),
        ("from app.standard.streaming import *", None),
        ("from .standard.streaming import x", "from app.standard.http.streams import x"),
        ("def f():\n    from app.standard.streaming import x", None),
        ("'app.standard.streaming.x', 'my.app.standard.streaming', 'app.standard.streaming2'", 0),
        ("import app.standard.streaming2\nfrom app.standard import streaming2", ""),
        ("from app.standard.other import streaming\nstreaming.x", ""),
    ],
)
def test_module_is_renamed(before: str, after: str | int | None, tmp_path: Path) -> None:
    """Nothing given means that the names are replaced as they stand; an empty text, that it stays."""
    if after is None:
        after = before.replace("app.standard.streaming", "app.standard.http.streams")
    elif after == 0:
        after = before.replace("'app.standard.streaming.x'", "'app.standard.http.streams.x'")

    assert change(tmp_path, before, MODULE) == (after or before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from app.standard.streaming import Stream, Write\nStream(Write)",
            "from app.standard.streaming import Write\nfrom app.standard.http import Flow\n"
            "Flow(Write)",
        ),
        (
            "from app.standard.streaming import (\n    Stream,  # why\n)\nStream",
            "from app.standard.http import (\n    Flow,  # why\n)\nFlow",
        ),
        (
            "from app.standard.streaming import Stream as S\nS",
            "from app.standard.http import Flow as S\nS",
        ),
        (
            "import app.standard.streaming as s\ns.Stream(s.other)",
            "import app.standard.streaming as s\nimport app.standard.http\n"
            "app.standard.http.Flow(s.other)",
        ),
        (
            "import app.standard.streaming\napp.standard.streaming.Stream.x",
            "import app.standard.streaming\nimport app.standard.http\napp.standard.http.Flow.x",
        ),
        # What only runs, or is read by its name, may not lose it.
        (
            "from app.standard.streaming import Stream\n__all__ = ['Stream']",
            "from app.standard.http import Flow as Stream\n__all__ = ['Stream']",
        ),
        (
            "if TYPE_CHECKING:\n    from app.standard.streaming import Stream\nx: 'Stream'",
            "if TYPE_CHECKING:\n    from app.standard.http import Flow as Stream\nx: 'Stream'",
        ),
        (
            "from app.standard.streaming import Stream\ndef f(Stream): return Stream\nStream",
            "from app.standard.http import Flow\ndef f(Stream): return Stream\nFlow",
        ),
        (
            "try:\n    from app.standard.streaming import Stream\nexcept E:\n    Stream = None",
            "try:\n    from app.standard.http import Flow as Stream\nexcept E:\n    Stream = None",
        ),
        (
            "def f(): from app.standard.streaming import Stream, x; return Stream",
            "def f(): from app.standard.streaming import x; "
            "from app.standard.http import Flow; return Flow",
        ),
        (
            "from app.standard.streaming import Stream\nx.Stream, f().Stream, Stream.Stream",
            "from app.standard.http import Flow\nx.Stream, f().Stream, Flow.Stream",
        ),
        ("Stream = 1\nStream", "Stream = 1\nStream"),
        ("from other import Stream\nStream", "from other import Stream\nStream"),
        ("def Stream(): ...\nStream()", "def Stream(): ...\nStream()"),
    ],
)
def test_name_is_renamed(before: str, after: str, tmp_path: Path) -> None:
    assert change(tmp_path, before, NAME) == after


def test_name_is_renamed_where_it_is_defined(tmp_path: Path) -> None:
    text = "class Stream:\n    def f(self, Stream): return Stream\n\n\nx = Stream()\n"

    changed = change(tmp_path, text, {"app.a.Stream": "app.a.Flow"}, path="app/a.py")

    assert changed == "class Flow:\n    def f(self, Stream): return Stream\n\n\nx = Flow()\n"


def test_new_name_may_begin_with_the_old_one(tmp_path: Path) -> None:
    text = "from app.errors import x\nimport app.errors\napp.errors.y\n'app.errors.z'\n"

    changed = change(tmp_path, text, {"app.errors": "app.errors.base"})

    assert changed == text.replace("app.errors", "app.errors.base")


def test_relative_import_of_a_package_counts_from_itself(tmp_path: Path) -> None:
    text = "from .streaming import Stream\nfrom ..other import x\n"

    changed = change(tmp_path, text, NAME, path="app/standard/__init__.py")

    assert changed == "from app.standard.http import Flow\nfrom ..other import x\n"


def test_folder_moves_with_all_that_names_it(tmp_path: Path) -> None:
    texts = {
        "app/room/__init__.py": "from app.room.inner import x\n",
        "app/room/inner.py": "x = 1\n",
        "app/api.py": "import app.room as r\nfrom app import room\n\nr, room\n",
        "CODEOWNERS": "app/room/ @us\napp/roommate/ @them\nmy-app/room/ @me\n",
        "picture.bin": "app.room\0",
    }
    write(tmp_path, {path: text.encode() for path, text in texts.items()})

    for _ in range(2):
        assert move(tmp_path, "app/room", "app/hall") == []
        assert {path: text.decode() for path, text in read(tmp_path).items()} == {
            "app/hall/__init__.py": "from app.hall.inner import x\n",
            "app/hall/inner.py": "x = 1\n",
            "app/api.py": "import app.hall as r\nfrom app import hall\n\nr, hall\n",
            "CODEOWNERS": "app/hall/ @us\napp/roommate/ @them\nmy-app/room/ @me\n",
            "picture.bin": "app.room\0",
        }


def test_setting_is_renamed(tmp_path: Path) -> None:
    texts = {
        "config.py": "class Settings(Base):\n    max_age: int = 1\n\n    def max_age2(self): ...\n",
        "app/api.py": "self.settings.max_age\nother.max_age\nSettings(max_age=1)\nf(max_age=2)\n",
        "tests/test_it.py": "monkeypatch.setenv('MAX_AGE', '1')\nHSTS_MAX_AGE = 1\n",
        ".env.example": "# It is MAX_AGE.\nMAX_AGE=1\n",
    }
    write(tmp_path, {path: text.encode() for path, text in texts.items()})

    for _ in range(2):
        rename_setting(tmp_path, "max_age", "oldest")
        assert {path: text.decode() for path, text in read(tmp_path).items()} == {
            "config.py": "class Settings(Base):\n    oldest: int = 1\n\n    def max_age2(self): ...\n",
            "app/api.py": "self.settings.oldest\nother.max_age\nSettings(oldest=1)\nf(max_age=2)\n",
            "tests/test_it.py": "monkeypatch.setenv('OLDEST', '1')\nHSTS_MAX_AGE = 1\n",
            ".env.example": "# It is OLDEST.\nOLDEST=1\n",
        }


def test_uses_of_what_is_gone_are_told(tmp_path: Path) -> None:
    texts = {
        "app/a.py": "from app.standard.x import Gone\n",
        "app/b.py": "import app.standard.x as x\n\nx.Gone()\n",
        "app/c.py": "from .standard import x\n\nx.Gone.y\n",
        "app/d.py": "from app.other import Gone\n\n'Gone'\n",
        "app/e.py": "from app.standard.x import Gone (\n",
        "app/standard/f.py": "from app.standard.x import Gone\n",
    }
    write(tmp_path, {path: text.encode() for path, text in texts.items()})

    told = "app.standard.x.Gone is gone: do without"
    assert list_uses(tmp_path, {"app.standard.x.Gone": "do without"}) == [
        f"app/{name}.py: {told}" for name in "abc"
    ]
