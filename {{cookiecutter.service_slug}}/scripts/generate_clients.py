# /// script
# requires-python = ">=3.11"
# dependencies = ["openapi-python-client==0.29.1", "ruff==0.17.6"]
# ///
"""Generate the clients of other services that client-gen-config.json names, into app/clients/."""

import argparse
import difflib
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from clients.contracts import Contract, fetch, read_kept, to_text
from clients.generating import generate
from clients.refusals import Refused
from clients.settings import CONFIG, Service, read_settings
from openapi_python_client.config import ConfigFile

PROJECT = Path(__file__).parent.parent
CLIENTS = PROJECT / "app" / "clients"
SHOWN_LINES = 40


def main() -> int:
    """Generate or check; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--refresh", action="store_true", help="fetch the contracts anew")
    check = "write nothing; fail if what is there is not what would be written"
    parser.add_argument("--check", action="store_true", help=check)
    arguments = parser.parse_args()
    try:
        services, options = read_settings(PROJECT)
        with tempfile.TemporaryDirectory() as folder:
            contracts = [choose(each, options, arguments.refresh) for each in services]
            if arguments.check and arguments.refresh:
                return tell_changes(services, contracts)
            for service, contract in zip(services, contracts, strict=True):
                for left_out in generate(
                    service.name, contract, options, Path(folder, service.name)
                ):
                    print(f"{service.name}: {left_out}", file=sys.stderr)
            if arguments.check:
                return tell_drift(services, Path(folder))
            for service, contract in zip(services, contracts, strict=True):
                put(service, contract, Path(folder, service.name))
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    if services and not needs_nothing():
        print("The clients want attrs: run `uv add attrs`.", file=sys.stderr)
    return 0


def kept(service: Service) -> Path:
    """Return the file that has the contract that the client was made of."""
    return CLIENTS / f"{service.name}.json"


def choose(service: Service, options: ConfigFile, is_new: bool) -> Contract:
    """Return the contract that is kept, or else, or if a new one is wanted, fetch it."""
    if (CLIENTS / service.name).exists() and not kept(service).exists():
        raise Refused(
            f"app/clients/{service.name} is there already, and was not made by this script: "
            "remove it, and try again."
        )
    if is_new or not kept(service).exists():
        return fetch(service, PROJECT, options.http_timeout)
    return read_kept(kept(service))


def put(service: Service, contract: Contract, made: Path) -> None:
    """Put the client and its contract in their places, the client as a whole."""
    place = CLIENTS / service.name
    if contents(made) != contents(place):
        aside = Path(tempfile.mkdtemp(prefix=".", dir=CLIENTS))
        try:
            shutil.copytree(made, aside / "new")
            if place.exists():
                place.replace(aside / "old")
            (aside / "new").replace(place)
        finally:
            shutil.rmtree(aside)
    kept(service).write_text(to_text(contract), "utf-8")


def tell_drift(services: list[Service], made: Path) -> int:
    """Say which clients are not what their contracts make; return the exit status."""
    faults = []
    for service in services:
        if not kept(service).exists():
            faults.append(f"app/clients/{service.name} is not there")
        elif contents(made / service.name) != contents(CLIENTS / service.name):
            faults.append(f"app/clients/{service.name} is not what its contract makes")
        elif not service.is_remote and fetch(service, PROJECT) != read_kept(kept(service)):
            faults.append(f"{service.contract} is not what app/clients/{service.name}.json has")
    names = {service.name for service in services}
    faults += [
        f"app/clients/{each.stem} is of no service in {CONFIG}: remove it, and its .json"
        for each in sorted(CLIENTS.glob("*.json"))
        if each.stem not in names
    ]
    for fault in faults:
        print(f"{fault}.", file=sys.stderr)
    if faults:
        print(
            "Run uv run scripts/generate_clients.py, with --refresh for the contracts too.",
            file=sys.stderr,
        )
    return 1 if faults else 0


def tell_changes(services: list[Service], contracts: list[Contract]) -> int:
    """Say which contracts are no longer what the clients were made of; return the exit status."""
    status = 0
    for service, contract in zip(services, contracts, strict=True):
        before = to_text(read_kept(kept(service))) if kept(service).exists() else ""
        after = to_text(contract)
        if before != after:
            status = 1
            both = (before.splitlines(), after.splitlines(), f"{service.name}.json")
            lines = [*difflib.unified_diff(*both, service.contract, n=1, lineterm="")]
            print(*lines[:SHOWN_LINES], sep="\n")
            if len(lines) > SHOWN_LINES:
                print(f"… and {len(lines) - SHOWN_LINES} lines more")
            print(f"{service.name}: the contract has changed.", file=sys.stderr)
    return status


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a client."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def needs_nothing() -> bool:
    """Tell whether the service asks for what its clients import."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    return any(each.startswith("attrs") for each in project["project"]["dependencies"])


if __name__ == "__main__":
    sys.exit(main())
