"""How spans and metrics leave the process: in threads of their own, so that nobody waits."""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider, sampling
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from prometheus_client import start_http_server

from app.standard.service import SettingsError
from app.standard.telemetry.readers import OtlpReader, PrometheusReader
from app.standard.telemetry.roots import roots
from app.standard.telemetry.settings import TelemetrySettings, read_pairs
from app.standard.telemetry.silence import say_once

# Given to what waits when the service stops.
END_SECONDS = 2.0

_providers: list[TracerProvider | MeterProvider] = []


@asynccontextmanager
async def sending(settings: TelemetrySettings) -> AsyncIterator[None]:
    """Send while the application runs; at its end, what waits has two seconds.

    OpenTelemetry takes its providers once in a process: an application that starts there again,
    as in tests, goes on with the first ones.
    """
    if not _providers:
        _start(settings)
    yield
    await flush()


def _start(settings: TelemetrySettings) -> None:
    say_once()
    # Each process counts for itself, and shall not be taken for another.
    resource = Resource.create({"service.instance.id": str(uuid.uuid4()), **settings.resource})
    readers: list[MetricReader] = []
    if settings.metrics_port:
        readers.append(_open(settings.metrics_port, settings.http_host))
    if endpoint := settings.otel_exporter_otlp_endpoint:
        options: dict[str, Any] = {
            "headers": read_pairs(settings.otel_exporter_otlp_headers),
            "timeout": settings.otel_exporter_otlp_timeout,
            "compression": Compression(settings.otel_exporter_otlp_compression),
        }
        spans = OTLPSpanExporter(f"{endpoint}/v1/traces", **options)
        delay = settings.otel_bsp_schedule_delay
        tracers = TracerProvider(
            make_sampler(settings), resource, shutdown_on_exit=False, id_generator=Ids()
        )
        tracers.add_span_processor(BatchSpanProcessor(spans, schedule_delay_millis=delay))
        trace.set_tracer_provider(tracers)
        _providers.append(tracers)
        measured = OTLPMetricExporter(f"{endpoint}/v1/metrics", **options)
        interval = settings.otel_metric_export_interval
        readers.append(OtlpReader(measured, interval))
    meters = MeterProvider(readers, resource, shutdown_on_exit=False)
    metrics.set_meter_provider(meters)
    _providers.append(meters)


def _open(port: int, host: str) -> MetricReader:
    try:
        start_http_server(port, host)
    except OSError as error:
        raise SettingsError(f"METRICS_PORT: {port} cannot be listened at: {error}") from error
    return PrometheusReader(scope_info_enabled=False)


class Ids(RandomIdGenerator):
    """Random ids, but for the trace of a request that is to be recorded: it has its own."""

    def generate_trace_id(self) -> int:
        """Return the id of a trace."""
        return roots.take() or super().generate_trace_id()


def make_sampler(settings: TelemetrySettings) -> sampling.Sampler:
    """Return what decides which traces are recorded; those that begin with a request know it."""
    name = settings.otel_traces_sampler
    rates = {"always_on": 1.0, "always_off": 0.0, "traceidratio": settings.otel_traces_sampler_arg}
    root = sampling.TraceIdRatioBased(rates[name.removeprefix("parentbased_")])
    roots.bound = root.bound
    return sampling.ParentBased(root) if name.startswith("parentbased_") else root


async def flush() -> None:
    """Send what waits; a collector that is away or slow does not keep the stop."""
    loop = asyncio.get_running_loop()
    sent = asyncio.Event()

    def send() -> None:
        for provider in _providers:
            provider.force_flush(int(END_SECONDS * 1000))
        with suppress(RuntimeError):  # The loop has ended.
            loop.call_soon_threadsafe(sent.set)

    # Neither the loop nor the process waits for the end of such a thread.
    threading.Thread(target=send, name="telemetry", daemon=True).start()
    with suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            await sent.wait()
