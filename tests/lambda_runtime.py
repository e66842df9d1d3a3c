"""The Runtime API of AWS Lambda, for AWS's own runtime client, which runs a handler by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO

# Of an event, and of a start.
SECONDS = 30
Event = dict[str, Any]
# What ends one: `response`, or one of two kinds of `error`; and what was sent with it.
Outcome = tuple[str, Any]


class Function:
    """A function in its sandbox, which is given an event at a time."""

    def __init__(self) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.outcomes: SimpleQueue[Outcome] = SimpleQueue()

    def invoke(self, event: Event) -> Any:
        """Return what the handler returns; raise ``RuntimeError`` with its error if it fails."""
        self.events.put(event)
        kind, content = self.outcome()
        if kind != "response":
            raise RuntimeError(f"{kind}: {content}")
        return content

    def outcome(self) -> Outcome:
        """Wait for the end of an event or, where it fails, of the start."""
        try:
            return self.outcomes.get(timeout=SECONDS)
        except Empty:
            raise TimeoutError(f"the function was silent for {SECONDS} seconds") from None


@contextmanager
def function(
    folder: Path, variables: Mapping[str, str], handler: str, log: BinaryIO | None = None
) -> Iterator[tuple[Function, subprocess.Popen[bytes]]]:
    """Run a handler of a folder as Lambda's runtime for Python does, until the block ends."""
    made = Function()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Api", (_Api,), {"function": made}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    runtime = {
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_NAME": "letters",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_FORMAT": "Text",
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.14",
        "LAMBDA_TASK_ROOT": str(folder),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "awslambdaric", handler],
        cwd=folder,
        env={**variables, **runtime},
        stdout=log,
        stderr=log,
    )
    try:
        yield made, process
    finally:
        # As a sandbox ends, which tells its runtime nothing.
        process.kill()
        process.wait(SECONDS)
        # It waits for the next event.
        made.events.put({})
        server.shutdown()
        server.server_close()


class _Api(BaseHTTPRequestHandler):
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html."""

    function: Function
    protocol_version = "HTTP/1.1"
    # Head and body leave together.
    wbufsize = -1

    def handle(self) -> None:
        """Answer until the sandbox ends, which it does at any time."""
        with suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        """Give the next event."""
        event = self.function.events.get()
        self._answer(
            200,
            json.dumps(event).encode(),
            {
                "Lambda-Runtime-Aws-Request-Id": os.urandom(8).hex(),
                "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + SECONDS * 1000),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-2:1:function:letters",
                "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                "Content-Type": "application/json",
            },
        )

    def do_POST(self) -> None:
        """Take how an event, or the start, has ended."""
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = self.path.rpartition("/")[2]
        self.function.outcomes.put(("start " * ("/init/" in self.path) + kind, content))
        self._answer(202, b"{}", {})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
