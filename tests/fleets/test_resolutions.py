"""A conflict that one service resolved is offered to the others, and never taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.example import NEW, OLD, PUSH_OPTIONS, commit, edit
from fleets.conftest import Fleet, Run
from updates.commands import git

UPDATED = f"template-update/{NEW}"
MARKED = "<<<<<<< service"
SOLVED = f"# The image of {NEW}, ours."
pytestmark = pytest.mark.usefixtures("fake_uv")


@pytest.fixture
def letters(own: Fleet, run: Run) -> Path:
    """Give a service whose team resolved the conflict of its draft, and merged it."""
    service = own.copy("conflict", "letters")
    run([own.entries["letters"]], "update", "--no-check")
    git("merge", "--quiet", "--no-ff", "--no-edit", UPDATED, cwd=service)
    dockerfile = service / "Dockerfile"
    before, _, rest = dockerfile.read_text("utf-8").partition(f"{MARKED}\n")
    after = rest.partition(">>>>>>> ")[2].partition("\n")[2]
    dockerfile.write_text(f"{before}{SOLVED}\n{after}", "utf-8")
    commit(service, "Resolve it")
    return service


@pytest.mark.usefixtures("letters")
def test_resolution_is_named_in_the_rehearsal(own: Fleet, run: Run, tmp_path: Path) -> None:
    cache = f"--resolutions={tmp_path / 'cache'}"
    edit(own.copy("conflict", "parcels"), "Dockerfile", "EXPOSE", "# Parcels.\nEXPOSE")
    entries = [own.entries[name] for name in ("letters", "parcels")]

    rows = json.loads(run(entries, "--json", cache, f"--template={own.template}").stdout)
    # The cache stays, and the service that it is from need not be asked again.
    again = run(entries[1:], cache, f"--template={own.template}").stdout

    assert [row["merge"] for row in rows] == ["up to date", "conflicts"]
    assert [row["offers"] for row in rows] == [[], ["Dockerfile: resolved in letters"]]
    assert "parcels: Dockerfile: resolved in letters" in again


@pytest.mark.usefixtures("letters")
def test_draft_offers_the_resolution_and_has_the_conflict(
    own: Fleet, run: Run, tmp_path: Path
) -> None:
    service = own.copy("conflict", "parcels")
    entries = [own.entries[name] for name in ("letters", "parcels")]
    options = ("--json", f"--resolutions={tmp_path / 'cache'}", f"--template={own.template}")

    finished = run(entries, "update", "--no-check", *options)

    results = {row["service"]: row["result"] for row in json.loads(finished.stdout)}
    assert results["parcels"] == "conflicts: draft merge request"
    description = (service / ".git" / PUSH_OPTIONS).read_text("utf-8")
    assert "Nothing of it is taken: look before you do." in description
    assert "Dockerfile, as in letters:" in description
    assert f"+{SOLVED}" in description
    dockerfile = git("show", f"{UPDATED}:Dockerfile", cwd=service)
    assert MARKED in dockerfile
    assert SOLVED not in dockerfile


@pytest.mark.usefixtures("letters")
def test_other_conflict_is_not_offered_it(own: Fleet, run: Run, tmp_path: Path) -> None:
    service = own.copy(f"full-{OLD}", "parcels")
    edit(service, "Dockerfile", f"# The image of {OLD}.", "# Another image.")
    entries = [own.entries[name] for name in ("letters", "parcels")]
    options = ("--json", f"--resolutions={tmp_path / 'cache'}", f"--template={own.template}")

    _, row = json.loads(run(entries, *options).stdout)

    assert (row["merge"], row["offers"]) == ("conflicts", [])


def test_service_that_cannot_be_read_hinders_no_other(own: Fleet, run: Run, tmp_path: Path) -> None:
    entries = [own.entries[name] for name in ("gone", "plain", f"small-{NEW}")]
    options = (f"--resolutions={tmp_path / 'cache'}", f"--template={own.template}")

    finished = run(entries, *options)

    assert "gone: nothing is learnt from it: git clone failed" in finished.stderr
    assert "plain: nothing is learnt from it: There is no .cruft.json" in finished.stderr
    assert f"small-{NEW}: nothing" not in finished.stderr
