"""What a service changed of the template's files is told, whatever release it has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from updating.conftest import RELEASES
from updating.living import BARE, NOW, Create, commit, files, status

Run = Callable[..., int]


@pytest.mark.parametrize("version", [*RELEASES.values(), NOW])
@pytest.mark.parametrize("answers", [{}, {**BARE, "framework": "async"}])
def test_new_service_has_no_drift(
    version: str,
    answers: dict[str, str | bool],
    create: Create,
    run: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = create(version, **answers)

    assert run(service, "--drift") == 0

    [line] = capsys.readouterr().out.splitlines()
    assert line.endswith(": no file.")


def test_edits_are_told_in_lines(
    create: Create, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    service = create(RELEASES["1.2.0"], **BARE)
    edit(service)

    assert run(service, "--drift") == 0

    assert capsys.readouterr().out.splitlines() == [
        "Dockerfile: +2 -1",
        "compose.test.yaml: deleted",
        f"Since v1.2.0: 2 files, +2 -{1 + length(service)}.",
    ]


def test_edits_are_told_to_machines(
    create: Create, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    service = create(RELEASES["1.2.0"], **BARE)
    edit(service)
    before = files(service)

    assert run(service, "--drift", "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert told == {
        "template": "v1.2.0",
        "commit": RELEASES["1.2.0"],
        "drift": [
            {"path": "Dockerfile", "added": 2, "removed": 1, "deleted": False},
            {
                "path": "compose.test.yaml",
                "added": 0,
                "removed": length(service),
                "deleted": True,
            },
        ],
    }
    assert (files(service), status(service)) == (before, {})


def edit(service: Path) -> None:
    """Edit files as a team does: of the template, of its own, and one of its own making."""
    dockerfile = service / "Dockerfile"
    _, rest = dockerfile.read_text("utf-8").split("\n", 1)
    dockerfile.write_text(f"# Ours.\n# And ours.\n{rest}", "utf-8")
    # In the list of what the team owns.
    (service / "app" / "api.py").write_text("# Ours.\n", "utf-8")
    (service / "ours.txt").write_text("Ours.\n", "utf-8")
    run_py = service / "run.py"
    run_py.write_bytes(run_py.read_bytes().replace(b"\n", b"\r\n"))
    (service / "kept.txt").write_bytes((service / "compose.test.yaml").read_bytes())
    (service / "compose.test.yaml").unlink()
    commit(service, "Ours")


def length(service: Path) -> int:
    """Return how many lines the file had that the team moved away."""
    return len((service / "kept.txt").read_text("utf-8").splitlines())


@pytest.mark.parametrize(
    "arguments",
    [["--json"], ["--drift", "--push"], ["--drift", "--to", "v1.0.0"], ["--diff", "--check"]],
)
def test_options_that_do_not_go_together_are_refused(
    arguments: list[str], run: Run, tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(tmp_path, *arguments)

    assert ended.value.code == 1
