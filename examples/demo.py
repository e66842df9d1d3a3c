"""Create Directmail, load its premises and serve them; with --check, try every filter."""

import argparse
import json
import shutil
import subprocess
import sys
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import cruft

from examples.build import EXAMPLES, build_example
from examples.installation import install
from examples.serving import environment, free_port, get, require_free, serving

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
        if check:
            return check_filters(address, token)
        say(f"Swagger UI    {address}/ui/")
        say("A token       for its button Authorize, of this machine and good for twelve hours:")
        say(token)
        say("A sample CSV  with the token:")
        say(f"curl --header 'Authorization: Bearer {token}' '{address}/directmail-csv?rfs=true'")
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
    return Path(cruft.create(str(ROOT), destination, extra_context=answers, no_input=True))


def issue_token(service: Path, python: Path) -> str:
    """Return a token that the service accepts in development."""
    command = [str(python), "-m", "development.tokens", "--role", "directmail.read"]
    result = subprocess.run(command, cwd=service, check=True, capture_output=True, text=True)
    return result.stdout.strip()


def check_filters(address: str, token: str) -> int:
    """Compare what each filter gives with what it must give; return the exit status."""
    status, _ = get(f"{address}/directmail-csv")
    failures = tell("no token", status == HTTPStatus.UNAUTHORIZED, str(status))
    for query, wanted in COUNTS.items():
        status, body = get(f"{address}/directmail-csv{query}", token)
        found = len(body.splitlines()) - 1
        failures += tell(query, status == HTTPStatus.OK and found == wanted, f"{found} rows")
    for query, name in REFUSED.items():
        status, body = get(f"{address}/directmail-csv{query}", token)
        named = status == HTTPStatus.BAD_REQUEST and f"'{name}'" in json.loads(body)["detail"]
        failures += tell(query, named, f"{status}: {json.loads(body)['detail']}")
    checks = 1 + len(COUNTS) + len(REFUSED)
    say(f"{checks - failures} of {checks} as wanted")
    return 1 if failures else 0


def tell(query: str, right: bool, found: str) -> int:
    """Print one line of the check; return 1 if it failed."""
    say(f"{'ok   ' if right else 'WRONG'} {query or 'no filter':40} {found}")
    return 0 if right else 1


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        sys.exit(f"The demo stops: {error}.")
