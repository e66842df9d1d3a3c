import asyncio
import csv
import enum
import io
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from starlette.types import Message

from app.standard.csv_export import csv_stream, stream_rows
from app.standard.http.streaming import ClientLeft, Stream, Write


class Segment(enum.Enum):
    FIRST = "S1"
    FORMULA = "=S2"


class Rank(enum.IntEnum):
    LOW = -1


class Name(str):
    pass


async def rows_of(*rows: Sequence[object]) -> AsyncGenerator[Sequence[object], None]:
    for row in rows:
        yield row


async def body_of(stream: Stream) -> bytes:
    await stream.prime()
    return await send(stream)


async def send(stream: Stream) -> bytes:
    chunks = []

    async def keep(message: Message) -> None:
        chunks.append(message.get("body", b""))

    await stream.send({"type": "http.response.start"}, {"type": "http", "method": "GET"}, keep)
    return b"".join(chunks)


def text_of(stream: Stream) -> str:
    return asyncio.run(body_of(stream)).decode()


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
        (time(9, 30, 0, 500000), "09:30:00.5"),
        (datetime(2026, 1, 2, 3, 4, 50), "2026-01-02T03:04:50"),
        (datetime(2026, 1, 2, 3, 4, 5, 120000), "2026-01-02T03:04:05.12"),
        (datetime(2026, 1, 2, 0, 0, 0, 10, tzinfo=UTC), "2026-01-02T00:00:00.00001+00:00"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        (datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=1))), "2026-01-01T23:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Segment.FIRST, "S1"),
        (Segment.FORMULA, "'=S2"),
        (Rank.LOW, "-1"),
        (Name("=a"), "'=a"),
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
    with pytest.raises(ValueError, match="zip"):
        export(("a", "b"), row)


@pytest.mark.parametrize("value", [b"a", ["a"], {"a": 1}, timedelta(1), time(9, tzinfo=UTC)])
def test_value_without_a_form_is_an_error(value: object) -> None:
    with pytest.raises(TypeError, match="has no form for"):
        export((value,))


class Source:
    """Endless rows that know whether they were closed."""

    def __init__(self, cell: object) -> None:
        self.cell = cell
        self.is_closed = False

    async def rows(self) -> AsyncGenerator[Sequence[object], None]:
        try:
            while True:
                yield (self.cell,)
        finally:
            self.is_closed = True


def test_source_is_closed_when_its_stream_is_left() -> None:
    async def leave_early() -> None:
        stream = stream_rows(source.rows(), ["a"], filename="x.csv")
        await stream.prime()
        await stream.close()

    source = Source("a")
    asyncio.run(leave_early())
    assert source.is_closed


def test_source_is_closed_when_its_stream_fails() -> None:
    source = Source(b"a")

    with pytest.raises(TypeError, match="has no form for bytes"):
        text_of(stream_rows(source.rows(), ["a"], filename="x.csv"))

    assert source.is_closed


def test_chunk_is_neither_small_nor_large() -> None:
    sizes = []

    async def write(chunk: bytes) -> None:
        sizes.append(len(chunk))
        if len(sizes) == 3:
            raise ClientLeft

    async def work() -> None:
        await stream_rows(Source("a" * 1000).rows(), ["a"], filename="x.csv")._produce(write)

    with pytest.raises(ClientLeft):
        asyncio.run(work())
    assert all(64 * 1024 <= size <= 256 * 1024 for size in sizes)


@pytest.mark.parametrize(
    ("filename", "safe_name"),
    [
        ("premises.csv", "premises.csv"),
        ("../etc/pass wd.csv", "etc_pass_wd.csv"),
        ('a"b;c.csv\r\nSet-Cookie: x', "abc.csv_Set-Cookie_x"),
        ("Siân €.csv", "Sian_.csv"),
        ("a" * 999 + ".csv", "a" * 96 + ".csv"),
        ("€", "export.csv"),
        ("日本.csv", "export.csv"),
    ],
)
def test_filename_is_made_safe_in_its_header(filename: str, safe_name: str) -> None:
    async def produce(_write: Write) -> None:
        pass

    headers = csv_stream(produce, filename).headers

    assert headers == {"Content-Disposition": f'attachment; filename="{safe_name}"'}
