"""Create Directmail, load its premises and serve them; with --check, try every filter."""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import cruft

from examples.build import EXAMPLES, build_example
from examples.installation import install

ROOT = EXAMPLES.parent
WORKSHOP = ROOT / "build"
COMMUNITY = "Barton St David"
RELEASE = "data/bduk_barton_st_david_2026-05.csv"
START_SECONDS = 30

COUNTS = {
    "": 266,
    "?communities=Barton%20St%20David": 266,
    "?communities=Nowhere": 0,
    "?rfs=true": 9,
    "?rfs_date_before=2029-09-30": 0,
    "?rfs_date_after=2029-09-30": 29,
    "?business=true": 4,
    "?bduk=true": 29,
    "?segments=S2": 29,
    "?segments=S1,S3": 237,
}
REFUSED = {
    "?rfs_date_before=30-09-2029": "rfs_date_before",
    "?rfs=maybe": "rfs",
    "?colour=red": "colour",
}


def main() -> int:
    """Run the demo; return the exit status."""
    parser = argparse.ArgumentParser(prog="nox -s demo --", description=__doc__)
    parser.add_argument("--check", action="store_true", help="request each filter, then stop")
    check = parser.parse_args().check
    service, python = prepare(WORKSHOP / ("check" if check else "demo"))
    port = free_port() if check else 8080
    with serving(service, python, port) as (address, server):
        if check:
            return check_filters(address)
        say(f"Swagger UI    {address}/ui/")
        say(f"A sample CSV  {address}/directmail-csv?rfs=true")
        say("Ctrl-C stops the service and its database.")
        with suppress(KeyboardInterrupt):
            return server.wait()
    return 0


def prepare(workshop: Path) -> tuple[Path, Path]:
    """Create Directmail with its environment and its data; return its folder and its Python."""
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    say("Creating Directmail from the last commit of the template ...")
    service = build_example("directmail", workshop, create_with_cruft)
    say("Installing what it needs ...")
    python = install(service, service / ".venv")
    say("Starting PostgreSQL, creating the tables and loading the premises ...")
    for arguments in (["alembic", "upgrade", "head"], ["app.bduk", RELEASE, COMMUNITY]):
        subprocess.run([python, "-m", *arguments], cwd=service, env=environment(), check=True)
    return service, python


def create_with_cruft(answers: dict[str, Any], destination: Path) -> Path:
    """Create a service as a developer does."""
    return cruft.create(str(ROOT), destination, extra_context=answers, no_input=True)


@contextmanager
def serving(
    service: Path, python: Path, port: int
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve until the block ends; give the address once the service is ready."""
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [python, "run.py"], cwd=service, env=environment() | {"HTTP_PORT": str(port)}
    )
    try:
        wait_until_ready(address, server)
        yield address, server
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
        server.wait(START_SECONDS)


def wait_until_ready(address: str, server: subprocess.Popen[bytes]) -> None:
    """Return when the service is ready; raise if it stops, or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the service stopped with exit status {server.returncode}")
        try:
            if get(f"{address}/readyz")[0] == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"the service is not ready after {START_SECONDS} seconds")


def check_filters(address: str) -> int:
    """Compare what each filter gives with what it must give; return the exit status."""
    failures = 0
    for query, wanted in COUNTS.items():
        status, body = get(f"{address}/directmail-csv{query}")
        found = len(body.splitlines()) - 1
        failures += tell(query, status == HTTPStatus.OK and found == wanted, f"{found} rows")
    for query, name in REFUSED.items():
        status, body = get(f"{address}/directmail-csv{query}")
        named = status == HTTPStatus.BAD_REQUEST and f"'{name}'" in json.loads(body)["detail"]
        failures += tell(query, named, f"{status}: {json.loads(body)['detail']}")
    say(f"{len(COUNTS) + len(REFUSED) - failures} of {len(COUNTS) + len(REFUSED)} as wanted")
    return 1 if failures else 0


def get(url: str) -> tuple[int, str]:
    """Request an address; return the status and the body, errors included."""
    try:
        with urllib.request.urlopen(url, timeout=START_SECONDS) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def tell(query: str, right: bool, found: str) -> int:
    """Print one line of the check; return 1 if it failed."""
    say(f"{'ok   ' if right else 'WRONG'} {query or 'no filter':40} {found}")
    return 0 if right else 1


def environment() -> dict[str, str]:
    """Return the environment of the service: ours, without what would redirect it."""
    return {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "ENVIRONMENT")}


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
