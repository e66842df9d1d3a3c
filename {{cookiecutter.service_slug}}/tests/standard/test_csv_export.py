import asyncio
import csv
import enum
import io
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from app.standard.csv_export import csv_headers, stream_rows
from app.standard.streaming import Stream


class Segment(enum.Enum):
    FIRST = "S1"
    FORMULA = "=S2"


async def rows_of(*rows: Sequence[object]) -> AsyncGenerator[Sequence[object], None]:
    for row in rows:
        yield row


def text_of(stream: Stream) -> str:
    async def read() -> bytes:
        return b"".join([chunk async for chunk in stream.chunks])

    return asyncio.run(read()).decode()


def export(*rows: Sequence[object], safe_columns: Sequence[str] = ()) -> list[str]:
    columns = [f"column {number}" for number, _ in enumerate(rows[0])]
    stream = stream_rows(rows_of(*rows), columns, filename="x.csv", safe_columns=safe_columns)
    return text_of(stream).split("\n")[1:-1]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("", '""'),
        (" padded ", " padded "),
        ('say "a, b"', '"say ""a, b"""'),
        ("a\rb", '"a\rb"'),
        (True, "true"),
        (-7, "-7"),
        (0.1, "0.1"),
        (-2.0, "-2"),
        (1e15, "1e+15"),
        (-6.5259102359725296e16, "-6.5259102359725296e+16"),
        (1e-7, "1e-07"),
        (float("nan"), "NaN"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.00000001"), "0.00000001"),
        (date(2026, 1, 2), "2026-01-02"),
        (time(9, 30), "09:30:00"),
        (datetime(2026, 1, 2, 3, 4, 5, 120000), "2026-01-02T03:04:05.120000"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        (datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=1))), "2026-01-01T23:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Segment.FIRST, "S1"),
        (Segment.FORMULA, "'=S2"),
    ],
)
def test_value_is_written_in_the_form_of_the_dialect(value: object, cell: str) -> None:
    assert export((value, "next")) == [f"{cell},next"]


@pytest.mark.parametrize("start", "=+-@\t\n\r＝＋－＠")  # noqa: RUF001
def test_text_like_a_formula_gets_an_apostrophe(start: str) -> None:
    stream = stream_rows(rows_of((f"{start}1", "=2")), ["=a", "b"], filename="x.csv")

    [header, row] = csv.reader(io.StringIO(text_of(stream), newline=""))

    assert header == ["'=a", "b"]
    assert row == [f"'{start}1", "'=2"]


def test_text_in_a_safe_column_stays_as_it_is() -> None:
    assert export(("=1", "=1"), safe_columns=["column 1"]) == ["'=1,=1"]


@pytest.mark.parametrize(
    ("value", "line"), [(None, '""'), ("", '""'), (r"\.", r'"\."'), ("a", "a")]
)
def test_only_cell_never_makes_an_empty_line(value: object, line: str) -> None:
    assert export((value,)) == [line]


def test_export_without_rows_is_its_header() -> None:
    assert text_of(stream_rows(rows_of(), ["a", "b"], filename="x.csv")) == "a,b\n"


def test_unknown_safe_column_is_refused() -> None:
    with pytest.raises(ValueError, match="column 9"):
        export(("a",), safe_columns=["column 0", "column 9"])


@pytest.mark.parametrize("row", [("a",), ("a", "b", "c")])
def test_row_of_another_length_is_an_error(row: Sequence[object]) -> None:
    with pytest.raises(ValueError, match="export of 2 columns"):
        export(("a", "b"), row)


@pytest.mark.parametrize("value", [b"a", ["a"], {"a": 1}, timedelta(1), time(9, tzinfo=UTC)])
def test_value_without_a_form_is_an_error(value: object) -> None:
    with pytest.raises(TypeError, match="has no form for"):
        export((value,))


def test_source_is_closed_with_its_stream() -> None:
    closed = []

    async def rows() -> AsyncGenerator[Sequence[object], None]:
        try:
            while True:
                yield ("a" * 1000,)
        finally:
            closed.append(True)

    async def leave_early() -> int:
        stream = stream_rows(rows(), ["a"], filename="x.csv")
        chunk = await anext(stream.chunks)
        await stream.chunks.aclose()
        return len(chunk)

    assert 64 * 1024 <= asyncio.run(leave_early()) <= 256 * 1024
    assert closed


@pytest.mark.parametrize(
    ("filename", "disposition"),
    [
        ("premises.csv", 'filename="premises.csv"'),
        ("../etc/pass wd.csv", 'filename="pass wd.csv"'),
        (r"C:\x\.csv", 'filename="csv"'),
        ('a"b;c.csv\r\nSet-Cookie: x', 'filename="a_b_c.csvSet-Cookie_ x"'),
        ("", 'filename="export.csv"'),
        ("Siân €.csv", "filename=\"Si_n _.csv\"; filename*=UTF-8''Si%C3%A2n%20%E2%82%AC.csv"),
        ("a／b.csv", "filename=\"a_b.csv\"; filename*=UTF-8''a%EF%BC%8Fb.csv"),  # noqa: RUF001
    ],
)
def test_filename_is_made_safe_in_its_header(filename: str, disposition: str) -> None:
    assert csv_headers(filename) == {"Content-Disposition": f"attachment; {disposition}"}
