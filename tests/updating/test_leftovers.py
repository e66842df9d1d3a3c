"""What a bare cruft leaves in a service is told, also where there is no release to update to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updating.living import Template, commit

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def release(template_to_be: Template) -> str:
    """Release a version that asks for something new, and return its commit."""
    question = '"framework": ["flask", "async", "fastapi"],'
    template_to_be.change("cookiecutter.json", question, f'{question}\n  "use_cache": true,')
    template_to_be.change("cruft.json", '_services": {', '_services": { "use_cache": false,')
    template_to_be.release("99.1.0")
    with Repo(template_to_be.folder) as repository:
        return repository.head.commit.hexsha


def test_markers_of_cruft_are_told(service: Path, release: str, run: Run, capsys: Captured) -> None:
    update_as_cruft_does(service, release, use_cache=False)
    (service / "Dockerfile").write_text("<<<<<<< ours\n=======\n>>>>>>> theirs\n", "utf-8")
    commit(service, "Good work")

    assert run(service, "--check") == 1
    assert run(service) == 1
    captured = capsys.readouterr()
    assert "- Dockerfile: a conflict marker in line 1" in captured.err
    # There is no update to finish on main.
    assert "Mend this, and commit it." in captured.err
    assert "nothing to do" not in captured.out


def test_rejected_parts_are_told(service: Path, release: str, run: Run, capsys: Captured) -> None:
    update_as_cruft_does(service, release, use_cache=False)
    (service / "Dockerfile.rej").write_text("diff a/Dockerfile b/Dockerfile\n", "utf-8")
    commit(service, "Good work")

    assert run(service) == 1
    captured = capsys.readouterr()
    assert "cruft could not apply this: do it by hand, and delete it:\n- Dockerfile.rej" in (
        captured.err
    )
    assert "nothing to do" not in captured.out


def test_paths_that_are_not_merged_are_told(service: Path, run: Run, capsys: Captured) -> None:
    with Repo(service) as repository:
        repository.git.switch("--create", "other")
        for text in ("1", "2"):
            (service / "VERSION").write_text(text, "utf-8")
            commit(service, text)
            repository.git.switch("main")
        with pytest.raises(Exception, match="CONFLICT"):
            repository.git.merge("other")

    assert run(service) == 1

    assert "not merged yet:\nAA VERSION" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "told"), [(True, True), (False, False)])
def test_answer_that_cruft_turned_on_is_told(
    answer: bool, told: bool, service: Path, release: str, run: Run, capsys: Captured
) -> None:
    update_as_cruft_does(service, release, use_cache=answer)
    commit(service, "Good work")

    assert run(service) == 0

    printed = capsys.readouterr().out
    said = "cruft answered use_cache with true, of which nobody was asked"
    assert (f"{said}; to change that: --answers use_cache=false" in printed) is told
    assert "there is nothing to do" in printed


def update_as_cruft_does(service: Path, release: str, **answers: bool) -> None:
    """Let the service say that it has a release, with answers that nobody was asked for."""
    file = service / ".cruft.json"
    state = json.loads(file.read_text("utf-8")) | {"commit": release}
    state["context"]["cookiecutter"] |= answers
    file.write_text(json.dumps(state, indent=2), "utf-8")
