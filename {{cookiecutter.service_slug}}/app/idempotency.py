"""Answers that are given once: a client may send a request again, and nothing is done twice.

By the Idempotency-Key of the IETF's draft (draft-ietf-httpapi-idempotency-key-header).
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import DateTime, String, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

# {% if cookiecutter.use_auth %}
from app.standard.auth import current_principal

# {%- print "\n" %}
# {% endif %}
from app.standard.contract import routed_operation
from app.standard.database import Base, session
from app.standard.http import ServiceError, to_json

# As the contract says.
KEPT = timedelta(hours=24)
# Of those that are too old, so many go with each that comes.
SWEPT = 10
# What a handler returns: data, the status, and headers.
Answer = tuple[Any, int, dict[str, str]]


class IdempotencyKeyRow(Base):
    """A key of a caller, with the answer to the request that had it first."""

    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), index=True
    )


IS_OLD = IdempotencyKeyRow.created_at < func.now() - KEPT


class IdempotencyKeyInUse(ServiceError):
    """The first request with the key has no answer yet."""

    status = 409
    title = "Idempotency-Key in use"
    headers = MappingProxyType({"Retry-After": "1"})


class IdempotencyKeyReused(ServiceError):
    """Another request had the key before."""

    status = 422
    title = "Idempotency-Key of another request"


async def answer_once(
    key: str | None, request: object, act: Callable[[AsyncSession], Awaitable[Answer]]
) -> Answer:
    """Act in a transaction, and remember the answer in it; to a request that had one, give that.

    Without a key, nothing is remembered, and neither is what ``act`` raises.
    """
    async with session() as work:
        if key is None:
            return await act(work)
        # {% if cookiecutter.use_auth %}
        caller = current_principal().subject
        # {% endif %}
        # {% if not cookiecutter.use_auth %}
        # Nobody is asked who calls: a key is that of whoever knows it.
        caller = ""
        # {% endif %}
        digest = sha256(to_json([routed_operation(), request])).hexdigest()
        if (earlier := await _find_answer(work, caller, key, digest)) is not None:
            return earlier
        answer = await act(work)
        await _remember(work, caller=caller, key=key, request=digest, answer=answer)
        return answer


async def _find_answer(work: AsyncSession, caller: str, key: str, digest: str) -> Answer | None:
    """Return the answer to the same request; hold the key, until the transaction ends."""
    lock = func.hashtextextended(f"{caller} {key}", 0)
    if not await work.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        raise IdempotencyKeyInUse("The first request with this key is not answered yet.")
    this = IdempotencyKeyRow.caller == caller, IdempotencyKeyRow.key == key
    row = await work.scalar(select(IdempotencyKeyRow).where(*this, ~IS_OLD))
    if row is None:
        return None
    if row.request != digest:
        raise IdempotencyKeyReused("Another request had this key: a new one needs a new key.")
    data, status, headers = orjson.loads(row.answer)
    return data, status, headers


async def _remember(work: AsyncSession, answer: Answer, **values: str) -> None:
    values["answer"] = to_json(answer).decode()
    added = insert(IdempotencyKeyRow).values(values)
    # One that is too old may still be there.
    await work.execute(
        added.on_conflict_do_update(
            index_elements=["caller", "key"], set_={**values, "created_at": func.now()}
        )
    )
    old = (
        select(IdempotencyKeyRow.caller, IdempotencyKeyRow.key)
        .where(IS_OLD)
        .order_by(IdempotencyKeyRow.created_at)
        .limit(SWEPT)
        # Others sweep too, and nobody waits for them.
        .with_for_update(skip_locked=True)
    )
    names = tuple_(IdempotencyKeyRow.caller, IdempotencyKeyRow.key)
    await work.execute(delete(IdempotencyKeyRow).where(names.in_(old)))
