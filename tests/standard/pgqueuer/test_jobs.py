import json
from datetime import datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from config import Settings

# {%- if cookiecutter.use_auth +%}
from tests.standard.auth_fixtures import IssueToken

# {%- endif +%}
from tests.standard.jobs_of_tests import (
    BOUND,
    SECRET,
    a_worker,
    begun,
    enqueued,
    fail,
    fail_by_key,
    stopped,
    succeed,
    wait,
)
from tests.standard.worker_fixtures import RunJobs


@pytest.fixture
def people(
    client: TestClient,
    # {% if cookiecutter.use_auth %}
    issue_token: IssueToken,
    # {% endif %}
) -> TestClient:
    """Give a client of somebody who looks after the jobs."""
    # {% if cookiecutter.use_auth %}
    client.headers["Authorization"] = f"Bearer {issue_token('ann', ['jobs.manage'])}"
    # {% endif %}
    return client


@pytest.fixture
def failed(settings: Settings, run_jobs: RunJobs) -> int:
    """Give the id of a job that has failed."""
    [number] = enqueued(settings, fail)
    assert run_jobs([fail]) == [("fail", "failed")]
    return number


def jobs(people: TestClient, **wanted: Any) -> list[dict[str, Any]]:
    response = people.get("/jobs", params=wanted)
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["jobs"]
    return found


def test_jobs_are_shown_the_newest_first_without_what_may_be_secret(
    people: TestClient, failed: int, settings: Settings
) -> None:
    waiting = enqueued(settings, succeed, wait)

    response = people.get("/jobs")

    assert SECRET not in response.text
    found = response.json()["jobs"]
    assert [each["id"] for each in found] == [*reversed(waiting), failed]
    assert [each["task"] for each in found] == ["wait", "succeed", "fail"]
    assert [each["state"] for each in found] == ["queued", "queued", "failed"]
    assert [each["attempts"] for each in found] == [0, 0, 1]
    assert [each["last_error"] for each in found] == ["", "", "ValueError"]
    times = [
        datetime.fromisoformat(found[2][f"{name}_at"]) for name in ("created", "due", "updated")
    ]
    assert times == sorted(times)


def test_jobs_are_chosen_by_state_and_task(
    people: TestClient, failed: int, settings: Settings
) -> None:
    first, second = enqueued(settings, succeed, succeed)

    assert [each["id"] for each in jobs(people, state="failed")] == [failed]
    assert [each["id"] for each in jobs(people, task="succeed")] == [second, first]
    assert jobs(people, state="queued", task="fail") == jobs(people, state="running") == []
    assert [each["id"] for each in jobs(people, limit=1)] == [second]
    for wrong in ({"state": "picked"}, {"limit": 0}, {"limit": 501}):
        assert people.get("/jobs", params=wrong).status_code == 400


def test_overview_counts_jobs_and_those_who_work(
    people: TestClient, failed: int, settings: Settings, run_jobs: RunJobs
) -> None:
    enqueued(settings, succeed)
    run_jobs([succeed])
    enqueued(settings, succeed, wait)

    with a_worker(settings, wait):
        assert begun.wait(BOUND)
        found = people.get("/jobs").json()
    after = people.get("/jobs").json()

    assert found["workers"] == 1
    assert found["oldest_due_seconds"] > 0
    states = ("queued", "running", "failed", "ended")
    counts = {task["task"]: [task[each] for each in states] for task in found["tasks"]}
    assert counts == {"fail": [0, 0, 1, 1], "succeed": [1, 0, 0, 1], "wait": [0, 1, 0, 0]}
    for task in found["tasks"]:
        assert (0 < task["p50_seconds"] <= task["p95_seconds"] < BOUND) == (task["ended"] > 0)
    # It was handed back.
    assert [each["state"] for each in after["jobs"] if each["task"] == "wait"] == ["queued"]
    assert after["workers"] == 0


def test_failed_job_runs_again_at_once(people: TestClient, failed: int, settings: Settings) -> None:
    enqueued(settings, wait)
    with a_worker(settings, fail, wait):
        assert begun.wait(BOUND)
        begun.clear()
        assert people.post(f"/jobs/{failed}/retry").status_code == 204
        # By itself, a worker would look after 15 seconds.
        assert begun.wait(5)
    [job] = jobs(people, task="fail")

    assert (job["state"], job["attempts"], job["last_error"]) == ("failed", 1, "ValueError")


def test_job_that_has_not_failed_is_not_retried(people: TestClient, settings: Settings) -> None:
    [number] = enqueued(settings, succeed)

    response = people.post(f"/jobs/{number}/retry")

    assert response.status_code == 409
    assert response.json()["detail"] == f"The job {number} is queued."


def test_job_whose_key_is_taken_is_not_retried(
    people: TestClient, settings: Settings, run_jobs: RunJobs
) -> None:
    [number] = enqueued(settings, fail_by_key)
    run_jobs([fail_by_key])
    enqueued(settings, fail_by_key)

    response = people.post(f"/jobs/{number}/retry")

    assert response.status_code == 409
    assert response.json()["detail"] == f"Another job with the key of {number} waits or runs."
    assert [each["state"] for each in jobs(people)] == ["queued", "failed"]


def test_job_that_waits_or_has_failed_is_removed(
    people: TestClient,
    failed: int,
    settings: Settings,
    run_jobs: RunJobs,
    capsys: pytest.CaptureFixture[str],
) -> None:
    [waiting] = enqueued(settings, succeed)
    capsys.readouterr()

    for number in (failed, waiting):
        assert people.delete(f"/jobs/{number}").status_code == 204

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [line for line in lines if line["event"] == "job removed"]
    assert [(line["job"], line["state"]) for line in told] == [
        (failed, "failed"),
        (waiting, "queued"),
    ]
    # {% if cookiecutter.use_auth %}
    assert {line["subject"] for line in told} == {"ann"}
    # {% endif %}
    assert jobs(people) == []
    assert run_jobs([succeed, fail]) == []


def test_job_that_runs_is_stopped(
    people: TestClient, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    [number] = enqueued(settings, wait)

    with a_worker(settings, wait):
        assert begun.wait(BOUND)
        assert [each["state"] for each in jobs(people)] == ["running"]
        assert people.delete(f"/jobs/{number}").status_code == 204
        assert stopped.wait(BOUND)
        assert jobs(people) == []

    assert '"outcome":"cancelled"' in capsys.readouterr().out


# {% if cookiecutter.use_auth %}
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/jobs"), ("POST", "/jobs/1/retry"), ("DELETE", "/jobs/1")]
)
def test_jobs_want_their_role(client: TestClient, method: str, path: str) -> None:
    refused = client.request(method, path)
    del client.headers["Authorization"]

    assert refused.status_code == 403
    assert refused.json()["detail"] == "The role jobs.manage is needed."
    assert client.request(method, path).status_code == 401


# {% endif %}
@pytest.mark.parametrize(("method", "path"), [("POST", "/jobs/{}/retry"), ("DELETE", "/jobs/{}")])
def test_job_that_is_not_there_is_not_found(people: TestClient, method: str, path: str) -> None:
    response = people.request(method, path.format(2**63 - 1))

    assert response.status_code == 404
    assert response.json()["title"] == "Job not found"
    assert people.request(method, path.format(2**63)).status_code == 400
