"""How the SDK's readers get the durations of requests, which it has not counted itself.

OpenTelemetry's API has no histogram that is observed, and its SDK for Python asks no other
producer of metrics; what a reader receives is plain data, and this adds to it.
"""

import threading
import time
from dataclasses import replace
from typing import Any

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import Exemplar
from opentelemetry.sdk.metrics import Histogram as HistogramInstrument
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricReader,
    MetricsData,
    PeriodicExportingMetricReader,
    ScopeMetrics,
)
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from app.standard.telemetry import durations

SCOPE = "app.standard"
# Neither is counted: OpenTelemetry takes histograms without.
NO_RANGE: dict[str, Any] = {"min": None, "max": None}


class WithDurations(MetricReader):
    """Adds the durations of requests, in all or since the last time."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._one_at_a_time = threading.Lock()
        self._told: dict[durations.Durations, tuple[list[int], float]] = {}
        self._started = self._last = time.time_ns()
        super().__init__(*arguments, **options)

    def _receive_metrics(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **options: Any
    ) -> None:
        with self._one_at_a_time:
            now = time.time_ns()
            points = [self._point(each, now) for each in durations.measured()]
            self._last = now
        found = Histogram([each for each in points if each.count], self._temporality)
        whole = _add(metrics_data, found) if found.data_points else metrics_data
        # It is abstract here, and the SDK's where this is mixed in.
        super()._receive_metrics(whole, timeout_millis, **options)  # type: ignore[safe-super]

    @property
    def _temporality(self) -> AggregationTemporality:
        wanted = (self._preferred_temporality or {}).get(HistogramInstrument)
        return wanted or AggregationTemporality.CUMULATIVE

    def _point(self, found: durations.Durations, now: int) -> HistogramDataPoint:
        counts, seconds, start = [*found.counts], found.seconds, self._started
        examples = [each for each in found.examples.copy().values() if each.time_ns > self._last]
        if self._temporality is AggregationTemporality.DELTA:
            before, seconds_before = self._told.get(found, ([0] * len(counts), 0.0))
            self._told[found] = counts, seconds
            counts = [new - old for new, old in zip(counts, before, strict=True)]
            seconds, start = seconds - seconds_before, self._last
        return HistogramDataPoint(
            found.attributes,
            start,
            now,
            sum(counts),
            seconds,
            counts,
            durations.SECONDS,
            **NO_RANGE,
            exemplars=[
                Exemplar({}, each.seconds, each.time_ns, each.span_id, each.trace_id)
                for each in examples
            ],
        )


class OtlpReader(WithDurations, PeriodicExportingMetricReader):
    """Sends to a collector."""


class PrometheusReader(WithDurations, PrometheusMetricReader):
    """Is asked by Prometheus."""


def _add(metrics_data: MetricsData, found: Histogram) -> MetricsData:
    """Add to the metrics of our scope: of a scope that is there twice, the exporter sends one."""
    metric = Metric(durations.NAME, durations.DESCRIPTION, durations.UNIT, found)
    [of_resource] = metrics_data.resource_metrics
    scopes = of_resource.scope_metrics
    ours = [each for scope in scopes if scope.scope.name == SCOPE for each in scope.metrics]
    others = [scope for scope in scopes if scope.scope.name != SCOPE]
    whole = ScopeMetrics(InstrumentationScope(SCOPE), [*ours, metric], "")
    more = replace(of_resource, scope_metrics=[*others, whole])
    return replace(metrics_data, resource_metrics=[more])
