"""What lines of log tell: the names of Elastic, and the place that an error comes from."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from app.standard.service import (
    configure_logging,
    error_reports,
    load_settings,
    report_errors_to,
)
from config import Settings
from tests.standard.telling import Tell, receiver, tell, told_settings

__all__ = ["receiver", "tell", "told_settings"]

# What ecs-logging has first in each line, in this order.
FIRST = ["@timestamp", "log.level", "message", "ecs.version"]


@pytest.fixture(autouse=True)
def _no_reporters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_reports, "_reporters", [])


@pytest.fixture
def _ecs(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LOG_FIELDS", "ecs")
    yield
    monkeypatch.delenv("LOG_FIELDS")
    configure_logging(load_settings(Settings))


def line_of(captured: str, **wanted: str) -> dict[str, Any]:
    """Return the line that has these fields."""
    found = map(json.loads, captured.splitlines())
    [line] = [each for each in found if wanted.items() <= each.items()]
    return dict(line)


@pytest.mark.usefixtures("_ecs")
def test_lines_have_the_names_of_elastic(tell: Tell, capsys: pytest.CaptureFixture[str]) -> None:
    tell(("GET", "/failure"), headers={"X-Request-ID": "abc"})

    output = capsys.readouterr().out
    line = line_of(output, message="request")
    assert [*line][:4] == FIRST
    assert line["@timestamp"].endswith("Z")
    assert (line["log.level"], line["ecs.version"]) == ("info", "8.11.0")
    assert line["http.request.method"] == "GET"
    assert line["http.response.status_code"] == 500
    assert (line["url.path"], line["http.request.id"]) == ("/failure", "abc")
    assert (line["labels.route"], line["labels.outcome"]) == ("/failure", "complete")
    assert line["service.name"] == "{{ cookiecutter.service_slug }}"
    assert 0 < line["event.duration"] < 60 * 10**9
    assert len(line["trace.id"]) == 32
    assert len(line["span.id"]) == 16
    failed = line_of(output, message="request failed")
    assert "the disk is full" in failed["error.stack_trace"]
    assert failed["trace.id"] == line["trace.id"]


@pytest.mark.usefixtures("_ecs")
def test_secrets_and_names_of_a_team_are_labels(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(load_settings(Settings))

    # What looks like a password shall be masked.
    structlog.stdlib.get_logger("team").info("told", user="x", password="hunter2", big=2**80)  # noqa: S106

    line = line_of(capsys.readouterr().out, message="told")
    assert [*line][:4] == FIRST
    assert line["labels.user"] == "x"
    assert line["labels.password"] == "***"
    assert line["log.logger"] == "team"


def test_error_has_the_fingerprint_of_its_place(
    tell: Tell, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(("GET", "/failure"), ("GET", "/failure"), ("GET", "/call"))

    found = map(json.loads, capsys.readouterr().out.splitlines())
    prints = [line["fingerprint"] for line in found if line["event"] == "request failed"]
    assert prints[0] == prints[1] != prints[2]
    assert {len(each) for each in prints} == {16}


def test_error_goes_to_those_that_the_team_names(
    tell: Tell, capsys: pytest.CaptureFixture[str]
) -> None:
    reported: list[tuple[str, str]] = []

    def fail(error: BaseException, fingerprint: str) -> None:
        raise OSError("no way to the reporter")

    report_errors_to(fail)
    report_errors_to(lambda error, fingerprint: reported.append((repr(error), fingerprint)))
    tell(("GET", "/failure"), ("GET", "/conflict"), ("GET", "/things/7"))

    line = line_of(capsys.readouterr().out, event="request failed")
    assert reported == [("RuntimeError('the disk is full')", line["fingerprint"])]
    assert line["not_reported"] == "OSError"
