"""Make a new service of this template from one on Connexion 2 or Flask, which stays as it is."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from migrate.migration import Wanted, migrate
from migrate.report import sum_up
from updates.commands import Refused, redact

ROOT = Path(__file__).parent.parent
GOOD, REFUSED = 0, 2


def parse(given: Sequence[str] | None) -> argparse.Namespace:
    """Parse the arguments, of the command line or those that are given."""
    parser = argparse.ArgumentParser(prog="nox -s migrate --", description=__doc__)
    add = parser.add_argument
    add("path", metavar="PATH", type=Path, help="the folder of the service that shall move")
    # Without a default, they would be said to be required.
    answers = "answers to the template's questions"
    add("answers", metavar="NAME=VALUE", nargs="*", default=[], help=answers)
    add("--to", metavar="FOLDER", type=Path, help="the new folder: PATH-migrated")
    add("--contract", metavar="FILE", type=Path, help="the contract, where it is not found")
    add("--json", action="store_true", help="the report as an object on stdout, for machines")
    add("--template", metavar="URL", default=str(ROOT), help="of another one than this")
    arguments = parser.parse_intermixed_args(given)
    for each in arguments.answers:
        if "=" not in each:
            parser.error(f"an answer is NAME=VALUE, as framework=async; not {each}")
    return arguments


def main(given: Sequence[str] | None = None) -> int:
    """Do what the arguments say; return the exit status."""
    arguments = parse(given)
    path = arguments.path.resolve()
    destination = arguments.to or path.with_name(f"{path.name}-migrated")
    answers = dict(each.split("=", 1) for each in arguments.answers)
    contract = arguments.contract and arguments.contract.resolve()
    wanted = Wanted(path, destination.resolve(), answers, contract, arguments.template)
    try:
        report = migrate(wanted)
    except Refused as error:
        print(redact(str(error)), file=sys.stderr)
        return REFUSED
    if arguments.json:
        print(json.dumps(asdict(report), indent=2))
        return GOOD
    print(f"{destination}\n{sum_up(report)}")
    for where, what in report.marks:
        print(f"  {where}: {what}")
    for warning in report.warnings:
        print(warning)
    print(f"{destination / 'MIGRATION.md'} has the whole report.")
    return GOOD


if __name__ == "__main__":
    sys.exit(main())
