"""What the tool makes of whole services: they are clean, and answer as the old ones did."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration_tool.conftest import SERVICES, Migrated, Run

ASKING = Path(__file__).with_name("asking.py")
UUID = "6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a01"
REX = {"id": 1, "name": "Rex", "tag": None}
ANN = {"id": "1", "sender": "Ann", "sent": "2026-11-29"}
HALTED = (500, {"title": "Internal Server Error"})

# What is asked, and what the old service answered; of an object, what of it counts.
ASKED: dict[str, list[tuple[str, str, dict[str, Any], tuple[int, Any]]]] = {
    "pets": [
        ("GET", "/v1/pets", {}, (200, [REX])),
        ("GET", "/v1/pets?limit=0", {}, (200, [])),
        ("GET", "/v1/pets?tags=a,b", {}, (200, [])),
        ("GET", "/v1/pets?limit=many", {}, (400, {"status": 400})),
        ("GET", "/v1/pets/1", {}, (200, REX)),
        ("GET", "/v1/pets/2", {}, (404, {"detail": "There is no such pet."})),
        ("POST", "/v1/pets", {"json": {"name": "Tom"}}, (400, {"status": 400})),
        (
            *("POST", "/v1/pets"),
            {"json": {"name": "Rex"}, "headers": {"X-Tenant": "a"}},
            (409, {"title": "Name taken", "detail": "Another pet has this name."}),
        ),
        (
            *("POST", "/v1/pets"),
            {"json": {"name": "Tom"}, "headers": {"X-Tenant": "guest"}},
            (409, {"title": "Conflict", "detail": "Guests have no pets."}),
        ),
        (
            *("POST", "/v1/pets"),
            {"json": {"name": "Tom"}, "headers": {"X-Tenant": "a"}},
            (201, {"id": 2, "name": "Tom"}),
        ),
        ("PATCH", "/v1/pets/2", {"data": {"name": "Tim"}}, (200, {"name": "Tim", "tag": "none"})),
        ("DELETE", "/v1/pets/2", {}, (204, None)),
        ("POST", "/v1/backup", {}, (200, {"rows": 1})),
        ("GET", "/v1/me", {}, HALTED),
        ("GET", "/v1/secret", {}, HALTED),
        ("PUT", "/v1/pets/1/photo", {"files": {"picture": ["a.png", "a"]}}, HALTED),
        ("GET", "/v1/gone", {}, HALTED),
    ],
    "letters": [
        ("GET", "/api/letters", {}, (200, [])),
        ("POST", "/api/letters", {"json": {"sender": "Ann", "sent": "2026-11-29"}}, (201, ANN)),
        ("GET", "/api/letters?sender=Ann", {}, (200, [ANN])),
        ("GET", "/api/letters?sender=Bob", {}, (200, [])),
        ("GET", "/api/letters/1", {}, (200, ANN)),
        ("GET", "/api/letters/2", {}, (404, {"detail": "No letter has this id."})),
        ("DELETE", "/api/letters/1", {}, (204, None)),
        ("GET", "/api/sealed", {}, (401, {"status": 401})),
        ("GET", "/api/sealed", {"headers": {"X-Key": "shut"}}, (401, {"status": 401})),
        ("GET", "/api/sealed", {"headers": {"X-Key": "open"}}, (200, {"for": "ann"})),
        ("GET", "/api/count", {}, HALTED),
        ("GET", "/api/plain", {}, HALTED),
    ],
    "shop": [
        ("GET", "/items/", {}, (200, [])),
        ("PUT", f"/items/{UUID}", {"json": {"name": "pen"}}, (201, {"id": UUID})),
        ("PATCH", f"/items/{UUID}", {"json": {"name": "car"}}, (422, {"status": 422})),
        ("GET", f"/items/{UUID}", {}, (200, {"id": UUID, "name": "pen", "price": 2})),
        ("GET", f"/items/{UUID[:-1]}2", {}, (404, {"error": "no such item"})),
        ("GET", "/items/?limit=0", {}, (200, [])),
        ("GET", "/items/?name=ink&name=nib", {}, (200, [])),
        ("GET", "/items/hello", {}, HALTED),
        (
            *("GET", "/shop/orders/7/"),
            {"cookies": {"coupon": "c"}, "headers": {"X-Agent": "me"}},
            (200, {"number": 7, "agent": "me", "coupon": "c"}),
        ),
        ("GET", "/shop/orders/notes", {}, (200, {"notes": []})),
        ("POST", "/shop/orders/notes", {"json": {"text": "t"}}, (201, {"noted": "t"})),
        ("POST", "/shop/orders/pay", {"data": {"amount": "3"}}, (200, {"paid": "3", "tip": "0"})),
        ("POST", "/shop/orders/pay", {"data": {"amount": "0"}}, (400, {"error": "nothing to pay"})),
        ("GET", "/shop/orders/slow", {}, (200, {"slow": True})),
        ("GET", "/shop/orders/mine", {}, HALTED),
        ("GET", "/shop/orders/all", {}, HALTED),
    ],
}
# What is marked, with what it names.
MARKED = {
    "pets": [
        "app/api/api.py flask.session",
        "app/api/api.py app.api.api.rename",
        "app/api/api.py @requires_key",
        "app/api/api.py picture",
        "app/api/unmoved.py pets.api.Pets.list",
        "app/old/pets/app.py CORS(app.app)",
        "app/old/pets/app.py @application.before_request",
        "app/old/pets/keys.py flask.request.headers.get",
        "tests/test_pets.py app.old.pets.app.app",
    ],
    "letters": [
        "app/api.py aiohttp.web.Request.app",
        "app/api.py plain",
        "app/api.py aiohttp.web.Response",
        "app/old/letters/main.py @web.middleware",
        "app/old/letters/main.py app.app.middlewares.append(stamp)",
        "app/old/letters/main.py app.app.on_startup.append(connect)",
        'app/old/letters/wsgi.py app = connexion.AioHttpApp(__name__, server_args={"middlewares"',
        'app/old/letters/wsgi.py app.add_api("openapi.yml", auth_all_paths=True)',
        'app/old/letters/wsgi.py if __name__ == "__main__"',
    ],
    "shop": [
        *["api-spec.yml to be written"] * 12,
        "app/api/items.py hello",
        "app/api/orders.py @orders.before_request",
        "app/api/orders.py flask.g.start",
        "app/api/orders.py @login_required",
        "app/api/orders.py flask_login.current_user.name",
        "app/api/orders.py flask.request.url",
        "app/api/orders.py app.old.models.db",
        'app/api/orders.py orders.add_url_rule("/more", "more", all_orders)',
        "app/old/__init__.py @app.errorhandler(404)",
        "app/old/models.py db = SQLAlchemy()",
        "app/old/models.py class Order(db.Model)",
        "tests/test_shop.py flask.Flask.app_context",
    ],
}
# Tests that came along: how many pass, and how many wait for what is marked.
CAME_ALONG = {"pets": (3, 1), "letters": (1, 0), "shop": (1, 1)}
# Of libraries, nothing is looked at: the suites of the template check with them.
TYPES = ("mypy", "--follow-imports=skip", "--allow-subclassing-any", "--allow-untyped-decorators")


Answers = list[tuple[int, Any]]


def ask(name: str, folder: Path) -> Answers:
    """Return what a new service answers to what is asked of it."""
    result = subprocess.run(
        [sys.executable, "-B", ASKING],
        cwd=folder,
        input=json.dumps([each[:3] for each in ASKED[name]]),
        capture_output=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stdout + result.stderr
    answers: Answers = json.loads(result.stdout.splitlines()[-1])
    return answers


def compare(name: str, answers: Answers) -> None:
    """Compare answers with those of the old service."""
    for (method, path, _, wanted), (status, found) in zip(ASKED[name], answers, strict=True):
        body = found
        if isinstance(wanted[1], dict):
            body = {key: found.get(key) for key in wanted[1]}
        assert (method, path, status, body) == (method, path, *wanted)


@pytest.mark.parametrize("name", SERVICES)
def test_new_service_is_clean(name: str, migrated: Callable[[str], Migrated], run_in: Run) -> None:
    folder = migrated(name).folder
    found = [*folder.glob("app/api*"), *folder.glob("tests/*.py")]
    carried = [str(each.relative_to(folder)) for each in sorted(found)]
    for check in (
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        (*TYPES, *carried, "app/old", "app/errors.py"),
    ):
        result = run_in(folder, *check)
        assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_moved_handlers_answer_as_before(name: str, migrated: Callable[[str], Migrated]) -> None:
    compare(name, ask(name, migrated(name).folder))


@pytest.mark.parametrize("name", SERVICES)
def test_tests_come_along(name: str, migrated: Callable[[str], Migrated], run_in: Run) -> None:
    tests = sorted(migrated(name).folder.glob("tests/test_*.py"))
    names = [str(each.relative_to(migrated(name).folder)) for each in tests]
    result = run_in(migrated(name).folder, "pytest", "-q", "-p", "no:cacheprovider", *names)

    passed, failed = CAME_ALONG[name]
    counts = re.findall(r"\d+ (?:passed|failed|error)", result.stdout.splitlines()[-1])
    wanted = [f"{failed} failed"] * bool(failed) + [f"{passed} passed"]
    assert counts == wanted, result.stdout
    raised = re.findall(r"^E +NotImplementedError: what is marked", result.stdout, re.M)
    assert len(raised) == failed


@pytest.mark.parametrize("name", SERVICES)
def test_report_lists_what_is_marked(name: str, migrated: Callable[[str], Migrated]) -> None:
    service = migrated(name)
    page = (service.folder / "MIGRATION.md").read_text("utf-8")
    marks = []
    for file in sorted(service.folder.rglob("*")):
        if file.suffix in (".py", ".yml") and "standard" not in file.parts:
            path = file.relative_to(service.folder)
            for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
                if found := re.search(r"migrate: ([^:'\n]+)", line):
                    marks.append(f"{path} {found[1]}")
                    assert f"| {path}:{number} | {found[1]}" in page
                    assert f"{path}:{number}: {found[1]}" in service.output

    assert sorted(marks) == sorted(MARKED[name])
    assert "What hooks and middlewares did for every operation" in service.output
    assert "**What hooks and middlewares did for every operation" in page


@pytest.mark.parametrize("name", SERVICES)
def test_old_service_stays_as_it_was(name: str, migrated: Callable[[str], Migrated]) -> None:
    source = migrated(name).source

    files = {
        str(file.relative_to(source)): file.read_text("utf-8")
        for file in source.rglob("*")
        if file.is_file()
    }

    assert files == SERVICES[name]


def test_dependencies_come_along(migrated: Callable[[str], Migrated]) -> None:
    folder = migrated("pets").folder
    page = (folder / "MIGRATION.md").read_text("utf-8")

    assert '  "structlog>=26.1",\n  "python-dateutil>=2.9",\n]' in (
        folder / "pyproject.toml"
    ).read_text("utf-8")
    assert "- python-dateutil>=2.9" in page
    assert "| flask-cors | the template brings what it needs" in page
