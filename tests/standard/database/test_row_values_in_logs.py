import asyncio

import asyncpg
import pytest

from app.standard.service.redaction import redact

VALUE = "hunter2"
TABLES = """
create type colour as enum ('red');
create temporary table users (
    id integer primary key, name text not null unique, age integer check (age > 0), colour colour
);
create temporary table orders (owner text references users (name));
insert into users values (1, 'hunter2', 7);
insert into orders values ('hunter2');
"""
FAULTS = {
    "unique": "insert into users values (2, 'hunter2', 7)",
    "not null": "insert into users values (2, null, 7, null), (3, 'hunter2', 7)",
    "check": "insert into users values (2, 'hunter2 and more', -1)",
    "two lines": "insert into users values (2, E'first line\nhunter2', -1)",
    "foreign key": "insert into orders values ('no hunter2')",
    "referenced": "delete from users",
    "uuid": "select 'hunter2'::uuid",
    "integer": "select 'a \"hunter2\"'::integer",
    "enum": "select 'hunter2'::colour",
    "date": "select 'hunter2'::date",
    "array": "select '{hunter2'::integer[]",
    "range": "select '[hunter2'::int4range",
    "json": "select '{\"a\": hunter2}'::json",
    "number": "select 'hunter2'::numeric",
}


async def _failures(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    found = {}
    try:
        # What it makes is gone with it.
        await connection.execute(f"begin; {TABLES}")
        for name, statement in FAULTS.items():
            await connection.execute("savepoint fault")
            with pytest.raises(asyncpg.PostgresError) as error:
                await connection.execute(statement)
            found[name] = f"{error.value}\n{error.value!r}"
            await connection.execute("rollback to fault")
        with pytest.raises(asyncpg.DataError) as wrong:
            await connection.fetch("select $1::integer", VALUE)
        found["argument"] = str(wrong.value)
    finally:
        await connection.close()
    return found


def test_values_of_rows_are_masked_in_messages_of_the_database(shared_database_url: str) -> None:
    failures = asyncio.run(_failures(shared_database_url.replace("+asyncpg", "")))

    shown = {name: str(redact()(None, "", {"event": text})) for name, text in failures.items()}

    assert not {name: text for name, text in shown.items() if VALUE in text}
    # Otherwise there was nothing to mask.
    assert {name for name, text in failures.items() if VALUE not in text} <= {"not null"}
