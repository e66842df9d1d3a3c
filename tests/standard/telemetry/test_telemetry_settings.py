"""Settings that OpenTelemetry would pass over, or take for something else, stop the start."""

import pytest

from app.standard.service import SettingsError, load_settings
from config import Settings

ENDPOINT = "must be an address such as http://collector:4318"
PAIRS = "must be pairs such as name=value, separated by commas"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("otel_exporter_otlp_endpoint", "collector:4318", ENDPOINT),
        ("otel_exporter_otlp_endpoint", "http://", ENDPOINT),
        ("otel_exporter_otlp_endpoint", "http://me:hunter2@collector", ENDPOINT),
        ("otel_exporter_otlp_endpoint", "http://collector:x", ENDPOINT),
        ("otel_exporter_otlp_headers", "hunter2", PAIRS),
        ("otel_exporter_otlp_headers", "a=b,hunter2", PAIRS),
        ("otel_exporter_otlp_protocol", "grpc", "http/protobuf"),
        ("otel_exporter_otlp_timeout", "10000", "less than or equal to 600"),
        ("otel_resource_attributes", "team", PAIRS),
        ("otel_traces_sampler", "sometimes", "parentbased_traceidratio"),
        ("otel_traces_sampler_arg", "10", "less than or equal to 1"),
        ("metrics_port", "70000", "less than or equal to 65535"),
    ],
)
def test_bad_setting_is_named_and_never_shown(
    clean_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    wanted: str,
) -> None:
    monkeypatch.setenv(name.upper(), value)

    with pytest.raises(SettingsError, match=f"(?m)^  {name.upper()}: ") as refused:
        load_settings(Settings)

    assert wanted in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_one_port_is_not_for_several_processes(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS_PORT", "9464")
    monkeypatch.setenv("HTTP_WORKERS", "2")

    with pytest.raises(SettingsError, match="METRICS_PORT: must not be set while HTTP_WORKERS"):
        load_settings(Settings)


def test_service_is_named_by_the_strongest(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,team=a%2Cb")
    assert load_settings(Settings).resource["service.name"] == "other"
    monkeypatch.setenv("OTEL_SERVICE_NAME", "strongest")

    found = load_settings(Settings)

    assert found.resource["service.name"] == "strongest"
    assert found.resource["team"] == "a,b"


@pytest.mark.parametrize("disabled", ["true", "false"])
def test_telemetry_can_be_off(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch, disabled: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
    monkeypatch.setenv("OTEL_SDK_DISABLED", disabled)

    assert load_settings(Settings).is_heard == (disabled == "false")
