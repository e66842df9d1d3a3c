"""CSV from rows: the one dialect of all exports, and the path from any async rows to it.

A header row; commas, LF line ends, quotes where RFC 4180 needs them; UTF-8. A missing value is
nothing, an empty text is ``""``; in a file of one column both are ``""``, as many readers skip
an empty line. Truth values are ``true`` and ``false``, dates and times ISO 8601, a time with an
offset is given in UTC, numbers are as PostgreSQL writes them, an enum member is its value. Text
that a spreadsheet would run as a formula gets a leading apostrophe. Other types are refused.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Collection, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from math import inf, ulp
from types import NoneType
from typing import Any
from urllib.parse import quote
from uuid import UUID

from app.standard.streaming import Stream

Rows = AsyncIterable[Sequence[object]]

MEDIA_TYPE = "text/csv; charset=utf-8"
# OWASP's list; the last four are the full-width forms, which East Asian spreadsheets run too.
FORMULA_STARTS = ("\t", "\n", "\r", "+", "-", "=", "@", "\uff0b", "\uff0d", "\uff1d", "\uff20")
CHUNK_CHARACTERS = 128 * 1024
_QUOTED_CHARACTERS = re.compile(r'[",\r\n]')


def stream_rows(
    rows: Rows,
    columns: Sequence[str],
    *,
    filename: str,
    safe_columns: Collection[str] = (),
) -> Stream:
    """Stream rows as a CSV file, and close their source when the stream is closed.

    ``safe_columns`` keep text that starts like a formula as it is: name only columns whose text
    no outsider chooses. Raises ``ValueError`` if one is not among the columns.
    """
    safe = mark_safe_columns(columns, safe_columns)
    forms = [_SAFE_FORMS if is_safe else _GUARDED_FORMS for is_safe in safe]
    return Stream(_encode_rows(rows, columns, forms), MEDIA_TYPE, csv_headers(filename))


def mark_safe_columns(columns: Sequence[str], safe_columns: Collection[str]) -> list[bool]:
    """Tell of each column whether it was declared safe."""
    if unknown := sorted(set(safe_columns) - set(columns)):
        raise ValueError(f"safe columns that are not in the export: {', '.join(unknown)}")
    return [column in safe_columns for column in columns]


def csv_headers(filename: str) -> dict[str, str]:
    """Return the headers that make the browser keep the response as a file of this name.

    The name loses its folders and what no header or file system takes. RFC 6266 and 8187.
    """
    # Control, bidirectional and surrogate characters are not printable.
    name = "".join(character for character in filename if character.isprintable())
    name = re.sub(r'["%*:;<>?|]', "_", re.split(r"[/\\]", name)[-1])
    name = name[-150:].strip(" .") or "export.csv"
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    disposition = f'attachment; filename="{plain}"'
    if plain != name:
        disposition += f"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": disposition}


def encode_header(columns: Sequence[str]) -> str:
    """Return the header line; labels are text like any other."""
    return _encode_row(columns, [_GUARDED_FORMS] * len(columns))


async def _encode_rows(
    rows: Rows, columns: Sequence[str], forms: Sequence["_Forms"]
) -> AsyncGenerator[bytes, None]:
    lines = [encode_header(columns)]
    size = 0
    source = aiter(rows)
    try:
        async for row in source:
            lines.append(line := _encode_row(row, forms))
            size += len(line)
            if size >= CHUNK_CHARACTERS:
                yield "".join(lines).encode()
                lines, size = [], 0
        yield "".join(lines).encode()
    finally:
        if close := getattr(source, "aclose", None):
            await close()


def _encode_row(row: Sequence[object], forms: Sequence["_Forms"]) -> str:
    if len(row) != len(forms):
        raise ValueError(f"a row of {len(row)} cells in a CSV export of {len(forms)} columns")
    # Not csv.writer: it writes None and "" alike and, until Python 3.13, a bare CR unquoted.
    cells = [form[type(value)](value) for form, value in zip(forms, row, strict=True)]
    # As COPY does: readers take an empty line for no row, and a bare \. for the end.
    if len(cells) == 1 and cells[0] in ("", r"\."):
        return f'"{cells[0]}"\n'
    return ",".join(cells) + "\n"


def _guard(text: str) -> str:
    return _quote(f"'{text}" if text.startswith(FORMULA_STARTS) else text)


def _quote(text: str) -> str:
    if not text or _QUOTED_CHARACTERS.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def _write_float(number: float) -> str:
    text = repr(number).removesuffix(".0")
    if 1e15 <= abs(number) < inf:
        # PostgreSQL turns to exponents one digit sooner, and names no number by the middle
        # between it and the next, as Python may.
        texts = (text, *(f"{number:.{digits}e}" for digits in range(17)))
        near = (Decimal(text) for text in texts if float(text) == number)
        form = next(form for form in near if 2 * abs(int(form) - int(number)) != ulp(number))
        return f"{form.normalize():e}"
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text)


def _write_datetime(moment: datetime) -> str:
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()


def _write_time(moment: time) -> str:
    if moment.tzinfo is not None:
        raise TypeError("a CSV export has no form for a time of day with an offset")
    return moment.isoformat()


class _Forms(dict[type, Callable[[Any], str]]):
    """The form of each type, found once for it and its subclasses."""

    def __init__(self, text_form: Callable[[str], str]) -> None:
        self._bases: tuple[tuple[type, Callable[[Any], str]], ...] = (
            # The first that fits counts: a member may be a str, bool is an int, datetime a date.
            (Enum, lambda member: self[type(member.value)](member.value)),
            (str, text_form),
            (NoneType, lambda _: ""),
            (bool, lambda value: "true" if value else "false"),
            (int, int.__repr__),
            (float, _write_float),
            (Decimal, "{:f}".format),
            (datetime, _write_datetime),
            (date, date.isoformat),
            (time, _write_time),
            (UUID, str),
        )

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        for base, form in self._bases:
            if issubclass(kind, base):
                self[kind] = form
                return form
        raise TypeError(f"a CSV export has no form for {kind.__name__}: make it text first")


_GUARDED_FORMS = _Forms(_guard)
_SAFE_FORMS = _Forms(_quote)
