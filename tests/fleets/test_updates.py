"""An update of the fleet opens merge requests, and one failure stops no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.example import BETWEEN, NEW, OLD, PUSH_OPTIONS
from fleets.conftest import Fleet, Run, break_state, redden
from updates.commands import git

UPDATED = f"template-update/{NEW}"
pytestmark = pytest.mark.usefixtures("fake_uv")


def branches(service: Path) -> list[str]:
    listed = git("for-each-ref", "--format=%(refname:short)", "refs/heads", cwd=service)
    return [name for name in listed.splitlines() if name != "main"]


def options(service: Path) -> str:
    return (service / ".git" / PUSH_OPTIONS).read_text("utf-8")


def test_services_are_updated_beside_those_that_fail(own: Fleet, run: Run) -> None:
    folders = {name: own.copy(f"small-{OLD}", name) for name in ("old", "broken", "red")}
    folders |= {
        "new": own.copy(f"small-{NEW}", "new"),
        "edited": own.copy(f"edited-full-{BETWEEN}", "edited"),
        "torn": own.copy("conflict", "torn"),
        "branch": own.copy(f"small-{NEW}", "branch"),
    }
    own.entries["branch"]["channel"] = "next"
    redden(folders["red"])
    break_state(folders["broken"], "{")
    names = ["gone", "broken", "torn", "red", "old", "edited", "new", "branch"]

    finished = run([own.entries[name] for name in names], "update", "--json")
    results = {row["service"]: row for row in json.loads(finished.stdout)}

    assert finished.returncode == 1
    assert {name: (row["status"], row["result"]) for name, row in results.items()} == {
        "gone": (None, "unreachable"),
        "broken": (1, "failed"),
        "torn": (2, "conflicts: draft merge request"),
        "red": (1, "red: draft merge request"),
        "old": (0, f"Done, on {UPDATED}"),
        "edited": (0, f"Done, on {UPDATED}"),
        "new": (0, f"This service has {NEW} of the template: there is nothing to do"),
        "branch": (0, "Done, on template-update/next"),
    }
    assert {name: branches(folder) for name, folder in folders.items()} == {
        **{name: [UPDATED] for name in ("torn", "red", "old", "edited")},
        "branch": ["template-update/next"],
        **{name: [] for name in ("new", "broken")},
    }
    drafts = {name for name in ("torn", "red", "old") if "draft" in options(folders[name])}
    assert drafts == {"torn", "red"}
    assert "cannot be read" in results["broken"]["problem"]


def test_all_well_is_0_and_a_second_run_too(own: Fleet, run: Run) -> None:
    service = own.copy(f"small-{OLD}", "old")

    for _ in range(2):
        finished = run([own.entries["old"]], "update")

        assert finished.returncode == 0, finished.stderr
        assert finished.stdout.splitlines()[0].split() == ["service", "channel", "result"]
        assert finished.stdout.splitlines()[1].split("  ")[-1] == f"Done, on {UPDATED}"
    changed = git("diff", "--name-only", "main", UPDATED, cwd=service).splitlines()
    assert changed == [".cruft.json", ".gitlab-ci.yml", "Dockerfile", "compose.test.yaml"]


def test_checks_can_be_left_to_the_pipelines(own: Fleet, run: Run) -> None:
    redden(own.copy(f"small-{OLD}", "red"))

    finished = run([own.entries["red"]], "update", "--no-check")

    assert finished.returncode == 0, finished.stderr


def test_secrets_of_a_template_url_stay_out_of_the_result(own: Fleet, run: Run) -> None:
    service = own.copy(f"small-{OLD}", "old")
    state = json.loads((service / ".cruft.json").read_text("utf-8"))
    break_state(service, json.dumps(state | {"template": own.entries["gone"]["url"]}))

    finished = run([own.entries["old"]], "update", "--json")
    [result] = json.loads(finished.stdout)

    assert (result["status"], result["result"]) == (1, "failed")
    assert "http://127.0.0.1:1/gone.git" in result["problem"]


def test_merge_request_that_was_not_opened_is_not_claimed(own: Fleet, run: Run) -> None:
    for name, copied in (("torn", "conflict"), ("old", f"small-{OLD}")):
        git("config", "receive.advertisePushOptions", "false", cwd=own.copy(copied, name))

    finished = run([own.entries[name] for name in ("torn", "old")], "update", "--json")
    results = {row["service"]: row["result"] for row in json.loads(finished.stdout)}

    assert results["torn"] == "conflicts: pushed, but no merge request"
    assert results["old"] == f"Done, on {UPDATED}, pushed, but no merge request"


def test_update_that_hangs_is_cut_and_shown(own: Fleet, run: Run) -> None:
    service = own.copy(f"small-{OLD}", "hanging")
    redden(service, "HANG")

    finished = run([own.entries["hanging"]], "update", "--json", "--suite-timeout=4")
    [result] = json.loads(finished.stdout)

    assert (result["status"], result["result"]) == (None, "failed")
    assert result["problem"] == "it took more than 4 s, and was cut"
    assert branches(service) == []
