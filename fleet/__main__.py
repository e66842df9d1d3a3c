"""Show the services that cruft.json lists and rehearse their updates, or update them."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fleet.learning import learn_here
from fleet.processes import ROOT, run_unattended
from fleet.rehearsal import FAILED, Row, explain
from fleet.services import Listed, Wrong, locate, read_services
from fleet.table import draw_results, draw_rows, sum_up, write_json
from fleet.updates import Result, update
from fleet.workers import clone_template, rehearse_here, spread
from updates.commands import Refused, redact
from updates.resolutions import VARIABLE

GOOD, BAD, REFUSED = 0, 1, 2


def parse() -> argparse.Namespace:
    """Parse the arguments."""
    parser = argparse.ArgumentParser(prog="nox -s fleet --", description=__doc__)
    add = parser.add_argument
    add("command", nargs="?", choices=("rehearse", "update"), default="rehearse")
    add("--json", action="store_true", help="an array of objects on stdout, for machines")
    add("--verify", action="store_true", help="also run the checks of the services, once merged")
    add("--no-check", action="store_true", help="update without running the checks before")
    add(
        "--suite-timeout",
        metavar="SECONDS",
        type=float,
        default=1800.0,
        help="cut checks that take longer (and updates): 1800",
    )
    add(
        "--resolutions",
        metavar="FOLDER",
        type=Path,
        help="keep there how services resolved conflicts, and offer it to the others",
    )
    add("--template", metavar="URL", default=str(ROOT), help="rehearse with another one than this")
    add("--services", metavar="FILE", type=Path, default=ROOT / "cruft.json")
    arguments = parser.parse_args()
    if arguments.verify and arguments.command == "update":
        parser.error("--verify is of the rehearsal: an update runs the checks by itself")
    if arguments.no_check and arguments.command == "rehearse":
        parser.error("--no-check is of the update: a rehearsal runs no checks without --verify")
    return arguments


def rehearse_all(services: Sequence[Listed], template: str, verify: float | None) -> list[Row]:
    """Rehearse the updates of all services, with one download of the template.

    With a number of seconds, their checks run so long at most.
    """
    with tempfile.TemporaryDirectory(prefix="fleet-") as scratch:
        clone, url = Path(scratch, "template.git"), locate(template, Path.cwd())
        clone_template(url, clone)
        work = partial(rehearse_here, clone=clone, url=url, verify=verify)

        def lose(service: Listed, error: Exception) -> Row:
            return Row(service.name, service.channel, merge=FAILED, problem=explain(error))

        def tell(number: int, row: Row) -> None:
            said = ", ".join(part for part in (row.merge, row.suite, row.problem) if part)
            report(f"[{number}/{len(services)}] {row.service}: {said}", row.output)

        return spread(work, services, lose, tell)


def update_all(services: Sequence[Listed], check: bool, seconds: float) -> list[Result]:
    """Update all services, each in so many seconds."""

    def lose(service: Listed, error: Exception) -> Result:
        return Result(service.name, service.channel, result=FAILED, problem=explain(error))

    def tell(number: int, result: Result) -> None:
        report(f"[{number}/{len(services)}] {result.service}: {sum_up(result)}", result.output)

    return spread(partial(update, check=check, seconds=seconds), services, lose, tell)


def learn_all(services: Sequence[Listed], template: str, cache: Path) -> None:
    """Keep what all services made of the conflicts of their last updates."""
    with tempfile.TemporaryDirectory(prefix="fleet-") as scratch:
        clone, url = Path(scratch, "template.git"), locate(template, Path.cwd())
        clone_template(url, clone)
        work = partial(learn_here, template=clone, url=url, cache=cache)
        problems = spread(work, services, lambda _, error: explain(error), lambda *_: None)
    for service, problem in zip(services, problems, strict=True):
        if problem:
            report(f"{service.name}: nothing is learnt from it: {problem}")


def report(line: str, output: str = "") -> None:
    """Print how far it is, and what a service printed, beside the report."""
    indented = "".join(f"    {each}\n" for each in output.splitlines())
    print(f"{line}\n{indented}", end="", file=sys.stderr, flush=True)


def main() -> int:
    """Do what the arguments say; return the exit status."""
    arguments = parse()
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    run_unattended()
    seconds: float = arguments.suite_timeout
    outcomes: list[Row] | list[Result]
    try:
        services = read_services(arguments.services)
        if arguments.resolutions:
            cache = arguments.resolutions.resolve()
            learn_all(services, arguments.template, cache)
            os.environ[VARIABLE] = str(cache)
        if arguments.command == "update":
            outcomes = update_all(services, not arguments.no_check, seconds)
            text = draw_results(outcomes)
        else:
            verify = seconds if arguments.verify else None
            outcomes = rehearse_all(services, arguments.template, verify)
            text = draw_rows(outcomes, arguments.verify)
    except (Wrong, Refused) as error:
        print(redact(str(error)), file=sys.stderr)
        return REFUSED
    if not services:
        report(f"{arguments.services} lists no services.")
    if arguments.json:
        text = write_json(outcomes)
    print(text)
    return GOOD if all(outcome.good for outcome in outcomes) else BAD


if __name__ == "__main__":
    sys.exit(main())
