"""Who is told, by the names that OpenTelemetry has for its settings."""

from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from app.standard.http import HttpSettings
from app.standard.service import SERVICE_NAME

Sampler = Literal[
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
]


class TelemetrySettings(HttpSettings):
    """Where spans and metrics go, and how many of them; what is not here, the SDK reads itself."""

    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    otel_sdk_disabled: bool = False
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_protocol: Literal["http/protobuf"] = "http/protobuf"
    otel_exporter_otlp_headers: SecretStr | None = None
    otel_exporter_otlp_timeout: float = Field(default=10.0, gt=0, le=600)
    otel_exporter_otlp_compression: Literal["none", "gzip", "deflate"] = "none"
    otel_resource_attributes: str | None = None
    otel_traces_sampler: Sampler = "parentbased_always_on"
    otel_traces_sampler_arg: float = Field(default=1.0, ge=0, le=1)
    # In milliseconds, as everywhere with OpenTelemetry.
    otel_bsp_schedule_delay: int = Field(default=5000, ge=1)
    otel_metric_export_interval: int = Field(default=60_000, ge=1)

    @property
    def is_heard(self) -> bool:
        """Whether anybody is told anything."""
        has_place = self.otel_exporter_otlp_endpoint or self.metrics_port
        return bool(has_place) and not self.otel_sdk_disabled

    @property
    def resource(self) -> dict[str, str]:
        """What spans and metrics say of the service."""
        default = {
            "service.name": SERVICE_NAME,
            "deployment.environment.name": self.environment,
        }
        named = {"service.name": self.otel_service_name} if self.otel_service_name else {}
        return {**default, **read_pairs(self.otel_resource_attributes), **named}

    @field_validator("metrics_port")
    @classmethod
    def _refuse_several_processes(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("http_workers", 1) > 1:
            raise ValueError(
                "must not be set while HTTP_WORKERS is above 1: its processes would share the "
                "port; let them send to OTEL_EXPORTER_OTLP_ENDPOINT, or run more replicas"
            )
        return value

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _check_endpoint(cls, value: str | None) -> str | None:
        if value is not None and not _is_address(value):
            raise ValueError(
                "must be an address such as http://collector:4318, without a user, a query or "
                "a fragment"
            )
        return value and value.rstrip("/")

    @field_validator("otel_exporter_otlp_headers", "otel_resource_attributes")
    @classmethod
    def _check_pairs(cls, value: SecretStr | str | None) -> SecretStr | str | None:
        read_pairs(value)
        return value


def read_pairs(given: SecretStr | str | None) -> dict[str, str]:
    """Read ``name=value,name=value``, in which values are percent-encoded (W3C Baggage)."""
    text = given.get_secret_value() if isinstance(given, SecretStr) else given or ""
    found = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        name, is_pair, value = pair.partition("=")
        if not is_pair or not name.strip():
            raise ValueError("must be pairs such as name=value, separated by commas")
        found[name.strip()] = unquote(value.strip())
    return found


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    has_more = parts.username or parts.password or parts.query or parts.fragment
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not has_more
