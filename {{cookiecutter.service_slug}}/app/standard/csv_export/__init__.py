"""CSV exports: streamed, in one dialect, safe to open in a spreadsheet.

Handlers return what ``stream_rows`` makes of any async rows.
"""

from app.standard.csv_export.dialect import FORMULA_STARTS, encode_header
from app.standard.csv_export.rows import Rows, csv_stream, stream_rows
