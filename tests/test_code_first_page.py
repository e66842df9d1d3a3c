"""The way from FastAPI code-first works: the page's service is moved, and asked before and after."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from interpreters import OUR_PYTHON
from rendering import ROOT
from test_services import CHECKS, run

PAGE = (ROOT / "docs" / "migrating" / "fastapi.md").read_text("utf-8")
# They stand in a service, whose fixtures they use.
TESTS = ROOT / "tests" / "code_first"
BEFORE = ["letters", "main", "export", "as_of_3_0"]
NAMES = ["letters", "main", "routes", "errors", *BEFORE[2:], "data_types", "api"]
NAMES += ["data_queries", "background"]
BLOCKS = dict(zip(NAMES, re.findall(r"```python\n(.*?)```", PAGE, re.S), strict=True))
SEEDS = ("tests/test_items.py", "tests/test_item_pages.py", "app/data_queries.py", "app/api.py")
Make = Callable[..., Path]
Check = Callable[..., None]
LOST = 'class LetterLost(Exception):\n    """There is no such letter."""\n\n\n'


@pytest.fixture
def make(rendered: Callable[[str], Path], tmp_path: Path) -> Make:
    """Give the function that makes a service of blocks of the page, beside the one before."""

    def make_service(*blocks: str) -> Path:
        folder = shutil.copytree(rendered("fastapi"), tmp_path / "service")
        for seed in SEEDS:
            (folder / seed).unlink()
        (folder / "before").mkdir()
        for block in BEFORE:
            (folder / "before" / f"{block}.py").write_text(BLOCKS[block], "utf-8")
        for block in blocks:
            (folder / "app" / f"{block}.py").write_text(BLOCKS[block], "utf-8")
        shutil.copy(TESTS / "asked.py", folder / "tests" / "test_asked.py")
        return folder

    return make_service


@pytest.fixture
def check(
    environment: Callable[[Path, str], Path], service_variables: dict[str, str]
) -> Callable[..., None]:
    """Give the function that runs a command in a service."""

    def run_check(folder: Path, *command: str, cwd: str = "") -> None:
        run([*command], folder / cwd, environment(folder, OUR_PYTHON), service_variables)

    return run_check


def test_routers_are_taken_as_they_are(make: Make, check: Check) -> None:
    folder = make("letters", "routes", "errors")
    letters = folder / "app" / "letters.py"
    imports = "from app.errors import LetterLost\n"
    text = letters.read_text("utf-8")
    assert LOST in text
    letters.write_text(text.replace(LOST, "").replace("\n\n\nclass", f"\n\n{imports}\n\nclass", 1))
    head = 'openapi: 3.0.3\ninfo: {title: Letters, version: "1"}\npaths: {}\n'
    (folder / "api-spec.yml").write_text(head, "utf-8")

    for name in ("lint", "format"):
        check(folder, *CHECKS[name])
    check(folder, *CHECKS["suite"], "tests/test_asked.py")


def test_names_that_two_functions_share_are_told(make: Make, check: Check) -> None:
    folder = make()
    main = folder / "before" / "main.py"
    more = "import letters\n\napp.get('/all')(letters.list_letters)\n"
    main.write_text(f"{main.read_text('utf-8')}\n\n{more}", "utf-8")

    with pytest.raises(pytest.fail.Exception, match=r"of their own: app\.api\.list_letters"):
        check(folder, "python", "export.py", cwd="before")

    assert not (folder / "before" / "api-spec.yml").exists()


@pytest.mark.parametrize("version", ["3.1", "3.0"])
def test_contract_is_exported_and_served(version: str, make: Make, check: Check) -> None:
    folder = make("data_types", "errors", "api", "data_queries", "background")
    routes = (folder / "app" / "routes.py").read_text("utf-8")
    routes = routes.replace("APIRouter()", "APIRouter(lifespan=lifespan)").replace(
        "import APIRouter\n", "import APIRouter\n\nfrom app.background import lifespan\n"
    )
    (folder / "app" / "routes.py").write_text(routes, "utf-8")
    export = folder / "before" / "export.py"
    if version == "3.0":
        lines = export.read_text("utf-8").splitlines()
        lines.insert(-1, 'contract = as_of_3_0(contract) | {"openapi": "3.0.3"}')
        export.write_text("\n".join(["from as_of_3_0 import as_of_3_0", *lines, ""]), "utf-8")
    check(folder, "python", "export.py", cwd="before")
    contract = (folder / "before" / "api-spec.yml").read_text("utf-8")
    assert contract.startswith(f"openapi: {version}.")
    (folder / "api-spec.yml").write_text(contract, "utf-8")

    shutil.copy(TESTS / "handlers.py", folder / "tests" / "test_handlers.py")
    check(folder, *CHECKS["suite"], "tests/test_asked.py", "tests/test_handlers.py")
    if version == "3.1":
        shutil.rmtree(folder / "before")
        for name in ("asked", "handlers"):
            (folder / "tests" / f"test_{name}.py").unlink()
        for name in ("lint", "format", "types", "floors"):
            check(folder, *CHECKS[name])
