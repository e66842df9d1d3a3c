#!/usr/bin/env bash
# opentelemetry-exporter-otlp-proto-common 1.45.2 (with the SDK 1.45.2): of a resource that has two
# `ScopeMetrics` of the same scope, the exporter sends the metrics of the last alone, without a
# word. OTLP allows both, and the encoder of spans puts what is of one scope together.
# Seen: ['second'].
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "opentelemetry-exporter-otlp-proto-common==1.45.2" \
    "opentelemetry-sdk==1.45.2"

"$folder/venv/bin/python" - <<'PYTHON'
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import (
    Gauge,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope


def scope_with(name: str) -> ScopeMetrics:
    point = NumberDataPoint({}, 0, 1, 1)
    return ScopeMetrics(InstrumentationScope("app"), [Metric(name, "", "", Gauge([point]))], "")


both = [scope_with("first"), scope_with("second")]
request = encode_metrics(MetricsData([ResourceMetrics(Resource({}), both, "")]))
[resource] = request.resource_metrics
sent = [metric.name for scope in resource.scope_metrics for metric in scope.metrics]
print(sent)
assert sent == ["second"]
PYTHON
