"""One async function per operationId of the contract."""

from typing import Any

from app.data_queries import select_premises
from app.data_types import PremisesFilters
from app.standard.database import connect
from app.standard.database_export import stream_select
from app.standard.http import Stream


async def export_premises(**filters: Any) -> Stream:
    """Stream the premises that pass all filters as CSV."""
    statement = select_premises(PremisesFilters(**filters))
    return stream_select(statement, connect, filename="directmail.csv")
