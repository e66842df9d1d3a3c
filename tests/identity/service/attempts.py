# It runs in a service, where its imports are.
# mypy: ignore-errors
"""Start the service again and again, as ``run.py`` does, in copies of one process.

The attempts come as JSON; each has the variables and the contract that it is made with, and
must end by itself. What it printed and its exit status are printed, as JSON.
"""

import json
import os
import signal
import sys
import tempfile
from pathlib import Path

import run

BOUND = 20
CONTRACT = Path("api-spec.yml")


def attempt(variables, contract):
    """Start in a copy of this process; return what it printed, and its exit status."""
    CONTRACT.write_text(contract, "utf-8")
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if not child:
            signal.alarm(BOUND)
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            os.environ.update(variables)
            run.main()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return [output.read().decode(), os.waitstatus_to_exitcode(status)]


def main():
    """Make all attempts."""
    print(json.dumps([attempt(*one) for one in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
