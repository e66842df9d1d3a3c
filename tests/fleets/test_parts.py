"""The list of services is read strictly, and nothing that is printed tells a secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rendering import ROOT

from fleet.example import edit
from fleet.processes import LONGEST, run_bounded
from fleet.rehearsal import CLEAN, CONFLICTS, GREEN, RED, UNREACHABLE, UP_TO_DATE, Row
from fleet.services import Listed, Wrong, clone, fetch_files, read_services
from fleet.table import draw, draw_results, draw_rows
from fleet.updates import Result
from fleet.workers import spread
from fleets.conftest import SECRET, Run
from updates.commands import git, redact


def write(folder: Path, services: Any) -> Path:
    file = folder / "cruft.json"
    file.write_text(json.dumps({"services": services}), "utf-8")
    return file


def test_defaults_are_main_and_the_newest_release(tmp_path: Path) -> None:
    file = write(tmp_path, [{"name": "letters", "url": "git@host:letters.git"}])

    assert read_services(file) == [Listed("letters", "git@host:letters.git", "main", "release")]


def test_path_is_relative_to_the_list(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    file = write(tmp_path, [{"name": "letters", "url": "letters"}])

    assert read_services(file)[0].url == str(tmp_path / "letters")


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ({}, '"services" must be a list'),
        (["letters"], "cruft.json, service 1 must be"),
        ([{"name": "letters"}], 'service 1: "url" must be text'),
        ([{"url": SECRET}], 'service 1: "name" must be text'),
        ([{"name": "a", "url": SECRET, "chanel": SECRET}], "has chanel, which is unknown"),
        ([{"name": "a", "url": SECRET, "branch": None}], '"branch" must be text'),
        ([{"name": "a", "url": f"--{SECRET}"}], '"url" must be text'),
        ([{"name": "a", "url": SECRET, "directory": ""}], '"directory" must be text'),
        ([{"name": "a", "url": SECRET, "directory": f"/{SECRET}"}], '"directory" must be a folder'),
        ([{"name": "a", "url": SECRET, "directory": f"a/../../{SECRET}"}], "must be a folder of"),
        ([{"name": "a", "url": SECRET}] * 2, "names must differ, and these do not: a"),
    ],
)
def test_wrong_list_is_refused_with_what_is_wanted(
    services: Any, said: str, tmp_path: Path
) -> None:
    with pytest.raises(Wrong) as refusal:
        read_services(write(tmp_path, services))

    assert said in str(refusal.value)
    assert SECRET not in str(refusal.value)


def test_unreadable_list_is_2(run: Run, tmp_path: Path) -> None:
    finished = run([], f"--services={tmp_path / 'missing.json'}", "--json")

    assert (finished.returncode, finished.stdout) == (2, "")
    assert "missing.json cannot be read: FileNotFoundError" in finished.stderr


def test_list_of_this_template_is_read() -> None:
    read_services(ROOT / "cruft.json")


@pytest.mark.parametrize("arguments", [["update", "--verify"], ["--no-check"], ["upgrade"]])
def test_options_that_do_not_go_together_are_2(arguments: list[str], run: Run) -> None:
    assert run([], *arguments).returncode == 2


def test_no_services_are_an_empty_array(run: Run) -> None:
    finished = run([], "update", "--json")

    assert (finished.returncode, finished.stdout) == (0, "[]\n")
    assert "lists no services" in finished.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at https://me:s3cr3t@host/x.git'", "at https://host/x.git'"),
        ("https://s3cr3t@host", "https://host"),
        ("https://me:s3@cr3t@host/a@b", "https://host/a@b"),
        ("git@host:group/x.git and me@example.org", "git@host:group/x.git and me@example.org"),
    ],
)
def test_secrets_of_addresses_are_removed(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_cell_stays_on_its_line() -> None:
    assert draw([("a", "b"), ("one\ntwo", "")]) == "a        b\none two  -"


def die(listed: Listed) -> str:
    os._exit(1)


def lose(listed: Listed, error: Exception) -> str:
    return f"{listed.name}: {type(error).__name__}"


def test_service_whose_process_dies_is_told() -> None:
    told: list[str] = []

    lost = spread(die, [Listed("a", "a")], lose, lambda number, outcome: told.append(outcome))

    assert lost == told == ["a: BrokenProcessPool"]


def test_trouble_comes_first() -> None:
    rows = [
        Row("new", "release", merge=UP_TO_DATE),
        Row("fine", "release", merge=CLEAN, suite=GREEN),
        Row("red", "release", merge=CLEAN, suite=RED),
        Row("gone", "release", merge=UNREACHABLE),
        Row("one", "release", merge=CONFLICTS, conflicts=["a"]),
        Row("two", "release", merge=CONFLICTS, conflicts=["a", "b"]),
    ]

    table = draw_rows(rows, verify=True).split("\n\n")[0].splitlines()

    assert [line.split()[0] for line in table[1:]] == ["two", "one", "gone", "red", "fine", "new"]


def test_update_that_failed_comes_first() -> None:
    results = [Result("fine", "release", 0, "Done"), Result("bad", "release", 1, "failed")]

    assert [line.split()[0] for line in draw_results(results).splitlines()[1:]] == ["bad", "fine"]


def test_program_is_cut_with_all_that_it_began(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Whoever has it open holds up who reads it to the end.
    held = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    script = f"exec 3>{pipe}; sleep 1000 & echo begun; sleep 1000"

    ended = run_bounded(["sh", "-c", script], tmp_path, seconds=1.0)
    os.set_blocking(held, True)

    assert (ended.status, ended.printed) == (None, "begun\n")
    assert os.read(held, 1) == b""
    os.close(held)


def test_of_much_output_the_end_is_kept(tmp_path: Path) -> None:
    script = f"yes 12345678 | head -c {LONGEST * 2}; echo done"

    ended = run_bounded(["sh", "-c", script], tmp_path, seconds=60.0)

    assert ended.status == 0
    assert ended.printed.startswith("...\n12345678\n")
    assert ended.printed.endswith("done\n")
    assert len(ended.printed) <= LONGEST + 4


def test_clone_of_an_address_has_the_files_of_the_newest_commit_alone(tmp_path: Path) -> None:
    service = tmp_path / "service"
    git("init", "--quiet", "--initial-branch=main", service, cwd=tmp_path)
    for setting in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git("config", setting, "true", cwd=service)
    (service / "file").write_text("old\n", "utf-8")
    git("add", "file", cwd=service)
    git("commit", "--quiet", "--message=First", cwd=service)
    edit(service, "file", "old", "new")
    folder = tmp_path / "clone.git"

    clone(Listed("a", f"file://{service}"), folder, "--bare")
    before = missing(folder)
    fetch_files(folder)

    new, old = (git("rev-parse", f"{commit}:file", cwd=service) for commit in ("HEAD", "HEAD^"))
    assert before == {new, old}
    assert missing(folder) == {old}


def missing(folder: Path) -> set[str]:
    listed = git("rev-list", "--objects", "--missing=print", "HEAD", cwd=folder)
    return {line[1:] for line in listed.splitlines() if line.startswith("?")}


def test_nox_prints_nothing_but_the_report_on_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, [])
    folder = Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    command = [sys.executable, "-m", "nox", "--no-venv", "--no-install", "--session=fleet", "--"]

    told = subprocess.run(
        [*command, f"--services={file}", "--json"], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    failed = subprocess.run(
        [*command, "--services=missing.json", "--json"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )

    assert (told.returncode, told.stdout) == (0, "[]\n")
    assert "lists no services" in told.stderr
    assert (failed.returncode, failed.stdout) == (1, "")
