"""A service that runs, and the ways of getting the file that are measured."""

import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from examples.serving import environment, free_port, get, serving

OVERLAY = Path(__file__).parent / "service"
FRAMEWORKS = ("flask", "async", "fastapi")
# What these cost is measured by itself.
LEFT_OUT = ("use_auth", "use_worker", "use_telemetry")


def migrate(folder: Path, url: str) -> None:
    """Run a render's migrations on a database."""
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    variables = environment() | {"DATABASE_URL": url}
    subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True)


@dataclass
class Way:
    """One way of getting the file, and what it takes."""

    name: str
    download: Callable[[], tuple[float, int]]
    peak: Callable[[], float] = float
    seconds: list[float] = field(default_factory=list)
    size: int = 0
    memory: float = 0.0

    def measure(self) -> None:
        """Get the file once."""
        seconds, self.size = self.download()
        self.seconds.append(seconds)

    def measure_memory(self) -> None:
        """Get the file once more, from a server of its own."""
        self.memory = self.peak()

    @property
    def best(self) -> float:
        """The seconds of the round that was least disturbed."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The seconds of the round in the middle."""
        return median(self.seconds)


@dataclass
class Service:
    """A render with the benchmark's operations in place of its own."""

    folder: Path
    variables: dict[str, str]
    address: str = ""

    @classmethod
    def prepare(
        cls, render: Path, destination: Path, database_url: str, overlay: Path = OVERLAY
    ) -> "Service":
        """Copy a render, and put the benchmark's operations in it."""
        room = render / "app" / "standard" / "framework"
        [framework] = [each for each in FRAMEWORKS if (room / f"{each}_app.py").exists()]
        folder = destination / framework
        shutil.copytree(render, folder)
        shutil.copytree(overlay, folder, dirs_exist_ok=True)
        variables = {"DATABASE_URL": database_url, "ENVIRONMENT": "production"}
        # The benchmark makes its tables itself.
        variables |= {"DATABASE_MIGRATIONS_REQUIRED": "false", "LOG_LEVEL": "WARNING"}
        return cls(folder, environment() | variables)

    @contextmanager
    def running(self) -> Iterator[int]:
        """Serve until the block ends; give the id of the process."""
        python = Path(sys.executable)
        with serving(self.folder, python, free_port(), self.variables) as (address, server):
            self.address = address
            yield server.pid

    def statement(self) -> str:
        """Return the statement that the export by COPY sends."""
        return str(json.loads(get(f"{self.address}/statement")[1])["sql"])

    def way(self, path: str, coding: str = "identity", name: str = "") -> Way:
        """Return the way of getting the file from this path, in this coding."""
        return Way(
            name or f"{self.folder.name} {path}",
            lambda: self._download(path, coding),
            lambda: self._measure_memory(path),
        )

    def _download(self, path: str, coding: str = "identity") -> tuple[float, int]:
        """Get the file; return the seconds and its size, without the header if it is plain."""
        buffer = bytearray(1024 * 1024)
        with tempfile.TemporaryFile() as file:
            began = time.perf_counter()
            connection = http.client.HTTPConnection(self.address.removeprefix("http://"))
            connection.request("GET", path, headers={"Accept-Encoding": coding})
            response = connection.getresponse()
            while count := response.readinto(buffer):
                file.write(memoryview(buffer)[:count])
            seconds = time.perf_counter() - began
            connection.close()
            if response.status != http.client.OK:
                raise RuntimeError(f"{path} answered {response.status}")
            if response.headers.get("Content-Encoding", "identity") != coding:
                raise RuntimeError(f"{path} does not come as {coding}")
            size = file.tell()
            if coding != "identity":
                return seconds, size
            file.seek(0)
            return seconds, size - len(file.readline())

    def _measure_memory(self, path: str) -> float:
        """Return the megabytes that a server of its own grows by, at its peak, for one file."""
        with self.running() as pid:
            idle = _memory(pid, "VmRSS")
            self._download(path)
            return _memory(pid, "VmHWM") - idle


def _memory(pid: int, name: str) -> float:
    """Return a figure of Linux's on the memory of a process, in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    [line] = [line for line in status.splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1]) / 1024
