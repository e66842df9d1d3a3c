"""One async function per operationId of the contract."""

from uuid import UUID

from app.data_queries import find_communities, select_premises
from app.data_types import PremisesFilters
from app.exports import Export, find_export, find_file
from app.standard.database import connect
from app.standard.database_export import stream_select
from app.standard.http import Stream
from app.tasks import request_export


async def export_premises(filters: PremisesFilters) -> Stream:
    """Stream the premises that pass all filters as CSV."""
    return stream_select(select_premises(filters), connect, filename="directmail.csv")


async def list_communities() -> list[str]:
    """List the communities that have premises."""
    return await find_communities()


async def start_export(filters: PremisesFilters) -> tuple[Export, int, dict[str, str]]:
    """Have a worker write the premises that pass all filters into a file."""
    export_id = await request_export(filters)
    headers = {"Location": f"directmail-exports/{export_id}", "Retry-After": "1"}
    return Export(export_id, "queued"), 202, headers


async def get_export(export_id: UUID) -> tuple[Export, int, dict[str, str]]:
    """Tell how far an export is."""
    export = await find_export(export_id)
    is_waiting = export.state in ("queued", "running")
    return export, 200, {"Retry-After": "1"} if is_waiting else {}


async def download_export(export_id: UUID) -> Stream:
    """Stream the file of an export."""
    return await find_file(export_id)
