import json
import logging
import os
import queue
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import structlog

from app.standard.service import configure_logging, log_output
from app.standard.service.log_output import LogOutput
from config import Settings

LINES = 5_000
BOUND = 10.0
SECRET = "hunter2"  # noqa: S105


class Unreadable:
    def __repr__(self) -> str:
        raise ValueError(SECRET)


def test_lines_that_a_blocked_output_does_not_take_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_output, "MAX_WAITING_BYTES", 100_000)
    monkeypatch.setattr(log_output, "END_SECONDS", BOUND)
    warnings: queue.Queue[logging.LogRecord] = queue.Queue()
    handler = logging.Handler()
    monkeypatch.setattr(handler, "emit", warnings.put)
    monkeypatch.setattr(log_output.logger, "handlers", [handler])
    monkeypatch.setattr(log_output.logger, "propagate", False)
    end, pipe = os.pipe()
    with os.fdopen(end, "rb") as lines, ThreadPoolExecutor() as threads:
        blocked = os.fdopen(pipe, "w")
        monkeypatch.setattr(sys, "stdout", blocked)
        output = LogOutput()
        output.start()
        for number in range(LINES):
            output.write(f"{number:0100}")
        reading = threads.submit(lines.readlines)
        output.stop()
        lost = vars(warnings.get(timeout=BOUND))["lost"]
        blocked.close()

    told = [int(line) for line in reading.result(BOUND)]
    assert told == [*range(len(told))]
    assert 0 < lost == LINES - len(told)


@pytest.mark.parametrize("has_thread", [True, False])
def test_output_that_fails_costs_a_line_without_what_was_logged(
    has_thread: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    end, pipe = os.pipe()
    os.close(end)
    closed = os.fdopen(pipe, "w")
    with monkeypatch.context() as context:
        context.setattr(sys, "stdout", closed)
        output = LogOutput()
        if has_thread:
            output.start()
        output.write(SECRET)
        output.stop()
    with suppress(BrokenPipeError):
        closed.close()

    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("Log lines lost: 1 (")
    assert SECRET not in line


@pytest.mark.parametrize(
    "log",
    [
        lambda: structlog.stdlib.get_logger("app").info("told", what=Unreadable()),
        lambda: structlog.stdlib.get_logger("app").info("told %d", "no number"),
        lambda: logging.getLogger("library").warning("told", extra={"what": Unreadable()}),
    ],
)
def test_event_that_cannot_be_written_costs_a_line(
    log: Callable[[], None], client: object, capsys: pytest.CaptureFixture[str]
) -> None:
    log()

    said = capsys.readouterr()
    (line,) = said.out.splitlines()
    assert json.loads(line)["event"] == "unreadable log event"
    assert SECRET not in said.out + said.err


def test_levels_are_those_of_the_standard_library(
    client: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.getLogger("app.quiet"), "level", logging.ERROR)
    monkeypatch.setattr(logging.getLogger("app.quiet"), "_cache", {})

    structlog.stdlib.get_logger("app.quiet").warning("too little")
    structlog.stdlib.get_logger("app.quiet").error("enough")

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["event"] == "enough"


@pytest.mark.parametrize("handlers", [[], [logging.NullHandler()]])
def test_log_of_the_server_is_ours_unless_it_is_off(
    handlers: list[logging.Handler], probe_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    logger = logging.getLogger("uvicorn.access")
    monkeypatch.setattr(logger, "handlers", [*handlers])
    monkeypatch.setattr(logger, "propagate", False)

    configure_logging(probe_settings)

    assert (logger.handlers, logger.propagate) == ([], bool(handlers))
