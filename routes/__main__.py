"""Print, for nginx, which of two services serves what: the new one, what its contract has."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from routes.contracts import Unreadable, read_operations
from routes.nginx import write_map


def main() -> int:
    """Print the table; return 1 where a contract cannot be read."""
    parser = argparse.ArgumentParser(prog="nox -s routes --", description=__doc__)
    parser.add_argument("old", type=Path, help="the contract of the old service")
    parser.add_argument("new", type=Path, help="the contract of the new one, which may be a part")
    arguments = parser.parse_args()
    try:
        sides = dict.fromkeys(read_operations(arguments.old), "old")
        sides |= dict.fromkeys(read_operations(arguments.new), "new")
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 1
    counts = Counter(sides.values())
    print(f"# Made by `nox -s routes`: {counts['new']} operations of the new service,")
    print(f"# {counts['old']} that only the old one has.")
    print(write_map(sides), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
