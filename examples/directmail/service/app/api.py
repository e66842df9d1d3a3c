"""One async function per operationId of the contract."""

from app.data_queries import select_premises
from app.data_types import PremisesFilters
from app.standard.database import connect
from app.standard.database_export import stream_select
from app.standard.http import Stream


async def export_premises(filters: PremisesFilters) -> Stream:
    """Stream the premises that pass all filters as CSV."""
    return stream_select(select_premises(filters), connect, filename="directmail.csv")
