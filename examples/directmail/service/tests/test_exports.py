import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.bduk import load_release
from app.standard.database import open_database
from config import Settings
from tests.standard.worker_fixtures import RunJobs

RELEASE = Path("data/bduk_barton_st_david_2026-05.csv")
FILTERS = [
    "",
    "communities=Nowhere",
    "rfs=true",
    "rfs_date_before=2029-10-01",
    "rfs_date_after=2029-09-30",
    "business=true",
    "bduk=true",
    "segments=S1,S3",
    "segments=S2&business=false&bduk=true",
]


@pytest.fixture(autouse=True)
def _premises(settings: Settings) -> None:
    async def load() -> None:
        async with open_database(settings) as database:
            await load_release(database, RELEASE, "Barton St David")

    asyncio.run(load())


def test_export_is_started_awaited_and_fetched(client: TestClient, run_jobs: RunJobs) -> None:
    started = client.post("/directmail-exports?rfs=true")
    address = started.headers["Location"]
    waiting = client.get(address)

    assert started.status_code == 202
    assert int(started.headers["Retry-After"]) > 0
    assert waiting.json() == started.json() | {"state": "queued"}
    assert int(waiting.headers["Retry-After"]) > 0
    assert client.get(f"{address}/file").status_code == 409
    assert run_jobs() == [("write_export", "successful")]

    finished = client.get(address)
    file = client.get(f"{address}/file")

    assert finished.json()["state"] == "done"
    assert "Retry-After" not in finished.headers
    assert file.headers["Content-Type"].startswith("text/csv")
    assert 'filename="directmail.csv"' in file.headers["Content-Disposition"]
    assert len(file.text.splitlines()) == 10


def test_file_is_what_each_filter_gives_at_once(client: TestClient, run_jobs: RunJobs) -> None:
    addresses = [client.post(f"/directmail-exports?{each}").headers["Location"] for each in FILTERS]

    assert run_jobs() == [("write_export", "successful")] * len(FILTERS)
    for query, address in zip(FILTERS, addresses, strict=True):
        at_once = client.get(f"/directmail-csv?{query}")
        assert client.get(f"{address}/file").content == at_once.content, query


def test_bad_filter_starts_nothing(client: TestClient, run_jobs: RunJobs) -> None:
    response = client.post("/directmail-exports?rfs=maybe")

    assert response.status_code == 400
    assert "'rfs'" in response.json()["detail"]
    assert run_jobs() == []


@pytest.mark.parametrize("address", ["/directmail-exports/{}", "/directmail-exports/{}/file"])
def test_export_that_is_not_there_is_not_found(client: TestClient, address: str) -> None:
    response = client.get(address.format(uuid4()))

    assert response.status_code == 404
    assert response.json()["title"] == "Export not found"
