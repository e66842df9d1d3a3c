"""Services in subfolders of a repository, and a template in a subfolder of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cruft
import pytest
from git import Repo

from updating.living import BARE, NAMES, NOW, Template, branch, commit, files, status
from updating.test_launcher import launch

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]
# What a lock is here.
UV = "#!/bin/sh\ntouch stray; git add stray; echo locked > uv.lock\n"


@pytest.fixture(autouse=True)
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what locks the dependencies be a script of the test."""
    (tmp_path / "uv").write_text(UV, "utf-8")
    (tmp_path / "uv").chmod(0o755)
    monkeypatch.setenv("UV", str(tmp_path / "uv"))


def test_services_of_a_repository_have_updates_of_their_own(repository: Path, run: Run) -> None:
    before = files(repository)
    for name in NAMES:
        assert run(repository / "services" / name) == 0
        assert branch(repository) == f"template-update/services/{name}/v99.1.0"
        assert status(repository) == {}
        with Repo(repository) as opened:
            opened.git.switch("trunk")
    with Repo(repository) as opened:
        for name in NAMES:
            opened.git.merge("--no-edit", f"template-update/services/{name}/v99.1.0")

    after = files(repository)

    changed = {path for path in after if after[path] != before.get(path)}
    parts = (".cruft.json", "Dockerfile", "VERSION", "pyproject.toml", "uv.lock")
    assert changed == {f"services/{name}/{part}" for name in NAMES for part in parts}
    assert run(repository / "services" / "letters") == 0


def test_lock_of_a_workspace_is_above_its_members(
    repository: Path, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "uv").write_text("#!/bin/sh\necho locked > ../../uv.lock\n", "utf-8")
    for name in NAMES:
        (repository / "services" / name / "uv.lock").unlink()
    (repository / "uv.lock").touch()
    commit(repository, "A workspace")

    assert run(repository / "services" / "letters") == 0

    assert (repository / "uv.lock").read_text("utf-8") == "locked\n"
    assert status(repository) == {}


def test_conflict_of_a_service_in_a_subfolder_is_finished(
    repository: Path, run: Run, capsys: Captured
) -> None:
    service = repository / "services" / "parcels"
    (service / "VERSION").write_text("1\n", "utf-8")
    commit(repository, "Ours")

    assert run(service) == 2

    assert status(repository)["services/parcels/VERSION"] == "AA"
    assert "<<<<<<< service" in (service / "VERSION").read_text("utf-8")
    assert run(service, "--finish") == 2
    assert "- services/parcels/VERSION: both added it" in capsys.readouterr().out
    (service / "VERSION").write_text("1\n", "utf-8")
    with Repo(repository) as opened:
        opened.git.add("--all")

    assert run(service, "--finish") == 0

    assert status(repository) == {}
    assert (service / "uv.lock").read_text("utf-8") == "locked\n"
    assert not {"stray", "services/parcels/stray"} & {*files(repository)}


def test_service_in_a_subfolder_is_adopted_there(
    repository: Path, template_to_be: Template, run: Run
) -> None:
    service = repository / "services" / "letters"
    (service / ".cruft.json").unlink()
    commit(repository, "Without a link")
    answers = ["service_slug=letters", *(f"{name}=false" for name in BARE)]
    template = str(template_to_be.folder)

    assert run(service, "--adopt", template, "--to", NOW, "--answers", *answers) == 0

    assert status(repository) == {"services/letters/.cruft.json": "??"}
    commit(repository, "Link to the template")
    assert run(service) == 0


def test_launcher_updates_the_service_of_its_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV")
    service = repository / "services" / "letters"
    (service / "uv.lock").unlink()
    commit(repository, "Without a lock")

    ended = launch(service, "--no-check")

    assert ended.returncode == 0, ended.stderr
    assert branch(repository) == "template-update/services/letters/v99.1.0"
    assert launch(repository, script=service / "scripts" / "update_from_template.py").returncode


def test_template_may_be_in_a_subfolder_of_its_repository(
    template_to_be: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV")
    platform = tmp_path / "platform"
    ignore = shutil.ignore_patterns(".git")
    shutil.copytree(template_to_be.folder, platform / "templates" / "http", ignore=ignore)
    with Repo.init(platform, initial_branch="main") as opened:
        commit(platform, "Templates")
        opened.create_tag(NOW)
        parent, where = tmp_path / "service", {"directory": "templates/http"}
        parent.mkdir()
        service = cruft.create(str(platform), parent, extra_context=BARE, checkout=NOW, **where)
        (platform / "templates" / "http" / "CHANGELOG.md").write_text(
            "## [99.1.0]\n\n### Changed\n\n- Another file.\n", "utf-8"
        )
        place = platform / "templates" / "http" / "{{cookiecutter.service_slug}}"
        (place / "VERSION").write_text("99.1.0\n", "utf-8")
        commit(platform, "99.1.0")
        opened.create_tag("v99.1.0")
    Repo.init(service, initial_branch="main").close()
    commit(service, "The service")

    ended = launch(service, "--no-check")

    assert ended.returncode == 0, ended.stderr
    assert "- Another file." in ended.stdout
    assert "VERSION" in files(service)
    state = json.loads((service / ".cruft.json").read_text("utf-8"))
    assert (state["directory"], state["checkout"]) == ("templates/http", "v99.1.0")
