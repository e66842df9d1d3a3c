"""Render every combination of answers, and check the code that is written."""

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rendering import MODULES, QUESTIONS, render

CHECKS = (["check", "--quiet"], ["format", "--check", "--quiet"])


def every_combination() -> Iterator[dict[str, str | bool]]:
    """Give each framework with each choice of modules and queue, with the sample and without.

    Pipelines, deployments and clients bring files, and change little in others: they take turns.
    """
    both = [False, True]
    turns = itertools.cycle(itertools.product(both, QUESTIONS["deploy"], QUESTIONS["ci"], both))
    names = [name for name in MODULES if name not in ("use_clients", "use_typescript_client")]
    for framework, *chosen in itertools.product(QUESTIONS["framework"], *[both] * len(names)):
        modules = dict(zip(names, chosen, strict=True))
        for queue in queues_beside(modules):
            clients, deploy, ci, typescript = next(turns)
            taken = {
                "queue": queue,
                "deploy": deploy,
                "ci": ci,
                "use_clients": clients,
                "use_typescript_client": typescript,
            }
            for sample in QUESTIONS["sample"]:
                yield {"framework": framework, **modules, **taken, "sample": sample}


def queues_beside(modules: dict[str, bool]) -> list[str]:
    """Return the queues that a service with these modules can have."""
    if not modules["use_worker"]:
        return ["pgqueuer"]
    return QUESTIONS["queue"] if modules["use_database"] else ["celery"]


def main() -> int:
    """Render all, and run the linter and the formatter over them; return 1 if one complains."""
    with tempfile.TemporaryDirectory() as scratch:
        for number, answers in enumerate(every_combination(), 1):
            place = Path(scratch, str(number))
            place.mkdir()
            has_sample = answers["sample"] == "items"
            render(answers, place, with_tests_of_the_standard=has_sample)
            print(f"{number:4}  " + " ".join(f"{k}={v}" for k, v in answers.items()), flush=True)
        found = [
            subprocess.run([sys.executable, "-m", "ruff", *check, "--no-cache"], cwd=scratch)
            for check in CHECKS
        ]
    return int(any(each.returncode for each in found))


if __name__ == "__main__":
    sys.exit(main())
