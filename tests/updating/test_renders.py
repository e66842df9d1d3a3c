"""What the updater renders is what ``cruft create`` writes, and stands where it is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cruft
import pytest
from git import Repo

from updates import rendering, renders
from updates.commands import Refused, git
from updates.renders import Renders
from updates.template import Template
from updating.conftest import RELEASES
from updating.living import BARE, NOW

KINDS: dict[str, dict[str, Any]] = {
    "flask": {"service_name": "Élan & <Co>", "python_version": "3.11"},
    "async": {**BARE, "framework": "async", "description": "It isn't long", "http_port": "9000"},
    "names": {"use_database": "no", "_module_names_of_1_1": True},
}


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return mode and content of each file, and the mode of each folder."""
    found = {}
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (path.stat().st_mode, content)
    return found


@pytest.fixture
def clone(history: Path, tmp_path: Path) -> Path:
    """Clone the template as the updater does."""
    folder = tmp_path / "template.git"
    Repo.clone_from(str(history), folder, bare=True).close()
    return folder


@pytest.mark.parametrize("version", [*RELEASES.values(), NOW])
@pytest.mark.parametrize(("kind", "shared"), [("flask", True), ("async", False), ("names", True)])
def test_render_is_what_cruft_create_writes(
    version: str, kind: str, shared: bool, history: Path, clone: Path, tmp_path: Path
) -> None:
    with Repo(history) as repository:
        commit = repository.commit(version).hexsha
    answers = KINDS[kind]
    (tmp_path / "cruft").mkdir()
    expected = Path(
        cruft.create(
            str(history), tmp_path / "cruft", extra_context=answers, checkout=commit, no_input=True
        )
    )
    state = json.loads((expected / ".cruft.json").read_text("utf-8"))
    (expected / ".cruft.json").unlink()
    template = Template(str(history), clone, tmp_path / "renders", shared)
    kinds = (commit, answers), (commit, BARE)

    template.prepare(*kinds)
    folder, rendered = template.render(commit, answers, tmp_path / "render")

    assert folder.name == expected.name
    assert files(folder) == files(expected)
    assert rendered == {"commit": commit, "context": state["context"]}


def test_shared_render_is_made_once_and_copied(
    history: Path, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[dict[str, Any]] = []
    render = rendering.render

    def count(source: Path, answers: dict[str, Any], *others: Any) -> None:
        made.append(answers)
        render(source, answers, *others)

    monkeypatch.setattr(renders, "render", count)
    commit = RELEASES["1.2.0"]
    for number, answers in enumerate([BARE, {}, {**BARE}]):
        template = Template(str(history), clone, tmp_path / "renders", shared=True)
        folder, _ = template.render(commit, answers, tmp_path / str(number))
        # The next one does not get what is changed in a copy.
        (folder / "Dockerfile").write_text(str(number), "utf-8")

    assert made == [BARE, {}]


def test_objects_of_shared_renders_are_lent(history: Path, clone: Path, tmp_path: Path) -> None:
    template = Template(str(history), clone, tmp_path / "renders", shared=True)
    folder, _ = template.render(RELEASES["1.2.0"], BARE, tmp_path / "render")

    with Repo.init(tmp_path / "service.git", bare=True) as repository:
        template.renders.lend(tmp_path / "service.git" / "objects")
        name = repository.git.hash_object(folder / "Dockerfile", "--no-filters")

        assert repository.git.cat_file("-t", name) == "blob"
        assert repository.git.count_objects() == "0 objects, 0 kilobytes"


def test_template_in_a_directory_of_its_repository(
    history: Path, clone: Path, tmp_path: Path
) -> None:
    inner = git("rev-parse", f"{RELEASES['1.2.0']}^{{tree}}", cwd=clone)
    tree = git("mktree", cwd=clone, text=f"040000 tree {inner}\tservice\n")
    commit = git("commit-tree", tree, "-m", "In a directory", cwd=clone)
    template = Template(str(history), clone, tmp_path / "renders", directory="service/")
    expected, _ = Template(str(history), clone, tmp_path / "others").render(
        RELEASES["1.2.0"], BARE, tmp_path / "expected"
    )

    folder, _ = template.render(commit, BARE, tmp_path / "render")

    assert files(folder) == files(expected)
    assert "service_slug" in template.questions(commit)


def test_only_some_renders_are_kept(
    history: Path, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renders, "KEPT", 2)
    folder = tmp_path / "renders"
    shared = Renders(clone, str(history), folder, shared=True)

    for name in ("one", "two", "one", "three", "one"):
        shared.make(RELEASES["1.2.0"], {**BARE, "service_slug": name})

    names = [path.parent.name for path in folder.glob("*/files/*/Dockerfile")]
    assert sorted(names) == ["one", "three"]


@pytest.mark.parametrize("shared", [True, False])
def test_refusal_says_why_and_nothing_else_is_printed(
    shared: bool, history: Path, clone: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    template = Template(str(history), clone, tmp_path / "renders", shared)

    with pytest.raises(Refused) as refusal:
        template.render(RELEASES["1.2.0"], {"http_port": "1"}, tmp_path / "render")

    assert str(refusal.value) == (
        "The template refuses the answers: "
        "http_port must be a number from 1024 to 65535 in plain digits, not '1'."
    )
    assert capfd.readouterr() == ("", "")


def test_line_ends_are_the_template_s_whatever_git_is_set_to(
    history: Path, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text("[core]\n\tautocrlf = true\n", "utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    template = Template(str(history), clone, tmp_path / "renders")

    folder, _ = template.render(RELEASES["1.2.0"], {}, tmp_path / "render")

    assert b"\r" not in (folder / "run.py").read_bytes()


def test_process_that_renders_leaves_no_files_of_its_hooks(
    history: Path, clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    template = Template(str(history), clone, tmp_path / "renders")

    template.render(RELEASES["1.2.0"], BARE, tmp_path / "render")

    assert [*scratch.iterdir()] == []
