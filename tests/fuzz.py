"""Send every service thousands of requests that are made of its contract: ``nox -s fuzz``."""

from __future__ import annotations

import argparse
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from threading import Lock

import yaml
from rendering import COMBINATIONS, render

from examples.build import EXAMPLES, build_example

NAMES = [*COMBINATIONS, *(path.parent.name for path in EXAMPLES.glob("*/answers.json"))]
TEST = "tests/standard/test_contract_fuzz.py"
# It changes the current folder.
RENDERING = Lock()
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


@dataclass(frozen=True)
class Outcome:
    """What came of one service."""

    name: str
    cases: int
    seconds: float
    # What the test printed, where it found something.
    faults: str


def main() -> int:
    """Fuzz the services that are named, two at a time; return 1 if one has a fault."""
    parser = argparse.ArgumentParser(prog="nox -s fuzz --", description=__doc__)
    parser.add_argument("names", nargs="*", default=["*"], help="names, with * and ?")
    parser.add_argument("--cases", type=int, default=2000, help="how many, or some more")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311  (it is printed)
    arguments = parser.parse_args()
    chosen = [name for name in NAMES if any(fnmatch(name, each) for each in arguments.names)]
    if not chosen:
        parser.error(f"there is no such name; there are {', '.join(NAMES)}")

    print(f"seed {arguments.seed}", flush=True)
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:

        def work(name: str) -> Outcome:
            return fuzz(name, Path(scratch, name), arguments.cases, arguments.seed)

        for outcome in pool.map(work, chosen):
            outcomes.append(outcome)
            verdict = "faults" if outcome.faults else "none"
            row = f"{outcome.cases:6} cases {outcome.seconds:6.0f} s  {verdict:8}{outcome.name}"
            print(f"{row}\n{outcome.faults}".rstrip(), flush=True)
    print(f"{sum(each.cases for each in outcomes):6} cases in {len(outcomes)} services")
    return int(any(each.faults for each in outcomes))


def fuzz(name: str, place: Path, cases: int, seed: int) -> Outcome:
    """Render a service, and run its test with so many cases."""
    place.mkdir()
    with RENDERING:
        if name in COMBINATIONS:
            service = render(COMBINATIONS[name], place)
        else:
            service = build_example(name, place, render)
    begun, counted, faults = time.monotonic(), 0, ""
    # How many cases come of a share depends on the contract.
    while counted < cases and not faults:
        ask_for(service, cases - counted, seed)
        more, faults = run(service)
        counted, seed = counted + more, seed + 1
    return Outcome(name, counted, time.monotonic() - begun, faults)


def run(service: Path) -> tuple[int, str]:
    """Run the test of a service; return how many cases it had, and its output if it failed."""
    # What it prints shall be read.
    options = ("--quiet", "--capture=no", "-p", "no:cacheprovider")
    others = ("DATABASE_URL", "TEST_DATABASE_URL")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *options, TEST],
        cwd=service,
        env={key: value for key, value in os.environ.items() if key not in others},
        text=True,
        capture_output=True,
    )
    found = re.search(r"^(\d+) cases$", result.stdout, re.MULTILINE)
    printed = result.stdout + result.stderr if result.returncode or not found else ""
    return int(found[1]) if found else 0, printed


def ask_for(service: Path, cases: int, seed: int) -> None:
    """Have the service's test send about so many, by chance: each operation gets its share."""
    contract = yaml.safe_load((service / "api-spec.yml").read_text("utf-8"))
    operations = sum(len(METHODS & path.keys()) for path in contract["paths"].values())
    # It makes as many right ones as wrong ones; bounds and links add theirs.
    share = f"max-examples = {math.ceil(cases / operations / 3)}"
    file = service / "tests" / "schemathesis.toml"
    text = re.sub(r"^(seed|deterministic) = .*\n", "", file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(f"seed = {seed}\n" + re.sub("max-examples = .*", share, text), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
