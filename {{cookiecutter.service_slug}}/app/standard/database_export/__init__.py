"""CSV at the speed of the database: PostgreSQL's COPY, in the dialect of ``csv_export``.

Handlers return what ``stream_select`` makes of a ``select()``, and hand it the ``connect`` to use.
"""

from app.standard.database_export.copy_statement import Statement, compile_copy
from app.standard.database_export.copying import stream_select
