import asyncio
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.bduk import load_release
from app.standard.database import open_database
from config import Settings

RELEASE = Path("data/bduk_barton_st_david_2026-05.csv")
HEADER = "uprn,postcode,community,rfs,rfs_date,bduk,segment,business"


@pytest.fixture(autouse=True)
def _premises(settings: Settings) -> None:
    async def load() -> None:
        async with open_database(settings) as database:
            await load_release(database, RELEASE, "Barton St David")

    asyncio.run(load())


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 266),
        ("communities=Barton%20St%20David", 266),
        ("communities=Nowhere", 0),
        ("communities=Nowhere,Barton%20St%20David", 266),
        ("rfs=true", 9),
        ("rfs=false", 257),
        ("bduk=true", 29),
        ("business=true", 4),
        ("segments=S2", 29),
        ("segments=S1,S3", 237),
        ("rfs_date_after=2029-09-30", 29),
        ("rfs_date_after=2029-10-01", 0),
        ("rfs_date_before=2029-09-30", 0),
        ("rfs_date_before=2029-10-01", 29),
        ("bduk=true&rfs=true", 0),
        ("segments=S2&business=false&bduk=true", 29),
    ],
)
def test_filter_chooses_premises(client: TestClient, query: str, count: int) -> None:
    response = client.get(f"/directmail-csv?{query}")

    header, *rows = response.text.splitlines()
    assert response.status_code == 200
    assert header == HEADER
    assert len(rows) == count


def test_filter_takes_more_values_than_copy_has_arguments(client: TestClient) -> None:
    one = "/directmail-csv?communities=Barton%20St%20David"

    response = client.get(one + ",X" * 1664)

    assert response.status_code == 200
    assert response.text == client.get(one).text
    assert len(response.text.splitlines()) > 1


def test_rows_are_written_out_by_postcode(client: TestClient) -> None:
    rows = client.get("/directmail-csv").text.splitlines()[1:]

    assert rows[0] == "30129155,TA11 6AT,Barton St David,false,,false,S1,false"
    assert [row.split(",")[1] for row in rows] == sorted(row.split(",")[1] for row in rows)


def test_date_is_written_in_iso_form(client: TestClient) -> None:
    row = client.get("/directmail-csv?bduk=true").text.splitlines()[1]

    assert row.split(",")[4] == "2029-09-30"


def test_response_is_a_file_to_keep(client: TestClient) -> None:
    response = client.get("/directmail-csv")

    assert response.headers["Content-Type"].startswith("text/csv")
    assert 'filename="directmail.csv"' in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "query", ["rfs_date_before=30-09-2029", "rfs=maybe", "segments=first", "colour=red"]
)
def test_bad_filter_is_named(client: TestClient, query: str) -> None:
    response = client.get(f"/directmail-csv?{query}")

    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert f"'{query.split('=')[0]}'" in response.json()["detail"]


def test_communities_are_those_that_have_premises(client: TestClient) -> None:
    assert client.get("/communities").json() == ["Barton St David"]
