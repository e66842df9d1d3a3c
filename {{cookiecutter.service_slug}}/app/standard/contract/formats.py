"""The formats of the contract: ``date``, ``date-time``, ``uuid``, and numbers in a path."""

import re
from datetime import datetime

from connexion.frameworks.starlette import FloatConverter, IntegerConverter
from jsonschema import Draft4Validator, Draft202012Validator

# RFC 3339, section 5.6: the offset is required.
DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
# Connexion's own take "." in a path for a number, and any number of digits, and then fail.
NUMBER_IN_PATH = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
INTEGER_IN_PATH = r"[+-]?[0-9]{1,4300}"


def add_formats() -> None:
    """Make Connexion check the formats ``date``, ``date-time`` and ``uuid`` of the contract."""
    formats = Draft4Validator.FORMAT_CHECKER
    for name in ("date", "uuid"):
        formats.checkers[name] = Draft202012Validator.FORMAT_CHECKER.checkers[name]
    formats.checks("date-time", raises=ValueError)(_is_date_time)
    FloatConverter.regex = NUMBER_IN_PATH
    IntegerConverter.regex = INTEGER_IN_PATH


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    value = value.upper()
    return bool(DATE_TIME.fullmatch(value) and datetime.fromisoformat(value))
