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
BEFORE = ["letters", "main", "export", "as_of_3_0"]
NAMES = ["letters", "main", "routes", "errors", *BEFORE[2:], "data_types", "api"]
NAMES += ["data_queries", "background"]
BLOCKS = dict(zip(NAMES, re.findall(r"```python\n(.*?)```", PAGE, re.S), strict=True))
SEEDS = ("tests/test_items.py", "app/data_queries.py", "app/api.py")
# It stands in a service, whose fixtures it uses.
ASKED = '''"""Both services are asked the same."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parent.parent / "before"))

import letters
from main import app as app_before

FIRST = Path("app/letters.py").exists()
PROBLEM = "application/problem+json"
NEW = {"to": "Ann"}
LETTER = {**NEW, "id": str(uuid4())}
TIMES = [{**NEW, "send_at": each} for each in ("2027-01-01 10:00", 0)]
TEXT = {"content": "to", "headers": {"Content-Type": "text/plain"}}
# A request, the status before, after the first step, and with the contract.
REQUESTS = [
    ("GET", "/letters", {}, 200, 200, 200),
    ("GET", "/letters?limit=0", {}, 422, 400, 400),
    ("GET", "/letters/none", {}, 422, 400, 400),
    ("GET", f"/letters/{uuid4()}", {}, 404, 404, 404),
    ("GET", f"/letters/{uuid4().hex}", {}, 404, 404, 400),
    ("DELETE", f"/letters/{uuid4()}", {}, 404, 404, 404),
    ("GET", "/letters?limt=5", {}, 200, 200, 400),
    ("GET", "/letters?limit=5&limit=6", {}, 200, 200, 400),
    *(("GET", f"/letters?urgent={each}", {}, 200, 200, 400) for each in ("1", "yes", "on")),
    ("GET", "/letters?urgent=true", {}, 200, 200, 200),
    ("GET", "/letters?limit=%2B5", {}, 200, 200, 400),
    ("GET", "/letters?limit=05", {}, 200, 200, 400),
    ("POST", "/letters", {"json": NEW}, 201, 201, 201),
    ("POST", "/letters", {"json": {"to": ""}}, 422, 400, 400),
    ("POST", "/letters", {"json": {**NEW, "stamp": None}}, 201, 201, 201),
    ("POST", "/letters", {"json": {**NEW, "stamp": {"cents": 0}}}, 422, 400, 400),
    ("POST", "/letters", {"json": {**NEW, "pages": "3"}}, 201, 201, 400),
    *(("POST", "/letters", {"json": each}, 201, 201, 400) for each in TIMES),
    ("POST", "/letters", {"json": {**NEW, "colour": "red"}}, 201, 201, 201),
    ("POST", "/letters", {"json": NEW, "headers": {"X-Sender": "Ann"}}, 409, 409, 409),
    ("POST", "/letters", TEXT, 422, 400, 415),
    ("PUT", "/letters", {}, 405, 405, 405),
    ("GET", "/docs", {}, 200, 404, 404),
    ("GET", "/redoc", {}, 200, 404, 404),
    ("GET", "/openapi.json", {}, 200, 200, 200),
]


@pytest.fixture
def before() -> Iterator[TestClient]:
    with TestClient(app_before, raise_server_exceptions=False) as asked:
        yield asked


@pytest.mark.parametrize(("method", "path", "what", "old", "first", "last"), REQUESTS)
def test_status(method, path, what, old, first, last, before, client) -> None:
    was, answer = (each.request(method, path, **what) for each in (before, client))

    assert (was.status_code, answer.status_code) == (old, first if FIRST else last)
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.json()["title"]
        assert isinstance(answer.json().get("detail", ""), str)
    if was.status_code == 422:
        assert isinstance(was.json()["detail"], list)
        assert answer.status_code == 415 or answer.json()["errors"]
    if was.status_code == answer.status_code == 409:
        assert was.json() == {"detail": answer.json()["detail"]}
    if was.status_code == 404 and "letters" in path:
        assert was.json() == {"error": "lost"}


def test_letters_are_kept_as_before(before, client, capsys) -> None:
    stamp = {"cents": 95, "country": "CY"}
    new = {**NEW, "pages": 2, "urgent": True, "send_at": "2027-01-01T10:00:00Z", "stamp": stamp}
    kept = []
    for each in (before, client):
        letter = each.post("/letters", json=new).json()
        assert each.get(f"/letters/{letter['id']}").json() == letter
        assert each.get("/letters?urgent=true").json() == [letter]
        assert each.get("/letters?urgent=false").json() == []
        bare = each.post("/letters", json=NEW).json()
        assert each.get(f"/letters/{bare['id']}").json()["send_at"] is None
        assert each.delete(f"/letters/{letter['id']}").status_code == 204
        kept.append([{**letter, "id": ""}, {**bare, "id": ""}])

    assert kept[0] == kept[1]
    assert "send_at" not in kept[1][1]
    assert "posted" in capsys.readouterr().out


def test_slash_at_the_end(before, client) -> None:
    answers = [each.get("/letters/", follow_redirects=False) for each in (before, client)]

    assert answers[0].status_code == 307
    assert answers[1].status_code == (404 if FIRST else 307)


def test_failure_that_nobody_expected(before, client, monkeypatch) -> None:
    module = "app.letters" if FIRST else "app.api"
    for name in ("letters", module):
        monkeypatch.setattr(f"{name}.uuid4", lambda: 1 / 0)

    was, answer = (each.post("/letters", json=NEW) for each in (before, client))

    assert (was.status_code, was.text) == (500, "Internal Server Error")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, PROBLEM)
    assert answer.json()["request_id"]


def test_document(client) -> None:
    paths = client.get("/openapi.json").json()["paths"]

    assert {"/letters", "/letters/{letter_id}"} <= paths.keys()
    assert "422" not in json.dumps(paths)


def test_names_and_number_of_the_document(before) -> None:
    other = FastAPI()
    other.include_router(letters.router)
    named = other.openapi()["paths"]["/letters/{letter_id}"]["get"]["operationId"]
    assert named == "get_letter_letters__letter_id__get"
    described = app_before.openapi()
    app_before.openapi_schema, app_before.openapi_version = None, "3.0.3"
    assert app_before.openapi() == {**described, "openapi": "3.0.3"}
'''
OF_HANDLERS = '''"""What holds of handlers."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from app import background, create_app
from fastapi import APIRouter

NEW = {"to": "Ann"}
LETTER = {**NEW, "id": str(uuid4())}


def test_nothing_is_taken_out_of_a_result(client, monkeypatch) -> None:
    monkeypatch.setattr("app.api.Letter.model_dump", lambda *_, **__: {**LETTER, "secret": 1})

    assert client.post("/letters", json=NEW).json()["secret"] == 1


def test_model_is_no_result(client, monkeypatch) -> None:
    monkeypatch.setattr("app.api.Letter.model_dump", lambda letter, **_: letter)

    assert client.post("/letters", json=NEW).status_code == 500


def test_background_is_waited_for(client, monkeypatch, capsys) -> None:
    async def work(fails: bool) -> None:
        await asyncio.sleep(0.01)
        done.append(fails)
        if fails:
            raise ValueError("no stamp")

    async def run_both() -> None:
        async with background.lifespan(None):
            background.begin(work(True))
            background.begin(work(False))
            assert not done

    done = []
    asyncio.run(run_both())

    assert sorted(done) == [False, True]
    assert "no stamp" in capsys.readouterr().out


def test_path_is_moved_whole(monkeypatch) -> None:
    async def burn() -> None: ...

    router = APIRouter()
    router.put("/letters/{letter_id}")(burn)
    monkeypatch.setattr("app.router", router)

    with pytest.raises(Exception, match="in app/routes.py: the contract has DELETE /letters/{let"):
        create_app()


def test_number_alone_does_not_make_a_contract_of_3_0(tmp_path) -> None:
    text = Path("api-spec.yml").read_text("utf-8")
    assert text.startswith("openapi: 3.")
    (tmp_path / "api-spec.yml").write_text(text.replace("openapi: 3.1.0", "openapi: 3.0.3", 1))

    if text.startswith("openapi: 3.0"):
        assert create_app(contract_file=tmp_path / "api-spec.yml")
    else:
        with pytest.raises(Exception, match="anyOf/1/type: it is not one of"):
            create_app(contract_file=tmp_path / "api-spec.yml")
'''
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
        (folder / "tests" / "test_asked.py").write_text(ASKED, "utf-8")
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

    (folder / "tests" / "test_handlers.py").write_text(OF_HANDLERS, "utf-8")
    check(folder, *CHECKS["suite"], "tests/test_asked.py", "tests/test_handlers.py")
    if version == "3.1":
        shutil.rmtree(folder / "before")
        for name in ("asked", "handlers"):
            (folder / "tests" / f"test_{name}.py").unlink()
        for name in ("lint", "format", "types", "floors"):
            check(folder, *CHECKS[name])
