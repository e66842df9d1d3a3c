"""The one CSV dialect of all exports.

A missing value is nothing, an empty text is ``""``. Truth values are ``true`` and ``false``, dates
and times ISO 8601, in UTC if they have an offset; numbers are as PostgreSQL writes them, a member
of an enum is its value. Text that a spreadsheet would run as a formula gets an apostrophe.
"""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from math import inf, ulp
from types import NoneType
from typing import Any
from uuid import UUID

# OWASP's list; the last four are the full-width forms, which East Asian spreadsheets run too.
FORMULA_STARTS = ("\t", "\n", "\r", "+", "-", "=", "@", "\uff0b", "\uff0d", "\uff1d", "\uff20")


def encode_header(columns: Sequence[str], safe_columns: Collection[str]) -> str:
    """Return the header line; raise ``ValueError`` for a safe column that is not in it."""
    if unknown := sorted(set(safe_columns) - set(columns)):
        raise ValueError(f"safe columns that are not in the export: {', '.join(unknown)}")
    return encode_row(columns, [_FORMS] * len(columns))


def forms_of(columns: Sequence[str], safe_columns: Collection[str]) -> "list[Forms]":
    """Return what writes the cells of each column."""
    return [_SAFE_FORMS if column in safe_columns else _FORMS for column in columns]


def encode_row(row: Sequence[object], forms: "Sequence[Forms]") -> str:
    """Return the line of a row."""
    # Not csv.writer: it writes None and "" alike and, until Python 3.13, a bare CR unquoted.
    cells = [form[type(value)](value) for form, value in zip(forms, row, strict=True)]
    # As COPY does: readers take an empty line for no row, and a bare \. for the end.
    if len(cells) == 1 and cells[0] in ("", r"\."):
        return f'"{cells[0]}"\n'
    return ",".join(cells) + "\n"


def _write_guarded_text(text: str) -> str:
    return _write_text(f"'{text}" if text.startswith(FORMULA_STARTS) else text)


def _write_text(text: str) -> str:
    if not text or _needs_quotes(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _write_float(number: float) -> str:
    if not 1e15 <= abs(number) < inf:
        text = repr(number).removesuffix(".0")
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text)
    # PostgreSQL turns to exponents one digit sooner than Python, and names no number by the
    # middle between it and the next.
    texts = (f"{number:.{digits}e}" for digits in range(17))
    near = (text for text in texts if float(text) == number)
    return next(text for text in near if 2 * abs(int(Decimal(text)) - int(number)) != ulp(number))


def _write_time(moment: datetime | time) -> str:
    if isinstance(moment, time) and moment.tzinfo is not None:
        raise TypeError("a CSV export has no form for a time of day with an offset")
    text, plus, offset = moment.isoformat().partition("+")
    # As PostgreSQL does, without the zeros that end a fraction.
    return (text.rstrip("0") if moment.microsecond else text) + plus + offset


class Forms(dict[type, Callable[[Any], str]]):
    """What writes the values of each type; a subclass is written as its nearest base."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        if issubclass(kind, Enum):
            return self.setdefault(kind, lambda member: self[type(member.value)](member.value))
        for base in kind.__mro__:
            if base in self:
                return self.setdefault(kind, self[base])
        raise TypeError(f"a CSV export has no form for {kind.__name__}: make it text first")


_needs_quotes = re.compile(r'[",\r\n]').search
_FORMS = Forms(
    {
        NoneType: lambda _: "",
        str: _write_guarded_text,
        bool: lambda value: "true" if value else "false",
        int: int.__repr__,
        float: _write_float,
        Decimal: "{:f}".format,
        datetime: lambda moment: _write_time(moment.astimezone(UTC) if moment.tzinfo else moment),
        date: date.isoformat,
        time: _write_time,
        UUID: str,
    }
)
_SAFE_FORMS = Forms(_FORMS | {str: _write_text})
