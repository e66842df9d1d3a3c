"""Whether FastAPI looks for OpenTelemetry at each request."""

# {% if not cookiecutter.use_telemetry %}
import os
from importlib.util import find_spec

# FastAPI would look at each request whether it is configured. Without OpenTelemetry's SDK, and
# without its variables, it is not.
HAS_TELEMETRY = find_spec("opentelemetry.sdk") is not None or any("OTEL_" in k for k in os.environ)
# {% endif %}
# {% if cookiecutter.use_telemetry %}
# The spans are those of app/standard/telemetry, by the routes of the contract.
HAS_TELEMETRY = False
# {% endif %}
