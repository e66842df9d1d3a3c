"""The words of the command line, which never change: launchers hand them on."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from updates.branch import CHECKS

DONE, FAILED, CONFLICTS = 0, 1, 2
DESCRIPTION = """Bring the changes of the template into this service.

It works on a branch of its own, and merges three trees by git: the service, the template as the
service last had it, and the template as it is now. Exit status: 0 done or nothing to do, 1 refused,
failed or (--check) behind, 2 conflicts, which stand in the files.
"""


class Parser(argparse.ArgumentParser):
    """A parser whose own exit status is not that of a conflict."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and exit."""
        self.exit(FAILED, f"{self.format_usage()}{message}\n")


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments; exit if they do not go together."""
    parser = Parser(
        prog="update_from_template.py",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--to", metavar="VERSION", help="a release, or a branch or commit; the newest release")
    add("--check", action="store_true", help="only tell what is new: 0 if nothing is, else 1")
    add("--answers", nargs="+", default=[], metavar="NAME=VALUE", help="change answers instead")
    add("--diff", action="store_true", help="show what an update would do, and touch nothing")
    add("--drift", action="store_true", help="tell which files of the template are changed here")
    add("--json", action="store_true", help="of --drift, for machines")
    add("--no-check", action="store_true", help=f"do not run {CHECKS}")
    add("--finish", action="store_true", help="check and commit an update that was left to you")
    add("--push", action="store_true", help="push the branch, and open a merge request on GitLab")
    add("--adopt", metavar="URL", help="link a service; finds --to and --answers")
    arguments = parser.parse_args(argv)
    if arguments.to and arguments.answers and not arguments.adopt:
        parser.error("--answers changes answers on the same version: use --to in a run of its own")
    others = (arguments.check, arguments.push, arguments.adopt, arguments.diff, arguments.drift)
    if arguments.finish and any((arguments.to, arguments.answers, *others)):
        parser.error("--finish goes with --no-check alone")
    if arguments.json and not arguments.drift:
        parser.error("--json goes with --drift alone")
    if arguments.drift and any(
        (arguments.to, arguments.check, arguments.answers, arguments.push, arguments.diff)
    ):
        parser.error("--drift goes with --json alone")
    if arguments.diff and (arguments.check or arguments.push):
        parser.error("--diff goes with --to or --answers alone")
    if arguments.adopt and (arguments.diff or arguments.drift):
        parser.error("--adopt goes with --to and --answers alone")
    if arguments.adopt and (arguments.check or arguments.push):
        parser.error("--adopt goes with --to and --answers alone")
    return arguments
