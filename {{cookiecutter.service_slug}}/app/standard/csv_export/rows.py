"""CSV from any async rows, and the response that a browser keeps as a file."""

from collections.abc import AsyncIterable, Awaitable, Callable, Collection, Sequence

from starlette_compress import add_compress_type
from werkzeug.utils import secure_filename

from app.standard.csv_export.dialect import encode_header, encode_row, forms_of

# {%- if cookiecutter.use_telemetry +%}
from app.standard.csv_export.telling import ToldExport

# {%- endif +%}
from app.standard.http import Stream, Write

Rows = AsyncIterable[Sequence[object]]

CHUNK_CHARACTERS = 128 * 1024

# Each chunk can be read once it was sent.
add_compress_type("text/csv", streaming=True)


def stream_rows(
    rows: Rows, columns: Sequence[str], *, filename: str, safe_columns: Collection[str] = ()
) -> Stream:
    """Stream rows as a CSV file, and close their source when the stream is closed.

    ``safe_columns`` keep text that starts like a formula as it is: name only columns whose text
    no outsider chooses. Raises ``ValueError`` if one is not among the columns.
    """
    header = encode_header(columns, safe_columns)
    forms = forms_of(columns, safe_columns)

    async def produce(write: Write) -> None:
        lines, size = [header], 0
        # {% if cookiecutter.use_telemetry %}
        told = ToldExport(header)
        # {% endif %}

        async def send() -> None:
            chunk = "".join(lines).encode()
            await write(chunk)
            # {% if cookiecutter.use_telemetry %}
            told.count(lines, chunk)
            # {% endif %}

        source = aiter(rows)
        try:
            async for row in source:
                lines.append(line := encode_row(row, forms))
                size += len(line)
                if size >= CHUNK_CHARACTERS:
                    await send()
                    lines, size = [], 0
        finally:
            if close := getattr(source, "aclose", None):
                await close()
        await send()

    return csv_stream(produce, filename)


def csv_stream(produce: Callable[[Write], Awaitable[None]], filename: str) -> Stream:
    """Return a stream that the browser keeps as a CSV file of this name, made safe."""
    name = secure_filename(filename[-100:])
    if "." not in name:
        # Nothing of it was left but, perhaps, its end.
        name = "export.csv"
    disposition = f'attachment; filename="{name}"'
    return Stream(produce, "text/csv; charset=utf-8", {"Content-Disposition": disposition})
