from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.testclient import TestClient

from app.standard.database_export import stream_select
from app.standard.database_export.copy_statement import compile_copy
from tests.standard.exports import numbers, on_database
from tests.standard.test_copy_statement import AWKWARD, copied, fill, table, written

MANY = 30_000
number = numbers.c.number.cast(sa.Integer)


def test_list_of_each_type_means_what_it_means_to_sqlalchemy(database_url: str) -> None:
    conditions: list[Any] = []
    for name, (_, values) in AWKWARD.items():
        column = table.c[name]
        conditions += [column.in_(values[:1]), column.in_(values), column.in_([])]
        conditions += [column.not_in(values[:1]), column.not_in([]), ~column.in_(values)]
    conditions += [table.c.text.in_(["a", None]), table.c.text.not_in(["a", None])]

    async def work(engine: AsyncEngine) -> None:
        await fill(engine)
        for condition in conditions:
            statement = sa.select(table).where(condition)
            assert await copied(engine, statement) == await written(engine, statement)

    on_database(database_url, work)


def test_list_is_one_argument(database_url: str) -> None:
    statement = sa.select(number.label("n")).where(number.in_(range(MANY)), number < 5)

    async def work(engine: AsyncEngine) -> None:
        async def arguments(connection: AsyncConnection) -> list[object]:
            return (await compile_copy(connection, statement, ()))[1]

        async with engine.connect() as connection:
            assert [*range(MANY)] in await arguments(connection)
        assert await copied(engine, statement) == ["n", "1", "2", "3", "4", ""]

    on_database(database_url, work)


@pytest.mark.parametrize("count", [1665, 33_000])
def test_too_many_separate_values_are_refused_before_the_first_byte(
    database_url: str, count: int
) -> None:
    one_of = sa.tuple_(*map(sa.literal, range(count))).in_([tuple(range(count))]).self_group()
    statement = sa.select(sa.literal(1).label("n")).where(one_of)

    async def work(engine: AsyncEngine) -> None:
        stream = stream_select(statement, engine.connect, filename="x.csv")
        with pytest.raises(ValueError, match="separate values cannot be exported, only one with"):
            await stream.prime()

    on_database(database_url, work)


def test_service_exports_by_more_values_than_copy_has_arguments(client: TestClient) -> None:
    values = ",".join("a" * 1665)

    response = client.get("/{{ cookiecutter.service_slug }}-csv", params={"categories": values})

    assert (response.status_code, len(response.text.splitlines())) == (200, 1)
