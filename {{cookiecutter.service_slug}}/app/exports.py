"""Exports as files: a worker writes one, in parts, and clients fetch it when it is whole."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import (
    # {% if cookiecutter.queue == "pgqueuer" %}
    BigInteger,
    # {% endif %}
    DateTime,
    ForeignKey,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.standard.database import Base, connect, session
from app.standard.http import ServiceError, Stream, Write

# {%- if cookiecutter.queue == "pgqueuer" +%}
from app.standard.worker import job_state

# {%- endif +%}

KEPT = timedelta(days=7)
# Each reads by another connection than it writes by: more could have all of a pool, and wait.
AT_ONCE = asyncio.Semaphore(2)


class ExportRow(Base):
    """One export, whose file a job writes."""

    __tablename__ = "exports"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    # {% if cookiecutter.queue == "pgqueuer" %}
    job: Mapped[int | None] = mapped_column(BigInteger)
    # {% endif %}
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), index=True
    )
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # {% if cookiecutter.queue == "celery" %}
    failed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # {% endif %}
    media_type: Mapped[str | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)


class ExportPartRow(Base):
    """A part of the file."""

    __tablename__ = "export_parts"

    export_id: Mapped[UUID] = mapped_column(
        ForeignKey("exports.id", ondelete="cascade"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class Export:
    """An export, as a client sees it; its file is there when it is done."""

    id: UUID
    state: Literal["queued", "running", "done", "failed"]


class ExportNotFound(ServiceError):
    """No export has the given id; it may have been too old."""

    status = 404
    title = "Export not found"


class ExportNotDone(ServiceError):
    """The file of an export is not there yet, or never will be."""

    status = 409
    title = "Export not done"


async def find_export(export_id: UUID) -> Export:
    """Return an export."""
    async with session() as work:
        row = await _find_row(work, export_id)
        # {% if cookiecutter.queue == "celery" %}
        return _describe(row)
        # {% endif %}
        # {% if cookiecutter.queue == "pgqueuer" %}
        return await _describe_by_job(work, row)
        # {% endif %}


async def find_file(export_id: UUID) -> Stream:
    """Return the file of an export, as it was given to ``write_file``."""
    async with session() as work:
        row = await _find_row(work, export_id)
        if row.media_type is None:
            # {% if cookiecutter.queue == "celery" %}
            export = _describe(row)
            # {% endif %}
            # {% if cookiecutter.queue == "pgqueuer" %}
            export = await _describe_by_job(work, row)
            # {% endif %}
            raise ExportNotDone(f"The export {export_id} is {export.state}.")
    parts = select(ExportPartRow.content).where(ExportPartRow.export_id == export_id)

    async def produce(write: Write) -> None:
        async with connect() as connection:
            contents = await connection.stream_scalars(parts.order_by(ExportPartRow.number))
            async for content in contents:
                await write(content)

    return Stream(produce, row.media_type, row.headers)


async def write_file(export_id: UUID, file: Stream) -> None:
    """Write the file of an export in one transaction: there is all of it, or nothing."""
    number = 0
    async with AT_ONCE, connect() as connection, connection.begin():
        this = select(ExportRow.finished_at).where(ExportRow.id == export_id).with_for_update()
        if (await connection.scalars(this)).all() != [None]:
            # It has been written by an earlier attempt, or deleted.
            return

        async def write(content: bytes) -> None:
            nonlocal number
            part = {"export_id": export_id, "number": number, "content": content}
            await connection.execute(insert(ExportPartRow), part)
            number += 1

        await file.write_to(write)
        told = {"media_type": file.media_type, "headers": {**file.headers}}
        done = update(ExportRow).where(ExportRow.id == export_id)
        await connection.execute(done.values(finished_at=func.now(), **told))


# {% if cookiecutter.queue == "celery" %}
async def give_up(export_id: UUID) -> None:
    """Remember that the file of an export will never be there."""
    async with session() as work:
        failed = update(ExportRow).where(ExportRow.id == export_id)
        await work.execute(failed.values(failed_at=func.now()))


# {% endif %}
async def delete_old() -> None:
    """Delete the exports that are too old, and their files."""
    async with session() as work:
        await work.execute(delete(ExportRow).where(ExportRow.created_at < func.now() - KEPT))


# {% if cookiecutter.queue == "celery" %}
def _describe(row: ExportRow) -> Export:
    if row.finished_at is not None:
        return Export(row.id, "done")
    return Export(row.id, "failed" if row.failed_at else "queued")


# {% endif %}
# {% if cookiecutter.queue == "pgqueuer" %}
async def _describe_by_job(work: AsyncSession, row: ExportRow) -> Export:
    if row.finished_at is not None:
        return Export(row.id, "done")
    # One whose job is no more was cancelled.
    state = row.job and await job_state(work, row.job)
    return Export(row.id, state or "failed")


# {% endif %}
async def _find_row(work: AsyncSession, export_id: UUID) -> ExportRow:
    row = await work.get(ExportRow, export_id)
    if row is None:
        raise ExportNotFound(f"No export has the id {export_id}.")
    return row
