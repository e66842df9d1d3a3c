"""Services as people have them go through all releases, in steps and at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from git import Repo
from interpreters import OUR_PYTHON
from rendering import COMBINATIONS
from test_services import CHECKS
from test_services import run as run_check

from updating import team
from updating.conftest import RELEASES
from updating.living import NOW, Create, branch, files, status
from updating.services import hotfixed, neighbours, reformatted

OLDEST, *LATER = RELEASES
STEPS = [*(f"v{version}" for version in LATER), NOW]
SERVICES = {
    "reformatted": reformatted,
    "hot-fixed": hotfixed,
    "monorepo": neighbours,
}


@pytest.mark.parametrize("name", SERVICES)
def test_living_service_goes_through_all_releases(
    name: str,
    create: Create,
    run_counted: Callable[..., int],
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
) -> None:
    import time
    living = SERVICES[name]
    t = time.time()
    folder, kept = living.settle(create(RELEASES[OLDEST], **COMBINATIONS[living.COMBINATION]))
    print("created", time.time() - t)

    def check(only=CHECKS) -> None:
        for command in only:
            t = time.time()
            try:
                run_check(CHECKS[command], folder, environment(folder, OUR_PYTHON), service_variables)
            except BaseException as e:
                print("FAILED", e)
            print(command, time.time() - t)

    check()
    for version in STEPS:
        t = time.time()
        print(version, run_counted(folder, "--to", version), time.time() - t)
        print(status(folder), team.lost(folder, kept))
        check()
        if status(folder): break
    assert 0
