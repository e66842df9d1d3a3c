"""A trace goes from a request through its statements into the job that it enqueues."""

import asyncio
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from opentelemetry import metrics, trace
from starlette.testclient import TestClient

from app.models import ItemRow
from app.standard.database import Database, open_database
from app.standard.telemetry import count_queue
from app.standard.worker import describe_queue, enqueue, task
from config import Settings
from tests.standard import failing
from tests.standard.receiver import Receiver
from tests.standard.telling import heard, outcomes_of, receiver
from tests.standard.worker_fixtures import RunJobs, in_service

__all__ = ["heard", "receiver"]

# What a value follows is a label.
NAME_OF_METRIC = r"\b(?:db_client|http_server|service)_\w+\b(?!!?=|\)? \()"
NAME = "Alder of the hunter2"
provider: Any = trace.get_tracer_provider
meters: Any = metrics.get_meter_provider
tell_secret = task(attempts=2, backoff=0)(failing.tell_secret)


@pytest.fixture
def _item(settings: Settings) -> None:
    async def insert() -> None:
        async with open_database(settings) as database, database.session() as session:
            session.add(
                ItemRow(name=NAME, category="tree", active=True, created_on=date(2026, 1, 5))
            )

    asyncio.run(insert())


def exposed(receiver: Receiver) -> set[str]:
    """Return the names that Prometheus finds."""
    # A thread of this process answers; on a busy machine its turn comes late.
    text = httpx2.get(f"http://127.0.0.1:{receiver.metrics_port}/metrics", timeout=30).text
    return set(re.findall(r"^(\w+)", text, re.MULTILINE))


def spans_of(receiver: Receiver) -> dict[str, dict[str, Any]]:
    """Return the spans that have come, by name; of several, the last."""
    provider().force_flush()
    return {span["name"]: span for span in receiver.spans}


@pytest.mark.usefixtures("_item")
def test_job_is_in_the_trace_of_its_request(
    client: TestClient, run_jobs: RunJobs, receiver: Receiver
) -> None:
    started = client.post("/exports?categories=tree")
    assert run_jobs() == [("write_export", "successful")]

    spans = spans_of(receiver)
    request, job, copy = spans["POST /exports"], spans["job write_export"], spans["COPY"]
    assert job["parentSpanId"] == request["spanId"]
    assert {each["traceId"] for each in (request, job, copy)} == {request["traceId"]}
    assert (job["kind"], copy["parentSpanId"]) == ("SPAN_KIND_CONSUMER", job["spanId"])
    assert job["attributes"]["job.outcome"] == "done"
    assert job["attributes"]["job.attempt"] == 1
    assert copy["attributes"]["db.response.returned_rows"] == 1
    file = client.get(f"{started.headers['Location']}/file").content
    rows = file.partition(b"\n")[2]
    assert copy["attributes"]["service.export.size"] == len(rows)
    assert "hunter2" not in json.dumps(receiver.spans)
    insert = spans["INSERT"]
    assert insert["parentSpanId"] in {request["spanId"], job["spanId"]}
    assert insert["attributes"]["db.system.name"] == "postgresql"
    assert "$1" in insert["attributes"]["db.query.text"]


@pytest.mark.usefixtures("client")
def test_attempts_are_measured_and_tell_no_secret(
    settings: Settings, run_jobs: RunJobs, receiver: Receiver
) -> None:
    async def put(_: Database) -> None:
        await enqueue(tell_secret, "hunter2")

    in_service(settings, put)
    assert run_jobs([tell_secret]) == [("tell_secret", "failed")]

    span = spans_of(receiver)["job tell_secret"]
    assert span["attributes"]["error.type"] == "ValueError"
    assert span["status"] == {"code": "STATUS_CODE_ERROR"}
    assert "hunter2" not in json.dumps(receiver.spans)
    assert outcomes_of(receiver, "tell_secret") == {"to be retried": "1", "failed": "1"}


@pytest.mark.usefixtures("client")
def test_queue_is_counted_when_somebody_asks(settings: Settings, receiver: Receiver) -> None:
    meters().force_flush()

    async def put(database: Database) -> None:
        await enqueue(tell_secret, "hunter2")
        await count_queue(lambda: describe_queue(database))

    in_service(settings, put)
    meters().force_flush()

    states = {
        point["attributes"]["job.state"]: point["asInt"]
        for point in receiver.points("service.queue.jobs")
    }
    assert states == {"failed": "0", "queued": "1", "running": "0"}
    [oldest] = receiver.points("service.queue.oldest")
    assert oldest["asDouble"] >= 0


def test_dashboard_and_alerts_name_what_is_exposed(
    client: TestClient, settings: Settings, run_jobs: RunJobs, receiver: Receiver
) -> None:
    folder = Path("deploy", "observability")
    dashboard = json.loads((folder / "dashboard.json").read_text("utf-8"))
    alerts = yaml.safe_load((folder / "alerts.yml").read_text("utf-8"))
    rules = [each for group in alerts["groups"] for each in group["rules"]]
    targets = [each for panel in dashboard["panels"] for each in panel["targets"]]
    wanted = set(re.findall(NAME_OF_METRIC, " ".join(each["expr"] for each in [*rules, *targets])))
    client.post("/exports").raise_for_status()
    run_jobs()
    exposed(receiver)

    async def count(database: Database) -> None:
        await count_queue(lambda: describe_queue(database))

    in_service(settings, count)

    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"]) == 12
    assert len(wanted) == 12
    assert wanted - exposed(receiver) == set()
