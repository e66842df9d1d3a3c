"""Errors that nobody expected: each has a fingerprint, and goes to whom the team names."""

import hashlib
import sys
import traceback
from collections.abc import Callable

from structlog.typing import EventDict

Reporter = Callable[[BaseException, str], None]

_reporters: list[Reporter] = []


def report_errors_to(reporter: Reporter) -> None:
    """Have a function called with each error that is logged, and its fingerprint.

    It runs where the error is logged, so that it must not block; what it raises is left out.
    """
    _reporters.append(reporter)


def fingerprint(error: BaseException) -> str:
    """Return the same 16 digits for errors of one type from one place, whatever they say."""
    frames = [
        f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}"
        for frame, _line in traceback.walk_tb(error.__traceback__)
    ]
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return hashlib.sha256("\n".join([kind, *frames]).encode()).hexdigest()[:16]


def report_error(_logger: object, _name: str, event: EventDict) -> EventDict:
    """Add the fingerprint of an error that is logged as one, and report it."""
    if event.get("level") not in ("error", "critical") or not event.get("exc_info"):
        return event
    error = _error_of(event["exc_info"])
    if error is None:
        return event
    event["fingerprint"] = fingerprint(error)
    for reporter in _reporters:
        try:
            reporter(error, event["fingerprint"])
        except Exception as failure:
            # To log it would report it.
            event["not_reported"] = type(failure).__name__
    return event


def _error_of(given: object) -> BaseException | None:
    if isinstance(given, tuple):
        given = given[1]
    elif given is True:
        given = sys.exc_info()[1]
    return given if isinstance(given, BaseException) else None
