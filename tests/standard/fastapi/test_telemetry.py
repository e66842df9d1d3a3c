"""FastAPI looks for OpenTelemetry where it can be configured, and costs nothing elsewhere."""

import pytest
from opentelemetry import trace

from app.standard.framework import fastapi_app
from config import Settings
from tests.standard.coded import serving
from tests.standard.crates import router


@pytest.mark.parametrize("has_telemetry", [True, False])
def test_telemetry_is_looked_for_where_it_can_be(
    wide_settings: Settings, monkeypatch: pytest.MonkeyPatch, has_telemetry: bool
) -> None:
    found: list[trace.TracerProvider] = []
    of_opentelemetry = trace.get_tracer_provider

    def provider() -> trace.TracerProvider:
        found.append(of_opentelemetry())
        return found[-1]

    monkeypatch.setattr(trace, "get_tracer_provider", provider)
    monkeypatch.setattr(fastapi_app, "HAS_TELEMETRY", has_telemetry)

    with serving(wide_settings, router) as client:
        found.clear()
        assert client.get("/things/7").status_code == 200

    assert bool(found) == has_telemetry
