"""Lines of log by the names of the Elastic Common Schema, by which Elastic correlates them."""

from structlog.typing import EventDict, Processor

from app.standard.service.settings import SERVICE_NAME, ServiceSettings

VERSION = "8.11.0"
NAMES = {
    "bytes": "http.response.body.bytes",
    "client": "client.address",
    "error": "error.message",
    "exception": "error.stack_trace",
    "logger": "log.logger",
    "method": "http.request.method",
    "path": "url.path",
    "request_id": "http.request.id",
    "span_id": "span.id",
    "status": "http.response.status_code",
    "trace_id": "trace.id",
}


def to_ecs(settings: ServiceSettings) -> Processor:
    """Return a processor that renames what the schema has, and makes labels of the rest."""
    service = settings.otel_service_name or SERVICE_NAME

    def rename(_logger: object, _name: str, event: EventDict) -> EventDict:
        line = {
            # Its place: the renderer sets it.
            "@timestamp": None,
            "log.level": event.pop("level", None),
            "message": str(event.pop("event", "")),
            "ecs.version": VERSION,
            "service.name": service,
        }
        if (milliseconds := event.pop("duration_ms", None)) is not None:
            line["event.duration"] = round(milliseconds * 1_000_000)
        # Names at the root, such as `user`, are objects to the schema.
        renamed = {NAMES.get(name, f"labels.{name}"): value for name, value in event.items()}
        return {**line, **renamed}

    return rename
