"""What OpenTelemetry logs of itself: while a collector is away, a line for each attempt."""

import logging
import time

import structlog

SILENT_SECONDS = 600.0
# Why stands at the end, behind the name of the host, twice; the answer of a collector has no end.
CAUSE_LENGTH = 1000

logger = structlog.stdlib.get_logger(__name__)


class _SaysOnce(logging.Handler):
    """Logs the first warning, and counts those of the next ten minutes."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._silent_until = float("-inf")
        self._left_out = 0

    def emit(self, record: logging.LogRecord) -> None:
        if time.monotonic() < self._silent_until:
            self._left_out += 1
            return
        self._silent_until = time.monotonic() + SILENT_SECONDS
        cause = record.getMessage()[:CAUSE_LENGTH]
        logger.warning("telemetry is not sent", cause=cause, left_out=self._left_out)
        self._left_out = 0


def say_once() -> None:
    """Log one warning where OpenTelemetry would log thousands."""
    theirs = logging.getLogger("opentelemetry")
    theirs.propagate = False
    theirs.handlers = [_SaysOnce()]
