"""Values of JSON (RFC 8259), wherever in a request they stand."""

import json
from typing import Any

import orjson

from app.standard.validation.refusals import MAX_DEPTH, fault_of
from app.standard.validation.texts import INTEGERS, NotReadable

# Ten times as fast as a regular expression that looks for so many digits.
DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"000000000")
LONG_NUMBER = b"0" * 19


class _TooLong(ValueError):
    pass


def load(content: bytes) -> Any:
    """Return the value.

    Raises ``NotReadable`` for one that no schema can allow, and another ``ValueError`` for what is
    no JSON.
    """
    # Python's own reader fails at depth and at long numbers, and takes NaN.
    value = orjson.loads(content)
    # orjson makes a float of what is an integer to the handler.
    if LONG_NUMBER in content.translate(DIGITS_AS_ZEROS):
        _refuse_long_integers(json.loads(content))
    # Most values can have neither, and need no walk.
    may_be_deep = content.count(b"[") + content.count(b"{") > MAX_DEPTH
    if (may_be_deep or b"\\u0000" in content) and (found := fault_of(value)):
        raise NotReadable(found)
    return value


def load_text(content: bytes) -> Any:
    """Return the value of a part of a request; raise ``NotReadable`` for what is none."""
    try:
        return load(content)
    except NotReadable:
        raise
    except _TooLong as error:
        raise NotReadable(str(error)) from None
    except (ValueError, RecursionError):
        raise NotReadable("is no JSON") from None


def _refuse_long_integers(value: Any) -> None:
    if isinstance(value, int) and value not in INTEGERS:
        raise _TooLong("has an integer of more than 64 bits")
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _refuse_long_integers(each)
