"""Standard output, as lines of log reach it: nobody waits for it, and nobody fails by it."""

import atexit
import logging
import os
import sys
import threading
import time
from collections import deque
from contextlib import suppress

# What may wait for an output that is blocked; further lines are lost, and counted.
MAX_WAITING_BYTES = 8 * 1024 * 1024
# Given to the last lines when the process ends.
END_SECONDS = 1.0

# Lines are written together, since to change threads for each costs more than to write it.
GATHER_SECONDS = 0.02

logger = logging.getLogger(__name__)


class LogOutput:
    """Writes lines where they are logged or, while it has a thread, there."""

    def __init__(self) -> None:
        self.has_thread = False
        self._file = -1
        self._thread: threading.Thread | None = None
        self._begin()
        os.register_at_fork(after_in_child=self._begin_in_child)
        atexit.register(self.stop)

    def start(self) -> None:
        """Write in a thread from now on, so that an output that is blocked stops nothing else."""
        # {% if cookiecutter.deploy == "lambda" %}
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            # It is frozen once it has answered: a thread would write late what it has not yet.
            return
        # {% endif %}
        with suppress(AttributeError, OSError, ValueError):
            # Past the buffer of ``sys.stdout``, which would be locked while it is blocked.
            self._file = sys.stdout.fileno()
            self.has_thread = True
        if self.has_thread and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="log", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write what still waits, if that takes no longer than a second, and use no thread."""
        with self._changed:
            self._changed.wait_for(lambda: not self._bytes, END_SECONDS)
        self.has_thread = False

    def write(self, line: str) -> None:
        """Write a line; one that cannot be written is lost, and counted."""
        if not self.has_thread:
            self._write_here(line)
            return
        text = f"{line}\n".encode("utf-8", "backslashreplace")
        with self._changed:
            if self._bytes + len(text) > MAX_WAITING_BYTES:
                self._lost += 1
                return
            self._bytes += len(text)
            self._waiting.append(text)
            if len(self._waiting) == 1:
                self._changed.notify()

    def _begin(self) -> None:
        self._waiting: deque[bytes] = deque()
        self._bytes = self._lost = 0
        self._changed = threading.Condition()

    def _begin_in_child(self) -> None:
        # What waits is written by the parent, whose thread is not here.
        self._begin()
        self._thread = None
        if self.has_thread:
            self.start()

    def _write_here(self, line: str) -> None:
        try:
            # Looked up each time: whoever captures the output replaces it.
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        except (AttributeError, OSError, ValueError) as error:
            self._lose(1, error)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
            time.sleep(GATHER_SECONDS)
            with self._changed:
                lines = [*self._waiting]
                self._waiting.clear()
            lost = 0
            try:
                _write_all(self._file, b"".join(lines))
                lost, self._lost = self._lost, 0
            except OSError as error:
                self._lose(len(lines), error)
            with self._changed:
                self._bytes -= sum(map(len, lines))
                self._changed.notify_all()
            if lost:
                logger.warning("log lines lost", extra={"lost": lost})

    def _lose(self, count: int, error: Exception) -> None:
        self._lost += count
        with suppress(AttributeError, OSError, ValueError):
            # Not the lines themselves, which would fill another disk.
            sys.stderr.write(f"Log lines lost: {count} ({error})\n")


def _write_all(file: int, text: bytes) -> None:
    rest = memoryview(text)
    while rest:
        rest = rest[os.write(file, rest) :]
