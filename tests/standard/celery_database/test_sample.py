"""The sample's exports, whose state nothing but their task tells; and connections for jobs."""

import pytest
from starlette.testclient import TestClient

from app import tasks
from app.standard.service import load_settings
from app.standard.worker import settings_of_worker
from config import Settings
from tests.standard.worker_fixtures import RunJobs


def test_export_has_failed_after_its_last_attempt(
    client: TestClient, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(tasks, "write_file", fail)
    address = client.post("/exports").headers["Location"]

    assert client.get(address).json()["state"] == "queued"
    assert run_jobs() == [("write_export", "failed")]
    assert client.get(address).json()["state"] == "failed"
    assert client.get(f"{address}/file").status_code == 409


@pytest.mark.parametrize(("jobs", "overflow"), [("3", 10), ("40", 35)])
def test_worker_may_open_a_connection_for_each_job(
    jobs: str, overflow: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_URL", "redis://localhost")
    monkeypatch.setenv("WORKER_JOBS", jobs)

    assert settings_of_worker(load_settings(Settings)).database_pool_max_overflow == overflow
