"""The benchmarks run to their end; what they measure on a busy machine counts for nothing."""

from __future__ import annotations

import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path

import pytest
from rendering import ROOT

from bench.comparison import Comparison
from bench.load import CONNECTIONS, Request, ask, load
from bench.memory import measure_peak
from bench.processors import in_turn, processor_seconds
from reliability.clients import until

GET = Request("GET", "/", HTTPStatus.OK)
SMALL = ["--rows=1000", "--rounds=1", "--slow-rounds=1", "--token-rounds=1"]


def test_benchmark_measures_everything() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "bench", *SMALL], cwd=ROOT, text=True, capture_output=True
    )

    # A bar that is missed is no failure here.
    assert "Traceback" not in result.stderr, result.stderr
    assert result.returncode in (0, 1), result.stderr
    lines = result.stdout.splitlines()
    for framework in ("flask", "async", "fastapi"):
        for way in ("/copy", "/rows", "/fetch-all", "/items, token seen", "/items, token new"):
            assert [line for line in lines if line.startswith(f"{framework} {way} ")], way
    assert " bytes long, " not in result.stdout


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Answer every request by the same bytes, in two parts; give the port."""

    class Answer(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True
        wbufsize = 0

        def handle(self) -> None:
            """Answer until the client leaves."""
            while self.request.recv(4096):
                self.wfile.write(answer[:10])
                self.wfile.write(answer[10:])

    class Server(socketserver.ThreadingTCPServer):
        # With fewer, the last connections are made a second later.
        request_queue_size = CONNECTIONS

    with Server(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_load_takes_answers_in_parts() -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-length: 2\r\n\r\n{}") as port:
        assert ask(port, GET) == b"{}"
        seconds, answers = load(port, GET, 0.05, b"{}")
        with pytest.raises(RuntimeError, match="another body"):
            load(port, GET, 0.05, b"[]")

    assert seconds > 0.05
    assert answers > CONNECTIONS


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}", "answered 500"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "without Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}", "more than its Content-Length"),
    ],
)
def test_load_refuses_answer(answer: bytes, message: str) -> None:
    with answering(answer) as port, pytest.raises(RuntimeError, match=message):
        load(port, GET, 0.05)


def test_comparison_tells_missed_bars() -> None:
    comparison = Comparison("list", {("async", "by-hand"): 1.2, ("flask", "by-hand"): 0.8})
    for server, seconds in (("async", 0.002), ("flask", 0.002), ("by-hand", 0.002)):
        comparison.add(server, seconds)

    assert comparison.servers == ["async", "flask", "by-hand"]
    assert list(comparison.missed()) == ["async list: 1.00 x by-hand, the bar is 1.20"]


def test_processes_run_in_turn_and_go_on_in_the_end() -> None:
    program = [sys.executable, "-c", "while True: pass"]

    def state(pid: int) -> str:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]

    def are(wanted: str) -> bool:
        return "".join(map(state, pids)) == wanted

    with subprocess.Popen(program) as first, subprocess.Popen(program) as second:
        pids = [first.pid, second.pid]
        try:
            with in_turn([*pids, None]):
                for wanted in ("RT", "TR", "TT"):
                    until(partial(are, wanted), pause=0)
            assert "T" not in map(state, pids)
            assert processor_seconds(os.getpid()) > sum(map(processor_seconds, pids)) > 0
        finally:
            first.kill()
            second.kill()


def test_memory_of_what_a_program_starts_is_counted() -> None:
    large = "import time; kept = b'x' * 200_000_000; time.sleep(1)"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {large!r}])"

    status, megabytes = measure_peak([sys.executable, "-c", program])

    assert status == 0
    assert 190 < megabytes < 300
