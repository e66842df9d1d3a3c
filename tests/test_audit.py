"""The audit of a service: what is vulnerable, and what nobody could tell, never passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from advisories import ADVISORY, advisory_service
from test_pipeline import locked_service, run

from examples.serving import free_port

SCRIPT = ["scripts/qa_commands.sh", "--audit"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return locked_service("async", tmp_path_factory.mktemp("audit"))


def test_what_is_not_known_to_be_vulnerable_passes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with advisory_service() as service:
        monkeypatch.setenv("AUDIT_SERVICE_URL", service.url)
        status, output = run(SCRIPT, folder)

    assert (status, "Found no known vulnerabilities" in output) == (0, True)
    # Of the service and of its tools.
    assert {"connexion", "pydantic-core", "pytest"} <= service.asked


def test_vulnerable_package_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with advisory_service("pydantic-core") as service:
        monkeypatch.setenv("AUDIT_SERVICE_URL", service.url)
        status, output = run(SCRIPT, folder)

    assert status == 1
    assert "pydantic-core" in output
    assert ADVISORY["id"] in output


def test_bash_of_macos_asks_the_usual_service(folder: Path) -> None:
    # Its version is 3.2, for which an empty array is a variable that is not set.
    script = (folder / SCRIPT[0]).read_text("utf-8")

    assert "=()" not in script


def test_silence_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_SERVICE_URL", f"http://127.0.0.1:{free_port()}/")

    status, output = run(SCRIPT, folder)

    assert status == 2
    assert "Nothing was audited: the advisory service did not answer." in output
