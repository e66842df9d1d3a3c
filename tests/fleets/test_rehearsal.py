"""A rehearsal tells of each service how its update would go, and changes none."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from fleet.example import BETWEEN, NEW, OLD, RELEASES
from fleet.rehearsal import rehearse
from fleets.conftest import KINDS, Fleet, Run, break_state, redden
from updates.commands import git

ANSWERS = {
    "full": "flask, database, csv_export, auth",
    "small": "async",
    "export": "flask, database, csv_export",
    "open": "async, database",
}


@dataclass
class Report:
    """What a rehearsal of the whole fleet prints."""

    status: int
    rows: dict[str, dict[str, Any]]
    order: list[str]
    progress: str


@pytest.fixture(scope="session")
def report(fleet: Fleet, run: Run, shared: Path) -> Report:
    """Rehearse the whole fleet, once."""
    note = shared / "report.json"
    with FileLock(shared / "report.lock"):
        if not note.exists():
            template = f"--template={fleet.template}"
            finished = run([*fleet.entries.values()], "--json", template)
            printed = [finished.returncode, finished.stdout, finished.stderr]
            note.write_text(json.dumps(printed), "utf-8")
    status, stdout, stderr = json.loads(note.read_text("utf-8"))
    rows = json.loads(stdout)
    return Report(
        status, {row["service"]: row for row in rows}, [r["service"] for r in rows], stderr
    )


def test_every_service_has_its_row_in_order(fleet: Fleet, report: Report) -> None:
    assert len(fleet.entries) >= 20
    assert report.order == [*fleet.entries]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("behind", [2, 1, 0])
def test_row_tells_version_answers_and_merge(kind: str, behind: int, report: Report) -> None:
    release = [*reversed(RELEASES)][behind]
    row = report.rows[f"{kind}-{release}"]

    assert (row["template"], row["target"], row["behind"]) == (release, NEW, behind)
    assert row["answers"] == ANSWERS[kind]
    assert row["merge"] == ("clean" if behind else "up to date")
    assert (row["problem"], row["conflicts"], row["suite"]) == ("", [], "")


def test_day_of_the_last_update_is_that_of_its_commit(fleet: Fleet, report: Report) -> None:
    for name in (f"full-{OLD}", f"edited-full-{OLD}"):
        service = Path(fleet.entries[name]["url"])
        day = git("log", "--reverse", "--format=%cs", cwd=service).splitlines()[0]

        assert report.rows[name]["updated"] == day


def test_edits_of_teams_merge_cleanly(report: Report) -> None:
    edited = [row for name, row in report.rows.items() if name.startswith("edited-")]

    assert len(edited) == 9
    assert {row["merge"] for row in edited} == {"clean", "up to date"}


def test_drift_is_what_teams_changed_of_the_template_s_files(report: Report) -> None:
    changed = {
        name: [file["path"] for file in row["drift"]]
        for name, row in report.rows.items()
        if row["drift"] is not None
    }

    assert all(paths == [] for name, paths in changed.items() if name.startswith(("full", "open")))
    assert changed["conflict"] == ["Dockerfile"]
    # What the team owns is none of the template's.
    assert changed[f"edited-full-{OLD}"] == [".env.example", "Dockerfile"]
    assert report.rows["gone"]["drift"] is None


def test_conflict_names_its_file(report: Report) -> None:
    row = report.rows["conflict"]

    assert row["merge"] == "conflicts"
    assert [line.partition(":")[0] for line in row["conflicts"]] == ["Dockerfile"]


def test_branch_of_the_template_is_followed(report: Report) -> None:
    row = report.rows["follows-a-branch"]

    assert (row["channel"], row["target"], row["behind"]) == ("next", "next", 0)
    assert row["merge"] == "clean"


def test_unreachable_service_is_a_row_that_says_so(report: Report) -> None:
    row = report.rows["gone"]

    assert row["merge"] == "unreachable"
    assert "http://127.0.0.1:1/gone.git" in row["problem"]
    assert row["behind"] is None


def test_service_without_cruft_is_a_row_that_says_so(report: Report) -> None:
    assert report.rows["plain"]["merge"] == "no cruft service"


def test_exit_status_tells_that_a_service_needs_somebody(report: Report) -> None:
    assert report.status == 1


def test_progress_counts_the_services(fleet: Fleet, report: Report) -> None:
    lines = report.progress.splitlines()
    total = len(fleet.entries)

    assert [line.split("]")[0] for line in lines] == [
        f"[{number}/{total}" for number in range(1, total + 1)
    ]


def test_rehearsal_changes_no_service(fleet: Fleet, report: Report) -> None:
    for name in (f"full-{OLD}", "conflict"):
        service = Path(fleet.entries[name]["url"])

        assert git("for-each-ref", "--format=%(refname)", cwd=service) == "refs/heads/main"
        assert git("status", "--porcelain", cwd=service) == ""


def test_table_has_a_line_for_each_service_and_the_conflicts_below(own: Fleet, run: Run) -> None:
    names = [f"small-{OLD}", f"small-{NEW}", "conflict", "gone"]

    finished = run([own.entries[name] for name in names], f"--template={own.template}")
    table, notes = finished.stdout.split("\n\n")
    lines = table.splitlines()

    assert lines[0].split("  ")[0] == "service"
    assert "suite" not in lines[0]
    assert [line.split()[0] for line in lines[1:]] == ["conflict", "gone", *names[:2]]
    assert lines[3].split()[1:4] == [OLD, "2", "async"]
    assert [line.rpartition("  ")[2] for line in lines[1:]] == [
        "conflicts: 1",
        "unreachable",
        "clean",
        "up to date",
    ]
    conflict, gone = notes.splitlines()
    assert conflict.startswith("conflict: Dockerfile: both changed it")
    assert gone.startswith("gone: git clone failed: ")


def test_all_well_is_0(fleet: Fleet, run: Run) -> None:
    entries = [fleet.entries[f"small-{release}"] for release in (BETWEEN, NEW)]

    finished = run(entries, f"--template={fleet.template}")

    assert finished.returncode == 0, finished.stderr


@pytest.mark.usefixtures("fake_uv")
def test_verify_runs_the_checks_of_the_merged_tree(own: Fleet, run: Run) -> None:
    redden(own.copy(f"small-{OLD}", "broken"))
    names = [f"small-{BETWEEN}", "broken", "conflict", f"small-{NEW}"]

    finished = run(
        [own.entries[name] for name in names], "--verify", f"--template={own.template}", "--json"
    )

    assert [row["suite"] for row in json.loads(finished.stdout)] == ["green", "red", "", ""]
    assert finished.returncode == 1
    assert "    at https://host" in finished.stderr


@pytest.mark.usefixtures("fake_uv")
def test_suite_that_hangs_is_cut_and_shown(own: Fleet, run: Run) -> None:
    redden(own.copy(f"small-{OLD}", "hanging"), "HANG")
    options = ("--verify", "--suite-timeout=4", "--json", f"--template={own.template}")

    finished = run([own.entries["hanging"]], *options)
    [row] = json.loads(finished.stdout)

    assert (row["merge"], row["suite"]) == ("clean", "cut")
    assert "at https://host" in row["output"]
    assert finished.returncode == 1


def test_service_of_an_address_is_rehearsed(own: Fleet, run: Run) -> None:
    service = own.copy("conflict", "remote")
    for setting in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git("config", setting, "true", cwd=service)
    entry = own.entries["remote"] | {"url": f"file://{service}"}

    finished = run([entry], "--json", f"--template={own.template}")
    [row] = json.loads(finished.stdout)

    assert [line.partition(":")[0] for line in row["conflicts"]] == ["Dockerfile"]


@pytest.mark.parametrize(
    ("state", "merge", "said"),
    [
        ("{", "no cruft service", "cannot be read"),
        ("{}", "no cruft service", "cannot be read: KeyError: 'template'"),
        (
            '{"template": "x", "commit": "--upload-pack=x", "context": {"cookiecutter": {}}}',
            "no cruft service",
            "has no commit of the template",
        ),
        (
            '{"template": "x", "commit": "' + 40 * "1" + '", "context": {"cookiecutter": {}}}',
            "failed",
            "has no commit 1111",
        ),
    ],
    ids=["no-json", "empty", "option", "unknown-commit"],
)
def test_bad_state_is_a_row_that_says_so(
    state: str, merge: str, said: str, own: Fleet, template_clone: Any
) -> None:
    break_state(own.copy(f"small-{OLD}", "broken"), state)

    row = rehearse(own.listed("broken"), template_clone)

    assert row.merge == merge
    assert said in row.problem


def test_answers_that_the_template_refuses_are_a_row_that_says_so(
    own: Fleet, template_clone: Any
) -> None:
    service = own.copy(f"small-{OLD}", "broken")
    state = json.loads((service / ".cruft.json").read_text("utf-8"))
    state["context"]["cookiecutter"]["http_port"] = "1"
    break_state(service, json.dumps(state))

    row = rehearse(own.listed("broken"), template_clone)

    assert row.merge == "failed"
    assert "refuses the answers" in row.problem


def test_channel_that_is_no_branch_is_a_row_that_says_so(fleet: Fleet, template_clone: Any) -> None:
    row = rehearse(replace(fleet.listed(f"small-{NEW}"), channel="nowhere"), template_clone)

    assert row.merge == "failed"
    assert "has no nowhere; its releases: v1.0.0, v1.1.0, v1.2.0" in row.problem


def test_commit_that_is_no_release_is_named(own: Fleet, template_clone: Any) -> None:
    service = own.copy(f"small-{NEW}", "ahead")
    tip = git("rev-parse", "next", cwd=own.template)
    state = json.loads((service / ".cruft.json").read_text("utf-8"))
    break_state(service, json.dumps(state | {"commit": tip}))

    row = rehearse(own.listed("ahead"), template_clone)

    assert (row.template, row.merge) == (f"v1.2.0 ({tip[:7]})", "up to date")


def test_branch_that_only_the_remote_of_the_template_has_is_followed(
    fleet: Fleet, run: Run, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    git("clone", "--quiet", fleet.template, checkout, cwd=tmp_path)
    git("switch", "--quiet", "--detach", cwd=checkout)
    git("branch", "--quiet", "-D", "main", cwd=checkout)

    finished = run([fleet.entries["follows-a-branch"]], "--json", f"--template={checkout}")
    [row] = json.loads(finished.stdout)

    assert (row["target"], row["merge"], row["problem"]) == ("next", "clean", "")


def test_template_that_is_unreachable_is_2(own: Fleet, run: Run) -> None:
    url = own.entries["gone"]["url"]

    finished = run([], "--json", f"--template={url}")

    assert (finished.returncode, finished.stdout) == (2, "")
    assert "git clone failed" in finished.stderr
