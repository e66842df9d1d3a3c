"""Logs as JSON on standard output, those of the libraries included."""

import json
import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor

from app.standard.service.redaction import redact
from app.standard.service.settings import ServiceSettings

# They come with handlers of their own if the service is started by their command.
SERVER_LOGGERS = ("uvicorn", "uvicorn.access", "uvicorn.error")


def configure_logging(settings: ServiceSettings) -> None:
    """Write JSON without secrets, or coloured lines on a developer's terminal."""
    for_people = settings.environment == "development" and sys.stdout.isatty()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(), _drop_coloured_copy],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact(settings.log_redacted_words),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if for_people
            else structlog.processors.JSONRenderer(_to_json),
        ],
    )
    _install(formatter, settings.log_level)


def _to_json(event: EventDict, **options: Any) -> str:
    try:
        return orjson.dumps(event, options["default"], orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        # What orjson does not take: integers of more than 64 bits, and text that is no UTF-8.
        return json.dumps(event, **options)


def _drop_coloured_copy(_logger: object, _name: str, event: EventDict) -> EventDict:
    # uvicorn adds its message a second time, with codes for a terminal.
    event.pop("color_message", None)
    return event


class _StandardOutput(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            # Looked up each time: whoever captures the output replaces it.
            sys.stdout.write(self.format(record) + "\n")
            sys.stdout.flush()
        except Exception:
            self.handleError(record)


def _install(formatter: logging.Formatter, level: str) -> None:
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler, _StandardOutput):
            # A second application in the process, as in tests, takes over from the first.
            root.removeHandler(handler)
    for name in SERVER_LOGGERS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    # It warns at each request to an operation that takes several content types.
    logging.getLogger("connexion.operations").setLevel(logging.ERROR)
    handler = _StandardOutput()
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(level)
