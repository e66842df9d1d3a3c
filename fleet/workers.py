"""Services done side by side, in as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import TypeVar

from fleet.rehearsal import Row, rehearse
from fleet.services import Listed
from updates.template import Template

Outcome = TypeVar("Outcome")
THEIRS, BRANCHES = "refs/remotes/origin/*", "refs/remotes/*"


@cache
def open_template(clone: Path, url: str) -> Template:
    """Return the template in the clone that all processes share, as their renders."""
    return Template(url, clone, clone.with_name("renders"), shared=True)


def clone_template(url: str, clone: Path) -> None:
    """Clone the template, and what it knows of the branches of its own remote.

    A checkout, as that of a pipeline, may have no others; git finds them by their plain names.
    """
    open_template(clone, url).git("fetch", "--quiet", "origin", f"{THEIRS}:{BRANCHES}")


def rehearse_here(listed: Listed, clone: Path, url: str, verify: float | None) -> Row:
    """Rehearse the update of a service in this process."""
    return rehearse(listed, open_template(clone, url), verify)


def keep_stdout_clean() -> None:
    """Send what hooks and libraries may print to stderr: stdout is the report's alone."""
    os.dup2(sys.stderr.fileno(), 1)


def spread(
    work: Callable[[Listed], Outcome],
    services: Sequence[Listed],
    lost: Callable[[Listed, Exception], Outcome],
    tell: Callable[[int, Outcome], None],
) -> list[Outcome]:
    """Do the work for all services; return the outcomes in their order.

    ``tell`` hears of each when it is done, and ``lost`` makes the outcome where a process died.
    """
    # Not forked: what this process has open stays out of the workers.
    context = multiprocessing.get_context("spawn")
    workers = max(1, min(os.cpu_count() or 1, len(services)))
    outcomes = {}
    with ProcessPoolExecutor(workers, context, keep_stdout_clean) as pool:
        futures = {pool.submit(work, service): service for service in services}
        for number, future in enumerate(as_completed(futures), start=1):
            service, error = futures[future], future.exception()
            if isinstance(error, Exception):
                outcomes[service] = lost(service, error)
            else:
                outcomes[service] = future.result()
            tell(number, outcomes[service])
    return [outcomes[service] for service in services]
