"""Logs as JSON on standard output, those of the libraries included."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor

# {% if cookiecutter.use_telemetry %}
from app.standard.service.ecs import to_ecs
from app.standard.service.error_reports import report_error

# {%- print "\n" %}
# {% endif %}
from app.standard.service.log_output import LogOutput
from app.standard.service.redaction import redact
from app.standard.service.settings import ServiceSettings

# {%- if cookiecutter.use_telemetry +%}
from app.standard.service.traced_lines import add_span

# {%- endif +%}

# They come with handlers of their own if the service is started by their command.
SERVER_LOGGERS = ("uvicorn", "uvicorn.access", "uvicorn.error")
JSON_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
# By the names of the methods of a logger.
LEVELS = {name.lower(): level for name, level in logging.getLevelNamesMapping().items()}
LEVELS["exception"] = logging.ERROR

_output = LogOutput()
_loggers = structlog.stdlib.LoggerFactory(ignore_frame_names=[__name__])
# Changed in place: loggers keep the list that was there when they logged for the first time.
_processors: list[Processor] = []


def configure_logging(settings: ServiceSettings) -> None:
    """Write JSON without secrets, or coloured lines on a developer's terminal.

    In production nothing waits for the output, and what it does not take is lost.
    """
    for_people = settings.environment == "development" and sys.stdout.isatty()
    # {% if cookiecutter.use_telemetry %}
    has_ecs = settings.log_fields == "ecs" and not for_people
    # {% endif %}
    origin: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        # {% if cookiecutter.use_telemetry %}
        report_error,
        # {% endif %}
    ]
    coloured: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
    to_line: list[Processor] = [
        structlog.processors.format_exc_info,
        redact(settings.log_redacted_words),
        # {% if cookiecutter.use_telemetry %}
        # There is no secret in it to look for.
        add_span,
        *([to_ecs(settings)] if has_ecs else []),
        # {% endif %}
        *(coloured if for_people else [structlog.processors.JSONRenderer(_to_json)]),
    ]
    _processors[:] = [
        _drop_below_level,
        *origin,
        _whole(structlog.stdlib.PositionalArgumentsFormatter(), *to_line),
    ]
    structlog.configure(
        processors=_processors,
        wrapper_class=_Logger,
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*origin, structlog.stdlib.ExtraAdder(), _drop_coloured_copy],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *to_line],
    )
    _install(formatter, settings.log_level)
    (_output.start if settings.environment == "production" else _output.stop)()


class _Logger(structlog.stdlib.BoundLogger):
    """Runs the processors in one call, where structlog copies the event through three."""

    def _proxy_to_logger(
        self, method_name: str, event: str | None = None, *event_args: Any, **event_kw: Any
    ) -> None:
        line: Any = {**self._context, **event_kw}
        if event_args:
            line["positional_args"] = event_args
        if event is not None:
            line["event"] = event
        try:
            for each in self._processors:
                line = each(self._logger, method_name, line)
        except structlog.DropEvent:
            return
        getattr(self._logger, method_name)(line)


class _Lines:
    """Where structlog leaves what it has made of an event."""

    def __init__(self, *name: str) -> None:
        logger = _loggers(*name)
        self.name = logger.name
        # Levels are those of the standard library, in which each logger can have its own.
        self.takes = logger.isEnabledFor

    def write(self, line: str) -> None:
        _output.write(line)

    debug = info = warning = error = critical = exception = log = write


def _drop_below_level(lines: _Lines, name: str, event: EventDict) -> EventDict:
    if not lines.takes(LEVELS[name]):
        raise structlog.DropEvent
    return event


def _whole(*processors: Processor) -> Processor:
    """Return what makes a line of any event: whatever logs must not fail by that."""

    def process(logger: Any, name: str, event: EventDict) -> str:
        line: Any = event
        try:
            for each in processors:
                line = each(logger, name, line)
        except Exception as error:
            return _unreadable(error)
        return str(line)

    return process


def _unreadable(error: Exception) -> str:
    # Nothing of the event, which may hold secrets.
    event = {"event": "unreadable log event", "error": type(error).__name__}
    return json.dumps(event | {"level": "error", "logger": __name__})


def _to_json(event: EventDict, **options: Any) -> str:
    now = datetime.now(UTC)
    stamp = "timestamp"
    # {% if cookiecutter.use_telemetry %}
    stamp = "@timestamp" if "@timestamp" in event else stamp
    # {% endif %}
    try:
        stamped = {**event, stamp: now}
        return orjson.dumps(stamped, options["default"], JSON_OPTIONS).decode()
    except TypeError:
        # What orjson does not take: integers of more than 64 bits, and text that is no UTF-8.
        stamped[stamp] = now.isoformat().replace("+00:00", "Z")
        return json.dumps(stamped, **options)


def _drop_coloured_copy(_logger: object, _name: str, event: EventDict) -> EventDict:
    # uvicorn adds its message a second time, with codes for a terminal.
    event.pop("color_message", None)
    return event


class _StandardOutput(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception as error:
            line = _unreadable(error)
        _output.write(line)


def _install(formatter: logging.Formatter, level: str) -> None:
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler, _StandardOutput):
            # A second application in the process, as in tests, takes over from the first.
            root.removeHandler(handler)
    for logger in map(logging.getLogger, SERVER_LOGGERS):
        # One without handlers is ours already, or turned off: requests have a line of their own.
        logger.propagate = logger.propagate or bool(logger.handlers)
        logger.handlers.clear()
    # {% if cookiecutter.framework != "fastapi" %}
    # It warns at each request to an operation that takes several content types.
    logging.getLogger("connexion.operations").setLevel(logging.ERROR)
    # {% endif %}
    handler = _StandardOutput()
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(level)
