"""Services that tell, and the collector that they tell."""

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import metrics, trace
from starlette.testclient import TestClient

from app import create_app
from config import Settings
from tests.standard.probe import PROBE_CONTRACT
from tests.standard.receiver import Receiver, the_receiver

Tell = Callable[..., list[dict[str, Any]]]


def empty(receiver: Receiver) -> None:
    """Forget the spans that have come, and those that are on their way."""
    provider: Any = trace.get_tracer_provider()
    # Before the first service has started, there is none that sends.
    if hasattr(provider, "force_flush"):
        provider.force_flush()
    receiver.spans.clear()


def listen(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let services tell the collector, and Prometheus: the first that starts decides for all."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
    monkeypatch.setenv("METRICS_PORT", str(receiver.metrics_port))


def outcomes_of(receiver: Receiver, task: str) -> dict[str, str]:
    """Return how many attempts at jobs of a task had which outcome, by what was measured."""
    meters: Any = metrics.get_meter_provider()
    meters.force_flush()
    return {
        point["attributes"]["job.outcome"]: point["count"]
        for point in receiver.points("service.job.duration")
        if point["attributes"]["job.task"] == task
    }


@pytest.fixture
def receiver() -> Receiver:
    """Give the collector, with nothing in it."""
    empty(the_receiver())
    return the_receiver()


@pytest.fixture(autouse=True)
def heard(clean_environment: None, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the services of a module that imports this tell the collector."""
    listen(receiver, monkeypatch)


@pytest.fixture
def told_settings(
    clean_environment: None,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Settings:
    """Give the settings of a service that tells the collector."""
    listen(receiver, monkeypatch)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hush")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=post%20office")
    found: Settings = request.getfixturevalue("probe_settings")
    return found


@pytest.fixture
def tell(told_settings: Settings, receiver: Receiver) -> Tell:
    """Give the function that asks the probe, and returns the spans when it has stopped."""

    def ask(*requests: tuple[str, str], **options: Any) -> list[dict[str, Any]]:
        empty(receiver)
        app = create_app(told_settings, PROBE_CONTRACT)
        with TestClient(app, raise_server_exceptions=False) as client:
            for method, path in requests:
                client.request(method, path, **options)
        return [*receiver.spans]

    return ask
