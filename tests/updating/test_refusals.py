"""What an update refuses, each with a sentence that says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updating.living import Template, commit

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("cruft.json", "{", "cruft.json of the template cannot be read"),
        ("service/Dockerfile", "# {% if %}", "The template refuses the answers"),
        ("cookiecutter.json", "", "is no template at"),
    ],
)
def test_broken_template_is_a_sentence(
    path: str,
    text: str,
    why: str,
    service: Path,
    template_to_be: Template,
    run: Run,
    capsys: Captured,
) -> None:
    template_to_be.add(path, text)
    commit(template_to_be.folder, "Broken")
    with Repo(template_to_be.folder) as repository:
        broken = repository.head.commit.hexsha

    assert run(service, "--to", broken) == 1
    assert why in capsys.readouterr().err


def test_dirty_tree_is_refused(service: Path, run: Run, capsys: Captured) -> None:
    (service / "notes.txt").touch()
    (service / "README.md").write_text("", "utf-8")

    assert run(service) == 1
    error = capsys.readouterr().err
    assert " M README.md" in error
    assert "?? notes.txt" in error


def test_commit_that_the_template_lost_is_named(service: Path, run: Run, capsys: Captured) -> None:
    state = service / ".cruft.json"
    lost = "0123456789" * 4
    content = json.loads(state.read_text("utf-8")) | {"commit": lost}
    state.write_text(json.dumps(content), "utf-8")
    commit(service, "Rewritten")

    assert run(service, "--check") == 1
    assert f"has no commit {lost}" in capsys.readouterr().err


def test_password_of_the_template_is_not_told(service: Path, run: Run, capsys: Captured) -> None:
    state = service / ".cruft.json"
    content = json.loads(state.read_text("utf-8")) | {
        "template": "http://me:p@hunter2@127.0.0.1:9/t"
    }
    state.write_text(json.dumps(content), "utf-8")
    commit(service, "Moved")

    assert run(service, "--check") == 1
    error = capsys.readouterr().err
    assert "http://127.0.0.1:9/t" in error
    assert "hunter2" not in error


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"commit": "--upload-pack=touch told;git-upload-pack"}, "has no commit of the template"),
        ({"commit": None}, "has no commit of the template"),
        ({"context": []}, ".cruft.json or pyproject.toml cannot be read"),
        ({"skip": ["../../victim"]}, "is not in the service: ../../victim"),
        ({"skip": ["/etc"]}, "is not in the service: /etc"),
        ({"template": "--upload-pack=touch told"}, "git clone failed"),
    ],
)
def test_state_that_could_do_harm_is_refused(
    change: dict[str, object], why: str, service: Path, run: Run, capsys: Captured
) -> None:
    state = service / ".cruft.json"
    content = json.loads(state.read_text("utf-8")) | change
    state.write_text(json.dumps(content), "utf-8")
    commit(service, "Wrong")

    assert run(service, "--check") == 1

    assert why in capsys.readouterr().err
    assert not list(service.parent.rglob("told"))


def test_repository_without_a_link_is_told_of_adoption(
    tmp_path: Path, run: Run, capsys: Captured
) -> None:
    with Repo.init(tmp_path) as repository:
        repository.git.commit("--allow-empty", "--message", "Empty")

    assert run(tmp_path) == 1
    assert "There is no .cruft.json here: see --adopt." in capsys.readouterr().err


def test_usage_error_is_no_conflict(service: Path, run: Run) -> None:
    with pytest.raises(SystemExit) as exit:
        run(service, "--upgrade")

    assert exit.value.code == 1
