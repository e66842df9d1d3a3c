"""What happens to a service that changed what the template changes too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo

from updating.living import NOW, Template, branch, clone, commit, create_service, files, status

Run = Callable[..., int]
FLASK: dict[str, str | bool] = {"framework": "flask", "use_csv_export": False, "use_auth": False}
LINE = "  interruptible: true"


@pytest.fixture
def service(template_to_be: Template, tmp_path: Path) -> Path:
    """Create a service of the work tree."""
    return create_service(template_to_be.folder, NOW, FLASK, tmp_path / "service")


def test_line_that_both_changed_gets_markers(
    service: Path, template_to_be: Template, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    change(service, ".gitlab-ci.yml", LINE, "  interruptible: false")
    template_to_be.change("service/.gitlab-ci.yml", LINE, "  interruptible: true  # cheaper")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")

    assert run(service) == 2

    printed = capsys.readouterr().out
    assert "- .gitlab-ci.yml: both changed it: edit the file, then git add" in printed
    assert status(service) == {".cruft.json": "M ", ".gitlab-ci.yml": "UU", "Dockerfile": "M "}
    assert "<<<<<<< service\n" in (service / ".gitlab-ci.yml").read_text("utf-8")
    assert ">>>>>>> template-v99.1.0\n" in (service / ".gitlab-ci.yml").read_text("utf-8")
    assert list(service.rglob("*.rej")) == []
    assert state(service)["checkout"] == "v99.1.0"
    assert head_of(service, "main") == head_of(service, branch(service))


def test_second_run_after_the_resolution_is_clean(
    service: Path, template_to_be: Template, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    change(service, ".gitlab-ci.yml", LINE, "  interruptible: false")
    template_to_be.change("service/.gitlab-ci.yml", LINE, "  interruptible: maybe")
    template_to_be.release("99.1.0")
    run(service)
    resolve(service, ".gitlab-ci.yml")

    assert run(service) == 0
    assert "This service has v99.1.0" in capsys.readouterr().out

    template_to_be.change("service/.gitlab-ci.yml", "UV_LINK_MODE: copy", "UV_LINK_MODE: clone")
    template_to_be.release("99.2.0")

    assert run(service) == 0
    pipeline = (service / ".gitlab-ci.yml").read_text("utf-8")
    assert "interruptible: false" in pipeline
    assert "UV_LINK_MODE: clone" in pipeline


def test_second_update_in_a_fresh_clone_still_merges(
    service: Path, template_to_be: Template, run: Run, tmp_path: Path
) -> None:
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")
    run(service)
    change(service, "Dockerfile", "EXPOSE ${HTTP_PORT}", "EXPOSE 80")
    template_to_be.change("service/Dockerfile", "UV_LINK_MODE=copy", "UV_LINK_MODE=clone")
    template_to_be.change("service/Dockerfile", "EXPOSE ${HTTP_PORT}", "EXPOSE 1")
    template_to_be.release("99.2.0")
    fresh = clone(service, tmp_path / "fresh")

    assert run(fresh) == 2

    text = (fresh / "Dockerfile").read_text("utf-8")
    assert "UV_LINK_MODE=clone" in text
    assert "<<<<<<< service\nEXPOSE 80\n=======\nEXPOSE 1\n>>>>>>> template-v99.2.0" in text


def test_file_that_the_team_deleted_is_asked_about(
    service: Path, template_to_be: Template, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    (service / "compose.test.yaml").unlink()
    (service / ".vscode" / "launch.json").unlink()
    commit(service, "Without them")
    template_to_be.change("service/compose.test.yaml", "services:", "services:  # for tests")
    template_to_be.release("99.1.0")

    assert run(service) == 2

    assert "- compose.test.yaml: you deleted it, the template changed it" in capsys.readouterr().out
    assert not (service / ".vscode" / "launch.json").exists()


def test_change_follows_a_file_that_the_team_renamed(
    service: Path, template_to_be: Template, run: Run
) -> None:
    (service / "scripts" / "qa_commands.sh").rename(service / "scripts" / "check.sh")
    commit(service, "A better name")
    template_to_be.change("service/scripts/qa_commands.sh", "uv run mypy", "uv run mypy --strict")
    template_to_be.release("99.1.0")

    assert run(service) == 0

    assert not (service / "scripts" / "qa_commands.sh").exists()
    assert "uv run mypy --strict" in (service / "scripts" / "check.sh").read_text("utf-8")


def test_line_ends_of_the_service_stay(service: Path, template_to_be: Template, run: Run) -> None:
    file = service / "Dockerfile"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    commit(service, "From Windows")
    template_to_be.change("service/Dockerfile", "--timeout=5s", "--timeout=4s")
    template_to_be.release("99.1.0")

    assert run(service) == 0

    content = file.read_bytes()
    assert b"--timeout=4s" in content
    assert content.count(b"\n") == content.count(b"\r\n")


def test_formatted_otherwise_conflicts_only_where_the_template_changed(
    service: Path, template_to_be: Template, run: Run
) -> None:
    for name in ("service/health.py", "http/limits.py"):
        change(service, f"app/standard/{name}", '"', "'", everywhere=True)
    template_to_be.change("service/app/standard/service/health.py", '"status"', '"state"')
    template_to_be.release("99.1.0")

    assert run(service) == 2

    assert [path for path, state in status(service).items() if state == "UU"] == [
        "app/standard/service/health.py"
    ]


def test_file_that_both_added_gets_markers(
    service: Path, template_to_be: Template, run: Run
) -> None:
    (service / "Makefile").write_text("test:\n\tuv run pytest\n", "utf-8")
    commit(service, "Ours")
    template_to_be.add("service/Makefile", "check:\n\tscripts/qa_commands.sh\n")
    template_to_be.release("99.1.0")

    assert run(service) == 2

    assert status(service)["Makefile"] == "AA"


def test_file_that_both_renamed_is_told(
    service: Path, template_to_be: Template, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    (service / "compose.test.yaml").rename(service / "compose.tests.yaml")
    commit(service, "A better name")
    template_to_be.move("service/compose.test.yaml", "service/compose.check.yaml")
    template_to_be.release("99.1.0")

    assert run(service) == 2

    printed = capsys.readouterr().out
    assert "- compose.test.yaml: both renamed it: git rm it, and keep one of the" in printed
    assert "- compose.tests.yaml: you have it here, the template has it elsewhere" in printed
    assert "- compose.check.yaml: the template has it here, you have it elsewhere" in printed


def test_link_in_the_place_of_a_file_is_told(
    service: Path, template_to_be: Template, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    (service / "Dockerfile").rename(service / "Containerfile")
    (service / "Dockerfile").symlink_to("Containerfile")
    commit(service, "A link")
    template_to_be.change("service/Dockerfile", "# A number,", "# It is a number,")
    template_to_be.release("99.1.0")

    assert run(service) == 2

    printed = capsys.readouterr().out
    assert "- Dockerfile: you have it here, the template has it elsewhere" in printed
    assert "- Dockerfile~template-v99.1.0: the other side has another kind of file" in printed
    assert (service / "Dockerfile").is_symlink()


def test_seed_that_becomes_one_is_not_touched(
    service: Path, template_to_be: Template, run: Run
) -> None:
    change(service, "compose.yaml", "services:", "services:  # ours")
    template_to_be.change("service/compose.yaml", "services:", "services:  # a seed now")
    template_to_be.change(
        "service/pyproject.toml", '  "config.py",', '  "compose.yaml",\n  "config.py",'
    )
    template_to_be.release("99.1.0")

    assert run(service) == 0

    assert "services:  # ours" in (service / "compose.yaml").read_text("utf-8")


def test_seed_that_is_new_arrives(service: Path, template_to_be: Template, run: Run) -> None:
    template_to_be.add("service/SECURITY.md", "# Security\n")
    template_to_be.change(
        "service/pyproject.toml", '  "api-spec.yml",', '  "SECURITY.md",\n  "api-spec.yml",'
    )
    template_to_be.release("99.1.0")

    assert run(service) == 0

    assert "SECURITY.md" in files(service)


def change(service: Path, path: str, old: str, new: str, *, everywhere: bool = False) -> None:
    """Change a file of the service, and commit it."""
    text = (service / path).read_text("utf-8")
    assert old in text
    (service / path).write_text(text.replace(old, new, -1 if everywhere else 1), "utf-8")
    commit(service, f"Change {path}")


def resolve(service: Path, path: str) -> None:
    """Take the service's side of a conflict, and commit with the message that is ready."""
    with Repo(service) as repository:
        repository.git.checkout("--ours", path)
        repository.git.add(path)
        repository.git.commit("--no-edit", "--quiet")
        assert repository.head.commit.summary == "Update the template from v99.0.0 to v99.1.0"


def state(service: Path) -> dict[str, str]:
    """Return what `.cruft.json` says."""
    content: dict[str, str] = json.loads((service / ".cruft.json").read_text("utf-8"))
    return content


def head_of(service: Path, name: str) -> str:
    """Return the commit of a branch."""
    with Repo(service) as repository:
        return repository.commit(name).hexsha
