"""Create Directmail, load its premises, serve them, and work; --check tries every filter."""

import argparse
import json
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import cruft

from examples.build import EXAMPLES, build_example
from examples.installation import install
from examples.serving import ask, environment, free_port, get, require_free, serving

ROOT = EXAMPLES.parent
WORKSHOP = ROOT / "build"
PORT = 8080
COMMUNITY = "Barton St David"
RELEASE = "data/bduk_barton_st_david_2026-05.csv"

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
EXPORTED = "?rfs=true"
# In most runs an export takes less than its Retry-After.
EXPORT_SECONDS = 30


def main() -> int:
    """Run the demo; return the exit status."""
    parser = argparse.ArgumentParser(prog="nox -s demo --", description=__doc__)
    parser.add_argument("--check", action="store_true", help="request each filter, then stop")
    check = parser.parse_args().check
    port = free_port() if check else PORT
    require_free(port)
    service, python = prepare(WORKSHOP / ("check" if check else "demo"))
    # The table of the check is easier to read without a line of log for each request.
    variables = environment() | ({"LOG_LEVEL": "WARNING"} if check else {})
    with serving(service, python, port, variables) as (address, server):
        token = issue_token(service, python)
        # It may be ready a moment later, and would log that it is not.
        with serving(
            service, python, free_port(), variables, probe="/healthz", script="work.py"
        ) as (_, worker):
            if not check:
                return show(address, token, server)
            results = [*check_filters(address, token), *check_export(address, token)]
        results.append(tell("SIGTERM to the worker", not worker.returncode, "it stopped"))
    say(f"{sum(results)} of {len(results)} as wanted")
    return 0 if all(results) else 1


def show(address: str, token: str, server: subprocess.Popen[bytes]) -> int:
    """Say what there is to try, and wait for the end; return the exit status."""
    say(f"The page      {address}/page/")
    say(f"Swagger UI    {address}/ui/")
    say("A token       for both, of this machine and good for twelve hours:")
    say(token)
    say("A sample CSV  with the token:")
    say(f"curl --header 'Authorization: Bearer {token}' '{address}/directmail-csv{EXPORTED}'")
    say("Ctrl-C stops the service, its worker and its database.")
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
    return Path(cruft.create(str(ROOT), destination, extra_context=answers, no_input=True))


def issue_token(service: Path, python: Path) -> str:
    """Return a token that the service accepts in development."""
    command = [str(python), "-m", "development.tokens", "--role", "directmail.read"]
    result = subprocess.run(command, cwd=service, check=True, capture_output=True, text=True)
    return result.stdout.strip()


def check_filters(address: str, token: str) -> list[bool]:
    """Compare what each filter gives with what it must give; return which are as wanted."""
    status, _ = get(f"{address}/directmail-csv")
    results = [tell("no token", status == HTTPStatus.UNAUTHORIZED, str(status))]
    for query, wanted in COUNTS.items():
        status, body = get(f"{address}/directmail-csv{query}", token)
        found = len(body.splitlines()) - 1
        results.append(tell(query, status == HTTPStatus.OK and found == wanted, f"{found} rows"))
    for query, name in REFUSED.items():
        status, body = get(f"{address}/directmail-csv{query}", token)
        named = status == HTTPStatus.BAD_REQUEST and f"'{name}'" in json.loads(body)["detail"]
        results.append(tell(query, named, f"{status}: {json.loads(body)['detail']}"))
    return results


def check_export(address: str, token: str) -> list[bool]:
    """Have the worker write a file, wait as long as the service says, and fetch it."""
    collection = f"{address}/directmail-exports"
    status, headers, body = ask("POST", collection + EXPORTED, token)
    if status != HTTPStatus.ACCEPTED:
        return [tell("export started", False, f"{status}: {body}")]
    export = urljoin(collection, headers["Location"])
    results = [tell("export started", True, f"{status}, {json.loads(body)['state']}")]
    deadline = time.monotonic() + EXPORT_SECONDS
    while "Retry-After" in headers and time.monotonic() < deadline:
        time.sleep(float(headers["Retry-After"]))
        status, headers, body = ask("GET", export, token)
    state = json.loads(body).get("state")
    results.append(tell("export written by the worker", state == "done", f"{status}, {state}"))
    status, body = get(f"{export}/file", token)
    found = len(body.splitlines()) - 1
    results.append(tell("its file", found == COUNTS[EXPORTED], f"{found} rows"))
    return results


def tell(query: str, right: bool, found: str) -> bool:
    """Print one line of the check; return whether it is right."""
    say(f"{'ok   ' if right else 'WRONG'} {query or 'no filter':40} {found}")
    return right


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"The demo stops: {error}.")
