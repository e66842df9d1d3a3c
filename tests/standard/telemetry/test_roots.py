"""Traces that begin with a request are recorded where the SDK's sampler would record them."""

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, TraceFlags

from app.standard.service import load_settings
from app.standard.telemetry.roots import ALL, roots
from app.standard.telemetry.sending import Ids, make_sampler
from config import Settings

TRACES = 200


@pytest.fixture(autouse=True)
def _bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "bound", roots.bound)


@pytest.mark.parametrize("form", ["{}", "parentbased_{}"])
@pytest.mark.parametrize(
    ("name", "recorded"),
    [("traceidratio", {True, False}), ("always_on", {True}), ("always_off", {False})],
)
def test_sdk_would_decide_the_same(
    clean_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    name: str,
    recorded: set[bool],
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", form.format(name))
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    sampler = make_sampler(load_settings(Settings))
    tracer = TracerProvider(sampler, id_generator=Ids(), shutdown_on_exit=False).get_tracer("test")

    spans = [roots.begin(tracer, "GET", {}) for _ in range(TRACES)]

    contexts = [span.get_span_context() for span in spans]
    assert {span.is_recording() for span in spans} == recorded
    for span, context in zip(spans, contexts, strict=True):
        decision = sampler.should_sample(Context(), context.trace_id, "GET", SpanKind.SERVER)
        assert decision.decision.is_sampled() == span.is_recording() == context.trace_flags.sampled
        assert context.is_valid
        assert context.trace_flags & TraceFlags.RANDOM_TRACE_ID
    assert len({context.trace_id for context in contexts}) == TRACES
    assert len({context.span_id for context in contexts}) == TRACES


def test_trace_that_is_none_of_a_request_has_an_id_of_its_own() -> None:
    roots.bound = ALL
    tracer = TracerProvider(id_generator=Ids(), shutdown_on_exit=False).get_tracer("test")

    request = roots.begin(tracer, "GET", {})
    other = tracer.start_span("other")

    assert request.get_span_context().trace_id != other.get_span_context().trace_id
