"""Print, for nginx or Traefik, which of two services serves what: the new one, what it has."""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path

from routes.contracts import Unreadable, read_operations
from routes.nginx import write_map
from routes.table import make_table
from routes.traefik import write_configuration

ADDRESS = re.compile(r"https?://[\w.:\[\]-]+")


def main() -> int:
    """Print the table; return 1 where a contract cannot be read."""
    parser = argparse.ArgumentParser(prog="nox -s routes --", description=__doc__)
    parser.add_argument("old", type=Path, help="the contract of the old service")
    parser.add_argument("new", type=Path, help="the contract of the new one, which may be a part")
    parser.add_argument(
        "--traefik",
        nargs=2,
        type=_address,
        metavar=("OLD_URL", "NEW_URL"),
        help="print it for Traefik, with the addresses of both services",
    )
    arguments = parser.parse_args()
    try:
        table = make_table(read_operations(arguments.old), read_operations(arguments.new))
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 1
    counts = Counter(row.side for row in table)
    print(f"# Made by `nox -s routes`: {counts['new']} operations of the new service,")
    print(f"# {counts['old']} that only the old one has.")
    if arguments.traefik:
        addresses = dict(zip(("old", "new"), arguments.traefik, strict=True))
        print(write_configuration(table, addresses), end="")
    else:
        print(write_map(table), end="")
    return 0


def _address(text: str) -> str:
    # Traefik takes a path too, and leaves it out of what it asks.
    if not ADDRESS.fullmatch(text):
        raise argparse.ArgumentTypeError("an address as http://127.0.0.1:5000 is wanted, no path")
    return text


if __name__ == "__main__":
    sys.exit(main())
