"""Durations of requests are counted by us, and read as if the SDK had counted them."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.metrics import Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import INVALID_SPAN, Span

from app.standard.telemetry import durations
from app.standard.telemetry.durations import Kind, measure
from app.standard.telemetry.readers import WithDurations

GET = Kind("GET", "http", "/things", 200, None)
CUMULATIVE, DELTA = AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA


class Reader(WithDurations, InMemoryMetricReader):
    """Keeps what it receives."""

    def read(self) -> list[Any]:
        """Return the points of the durations that are there now."""
        data = self.get_metrics_data()
        assert data is not None
        [of_resource] = data.resource_metrics
        metrics: list[Any] = [each for scope in of_resource.scope_metrics for each in scope.metrics]
        found = [each for each in metrics if each.name == "http.server.request.duration"]
        return [point for each in found for point in each.data.data_points]


@pytest.fixture(autouse=True)
def _nothing_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durations, "_by_kind", {})
    monkeypatch.setattr(durations, "_others", durations.Durations(durations.OVERFLOW))


@pytest.fixture
def readers() -> Iterator[tuple[Reader, Reader]]:
    """Give a reader of all, and one of what is new, of one provider."""
    both = Reader(), Reader(preferred_temporality={Histogram: DELTA})
    provider = MeterProvider(both, shutdown_on_exit=False)
    provider.get_meter("test").create_counter("other").add(1)
    yield both
    provider.shutdown()


def recorded() -> Span:
    """Return a span that is sampled."""
    return TracerProvider(shutdown_on_exit=False).get_tracer("test").start_span("GET")


def test_each_reader_has_its_own_past(readers: tuple[Reader, Reader]) -> None:
    everything, news = readers
    measure(GET, 0.003, INVALID_SPAN)
    measure(GET, 0.005, INVALID_SPAN)
    [first], [new] = everything.read(), news.read()
    measure(GET, 11.0, INVALID_SPAN)
    [second], [newer] = everything.read(), news.read()

    assert (first.count, first.bucket_counts) == (new.count, new.bucket_counts)
    assert [second.bucket_counts[0], second.bucket_counts[-1]] == [2, 1]
    assert (second.count, second.sum) == (3, pytest.approx(11.008))
    assert [newer.bucket_counts[0], newer.bucket_counts[-1]] == [0, 1]
    assert (newer.count, newer.sum) == (1, pytest.approx(11.0))
    assert second.start_time_unix_nano == first.start_time_unix_nano
    assert newer.start_time_unix_nano == new.time_unix_nano


def test_reader_of_news_hears_nothing_twice(readers: tuple[Reader, Reader]) -> None:
    everything, news = readers
    measure(GET, 0.003, INVALID_SPAN)

    assert [len(reader.read()) for reader in (everything, news, everything, news)] == [1, 1, 1, 0]


def test_sdk_would_count_the_same(readers: tuple[Reader, Reader]) -> None:
    theirs = InMemoryMetricReader()
    provider = MeterProvider([theirs], shutdown_on_exit=False)
    histogram = provider.get_meter("test").create_histogram(
        "told", explicit_bucket_boundaries_advisory=durations.SECONDS
    )
    for seconds in [0.0, *durations.SECONDS, 0.3, 60.0]:
        histogram.record(seconds, dict(GET.attributes()))
        measure(GET, seconds, INVALID_SPAN)

    data: Any = theirs.get_metrics_data()
    [wanted] = data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points
    [found] = readers[0].read()
    assert tuple(found.bucket_counts) == wanted.bucket_counts
    assert found.explicit_bounds == wanted.explicit_bounds
    assert (found.count, found.sum) == (wanted.count, pytest.approx(wanted.sum))
    assert found.attributes == wanted.attributes


def test_recorded_request_is_an_example_once(readers: tuple[Reader, Reader]) -> None:
    everything, news = readers
    span = recorded()
    measure(GET, 0.3, span)
    measure(GET, 0.3, INVALID_SPAN)

    for reader in (everything, news):
        [point] = reader.read()
        [example] = point.exemplars
        assert example.value == 0.3
        assert example.trace_id == span.get_span_context().trace_id
    measure(GET, 0.3, INVALID_SPAN)
    assert [point.exemplars for reader in readers for point in reader.read()] == [[], []]


def test_kinds_beyond_the_limit_are_counted_together(
    readers: tuple[Reader, Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durations, "MOST_KINDS", 2)
    for status in (200, 201, 202, 203, 200):
        measure(GET._replace(status=status), 0.1, INVALID_SPAN)

    points = {str(point.attributes.get("otel.metric.overflow")): 0 for point in readers[0].read()}
    assert points.keys() == {"None", "True"}
    assert sorted(point.count for point in readers[0].read()) == [1, 2, 2]


@pytest.mark.parametrize(
    ("status", "failure", "error"),
    [(200, None, None), (404, None, None), (503, None, "503"), (None, "OSError", "OSError")],
)
def test_error_is_what_failed(status: int | None, failure: str | None, error: str | None) -> None:
    told = Kind("GET", "http", None, status, failure).attributes()

    assert told.get("error.type") == error
    assert "http.route" not in told
    assert told.get("http.response.status_code") == status
