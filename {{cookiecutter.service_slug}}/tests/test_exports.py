"""The tests of the sample's exports; they leave with it."""

import asyncio

# {%- if not cookiecutter.use_csv_export +%}
import json

# {%- endif +%}
from datetime import date
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.models import ItemRow
from app.standard.database import open_database
from config import Settings
from tests.standard.worker_fixtures import RunJobs


@pytest.fixture(autouse=True)
def _items(settings: Settings) -> None:
    async def insert() -> None:
        async with open_database(settings) as database, database.session() as session:
            for name, category in (("Alder", "tree"), ("Bramble", "shrub")):
                row = ItemRow(
                    name=name, category=category, active=True, created_on=date(2026, 1, 5)
                )
                session.add(row)

    asyncio.run(insert())


def test_export_is_started_awaited_and_fetched(client: TestClient, run_jobs: RunJobs) -> None:
    started = client.post("/exports?categories=tree")
    address = started.headers["Location"]
    waiting = client.get(address)

    assert started.status_code == 202
    assert waiting.json() == started.json() | {"state": "queued"}
    assert int(waiting.headers["Retry-After"]) > 0
    assert client.get(f"{address}/file").status_code == 409
    assert run_jobs() == [("write_export", "successful")]

    finished = client.get(address)
    file = client.get(f"{address}/file")

    assert finished.json()["state"] == "done"
    assert "Retry-After" not in finished.headers
    # {% if cookiecutter.use_csv_export %}
    header, row = file.text.splitlines()
    assert header == "id,name,category,active,created_on"
    assert row.split(",")[1] == "Alder"
    # {% endif %}
    # {% if not cookiecutter.use_csv_export %}
    [line] = file.text.splitlines()
    assert json.loads(line)["name"] == "Alder"
    # {% endif %}


@pytest.mark.parametrize("address", ["/exports/{}", "/exports/{}/file"])
def test_export_that_is_not_there_is_not_found(client: TestClient, address: str) -> None:
    response = client.get(address.format(uuid4()))

    assert response.status_code == 404
    assert response.json()["title"] == "Export not found"
