"""A trace goes with a message of the broker into the job that it brings."""

import json
from typing import Any

import pytest
from opentelemetry import metrics, trace

from app.standard.service import Application
from app.standard.telemetry import count_queue
from app.standard.worker import Broker, enqueue, task
from app.standard.worker.sending import describe_queue
from config import Settings
from tests.standard import failing
from tests.standard.receiver import Receiver
from tests.standard.telling import heard, outcomes_of, receiver
from tests.standard.worker_fixtures import RunJobs, in_service

__all__ = ["heard", "receiver"]

provider: Any = trace.get_tracer_provider
meters: Any = metrics.get_meter_provider
tell_secret = task(attempts=2, backoff=0)(failing.tell_secret)


@pytest.mark.usefixtures("client")
def test_each_attempt_is_in_the_trace_of_who_enqueued_it(
    settings: Settings, run_jobs: RunJobs, receiver: Receiver
) -> None:
    async def put(_: Application) -> None:
        with trace.get_tracer("tests").start_as_current_span("request"):
            await enqueue(tell_secret, "hunter2")

    in_service(settings, put)
    assert run_jobs([tell_secret]) == [("tell_secret", "failed")]

    provider().force_flush()
    [request] = [span for span in receiver.spans if span["name"] == "request"]
    attempts = [span for span in receiver.spans if span["name"] == "job tell_secret"]
    assert {span["parentSpanId"] for span in attempts} == {request["spanId"]}
    assert [
        (span["attributes"]["job.attempt"], span["attributes"]["job.outcome"]) for span in attempts
    ] == [(1, "to be retried"), (2, "failed")]
    assert attempts[1]["attributes"]["error.type"] == "ValueError"
    assert "hunter2" not in json.dumps(receiver.spans)
    assert outcomes_of(receiver, "tell_secret") == {"to be retried": "1", "failed": "1"}


@pytest.mark.usefixtures("client")
def test_queue_is_counted_when_somebody_asks(settings: Settings, receiver: Receiver) -> None:
    meters().force_flush()

    async def put(application: Application) -> None:
        await enqueue(tell_secret, "hunter2")
        await count_queue(lambda: describe_queue(application))
        application.resource(Broker).empty()

    in_service(settings, put)
    meters().force_flush()

    [point] = receiver.points("service.queue.jobs")
    assert (point["attributes"]["job.state"], point["asInt"]) == ("queued", "1")
    # No broker tells it.
    assert "service.queue.oldest" not in receiver.metrics
