"""The page on aiohttp: its services answer the same, but for what it lists."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from test_services import CHECKS, run

from ways.asking import ask
from ways.conftest import Depots, Serve

DEPOT = {"X-Depot": "north"}


def test_parcels_are_the_same(depots: Depots) -> None:
    parcels = [{"to": name, "grams": 100} for name in ("Anne", "Ben")]
    for parcel in [*parcels, {"to": "Cleo", "grams": 1, "fragile": True}]:
        old, new = depots.ask("POST /v1/parcels", parcel, DEPOT)

        assert old.status == new.status == 201
        assert old.body == new.body
        assert old.headers["Location"] == new.headers["Location"] == f"/v1/parcels/{old.body['id']}"
    for path in ("", "?limit=3", "?states=waiting", "?states=sent", "?states=sent,waiting", "/3"):
        old, new = depots.ask(f"GET /v1/parcels{path}")

        assert old.status == new.status == 200
        assert old.body == new.body
    assert [each.body for each in depots.ask("GET /v1/parcels/1/track")] == [
        {"place": "/places/1"}
    ] * 2
    labels = depots.ask("GET /v1/labels")
    assert [each.body for each in labels] == ["1 Anne\n2 Ben\n3 Cleo\n"] * 2
    assert {each.headers["Content-Type"].partition(";")[0] for each in labels} == {"text/plain"}
    assert {each.headers["X-Version"] for each in labels} == {"7"}


@pytest.mark.parametrize(
    ("asked", "body", "headers"),
    [
        ("GET /v1/parcels/99", None, {}),
        ("GET /v1/parcels/99/track", None, {}),
        ("GET /v1/me", None, {}),
        ("GET /v1/me", None, {"Cookie": "AIOHTTP_SESSION=none"}),
        ("GET /v1/audit", None, {}),
        ("GET /v1/audit", None, {"X-Api-Key": "none"}),
        ("GET /v1/nowhere", None, {}),
        ("DELETE /v1/parcels", None, {}),
        ("GET /v1/parcels?states=lost", None, {}),
        ("GET /v1/parcels?limit=0", None, {}),
        ("POST /v1/parcels", {"to": "Anne"}, DEPOT),
        ("POST /v1/parcels", {"to": "Anne", "grams": 1}, {}),
        ("POST /v1/parcels", b"{", DEPOT | {"Content-Type": "application/json"}),
    ],
)
def test_problems_are_the_same(
    depots: Depots, asked: str, body: Any, headers: dict[str, str]
) -> None:
    old, new = depots.ask(asked, body, headers)

    assert old.status == new.status
    assert old.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert new.headers["Content-Type"] == "application/problem+json"
    assert (old.body["type"], old.body["title"]) == (new.body["type"], new.body["title"])
    assert new.body.keys() - old.body.keys() == {"instance", "request_id"} | (
        {"errors"} if "errors" in new.body else set()
    )
    if old.status in (401, 404) and "nowhere" not in asked:
        assert old.body["detail"] == new.body["detail"]


def test_session_of_the_old_service_is_read(depots: Depots) -> None:
    login = ask(depots.old, "POST /v1/login", {"user": "anne"})
    cookie = {"Cookie": login.headers["Set-Cookie"].partition(";")[0]}

    assert [each.body for each in depots.ask("GET /v1/me", headers=cookie)] == [
        {"user": "anne"}
    ] * 2


def test_key_of_an_api_is_good_for_both(depots: Depots) -> None:
    old, new = depots.ask("GET /v1/audit", headers={"X-Api-Key": "open sesame"})

    assert old.body == new.body
    assert new.body["user"] == "auditor"


def test_contract_of_openapi_3_is_the_same_for_both(
    depots: Depots, serve: Serve, tmp_path: Path
) -> None:
    folder = shutil.copytree(depots.old_folder, tmp_path / "old")
    contract = (depots.folder / "api-spec.yml").read_text("utf-8")
    for new, old in (
        ("app.", "depot."),
        ("requestBody:", "requestBody:\n        x-body-name: parcel"),
    ):
        contract = contract.replace(new, old)
    (folder / "depot" / "openapi" / "depot.yaml").write_text(contract, "utf-8")
    parcel = {"to": "Dan", "grams": 5}

    with serve([depots.old_python, "-m", "depot", "PORT"], folder, depots.variables) as address:
        added = ask(address, "POST /v1/parcels", parcel, DEPOT)
        listed = ask(address, "GET /v1/parcels?states=waiting,sent&limit=1")
        refused = ask(address, "GET /v1/parcels?limit=0")

    assert added.body == listed.body[0] == {"id": 1, "depot": "north", "state": "waiting", **parcel}
    assert refused.status == ask(depots.new, "GET /v1/parcels?limit=0").status == 400


@pytest.mark.parametrize(
    ("asked", "statuses"),
    [
        ("GET /v1/parcels?colour=red", (200, 400)),
        ("GET /v1/parcels/abc", (400, 404)),
        ("GET /v1/parcels/", (200, 307)),
    ],
)
def test_what_differs_is_what_the_page_says(
    depots: Depots, asked: str, statuses: tuple[int, int]
) -> None:
    assert tuple(each.status for each in depots.ask(asked)) == statuses


def test_tests_of_both_pass(depots: Depots) -> None:
    old = [str(depots.old_python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    options = ["--asyncio-mode=auto", "tests"]
    variables = depots.variables | {"PYTHONPATH": "."}
    subprocess.run([*old, *options], cwd=depots.old_folder, env=variables, check=True)

    command = [*CHECKS["suite"], "tests/test_parcels.py"]
    run(command, depots.folder, depots.environment, depots.variables)


@pytest.mark.parametrize("check", ["lint", "format", "floors"])
def test_moved_service_passes_its_checks(depots: Depots, check: str) -> None:
    run(CHECKS[check], depots.folder, depots.environment, depots.variables)
