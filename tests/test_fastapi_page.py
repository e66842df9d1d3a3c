"""What the page on FastAPI shows works: its code is put into a service, and its tests run there."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from interpreters import OUR_PYTHON
from rendering import ROOT
from test_services import CHECKS, run

PAGE = ROOT / "docs" / "fastapi.md"
FILES = ("app/routes.py", "tests/test_routes.py")


def test_code_of_the_page_works_in_a_service(
    rendered: Callable[[str], Path],
    environment: Callable[[Path, str], Path],
    service_variables: dict[str, str],
    tmp_path: Path,
) -> None:
    folder = shutil.copytree(rendered("fastapi-database-csv_export-auth"), tmp_path / "service")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    for path, block in zip(FILES, blocks, strict=True):
        (folder / path).write_text(block, "utf-8")
    place = environment(folder, OUR_PYTHON)

    for check in ("lint", "format", "floors"):
        run(CHECKS[check], folder, place, service_variables)
    run([*CHECKS["suite"], FILES[1]], folder, place, service_variables)
