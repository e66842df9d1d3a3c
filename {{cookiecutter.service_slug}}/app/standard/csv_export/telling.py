"""What an export of rows tells: how many there were, and their bytes."""

from opentelemetry import metrics, trace

# An export by COPY adds to counters of the same names, which are the same.
_meter = metrics.get_meter("app.standard")
_rows = _meter.create_counter("service.export.rows", "{row}", "Rows that were exported")
_bytes = _meter.create_counter("service.export.size", "By", "Bytes that were exported")


class ToldExport:
    """The rows and bytes of an export, without its header, as COPY counts them."""

    def __init__(self, header: str) -> None:
        self._rows = self._size = 0
        # The header is in the first chunk.
        self._lines_beside, self._bytes_beside = 1, len(header.encode())

    def count(self, lines: list[str], chunk: bytes) -> None:
        """Count a chunk that was written, and tell of it in the span of the request or job."""
        rows, size = len(lines) - self._lines_beside, len(chunk) - self._bytes_beside
        self._lines_beside = self._bytes_beside = 0
        self._rows += rows
        self._size += size
        told = {"service.export.rows": self._rows, "service.export.size": self._size}
        trace.get_current_span().set_attributes(told)
        _rows.add(rows)
        _bytes.add(size)
