# {% if cookiecutter.use_database %}
"""Routes in code use the database as handlers do."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.standard.database import connect, session
from config import Settings
from tests.standard.coded import serving

router = APIRouter()


async def begun() -> AsyncIterator[AsyncSession]:
    """Give a transaction, which ends after the route."""
    async with session() as transaction:
        yield transaction


@router.post("/rows")
async def add(transaction: Annotated[AsyncSession, Depends(begun)], *, fails: bool) -> None:
    await transaction.execute(text("insert into noted values (1)"))
    if fails:
        raise RuntimeError("not this one")


@router.get("/rows")
async def count() -> Any:
    async with connect() as connection:
        return await connection.scalar(text("select count(*) from noted"))


async def make_table() -> None:
    async with connect() as connection, connection.begin():
        await connection.execute(text("create table noted (number integer)"))


router.add_api_route("/table", make_table, methods=["POST"])


def test_transaction_of_a_dependency_is_that_of_the_request(settings: Settings) -> None:
    with serving(settings, router) as client:
        client.post("/table")
        statuses = [client.post(f"/rows?fails={fails}").status_code for fails in (True, False)]

        assert statuses == [500, 200]
        assert client.get("/rows").json() == 1


# {%- endif +%}
