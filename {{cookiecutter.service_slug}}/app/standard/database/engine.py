"""How asyncpg connects: as the address says, and directly or through a pooler."""

import asyncio
from contextlib import suppress
from functools import partialmethod
from typing import Any
from urllib.parse import urlencode

import asyncpg
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.standard.database.settings import Pooler

# What pg_stat_activity shows, unless the address has another.
APPLICATION_NAME = "{{ cookiecutter.service_slug }}"
# Spent on hosts that are silent, all in all, so that readiness has time for one that is not.
SILENT_SECONDS = 1.0
# A pooler by transaction gives each transaction another connection to PostgreSQL, on which a
# statement that was prepared by name is missing, or another one has its name. One without a name
# is parsed where it runs. COPY names its own even so (issue 1294 of asyncpg).
NAMELESS = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": str,
    "connection_class": type(
        "NamelessConnection",
        (asyncpg.Connection,),
        {"prepare": partialmethod(asyncpg.Connection.prepare, name="")},
    ),
}
# PostgreSQL's codes of a statement that is missing, and of a name that is taken.
LOST_STATEMENT = ("26000", "42P05")


def make_engine(
    url: URL, pooler: Pooler = "session", *, timeout: float = 60, **options: Any
) -> AsyncEngine:
    """Make an engine for an address of ``to_asyncpg_url``.

    ``timeout`` is the seconds to connect in, unless the address has its own. ``options`` are those
    of ``create_async_engine``.
    """
    query: dict[str, Any] = {"application_name": APPLICATION_NAME, **url.query}
    known: dict[str, Any] = {
        name: query.pop(name) for name in ("host", "port", "ssl") if name in query
    }
    arguments = {
        "timeout": float(query.pop("connect_timeout", timeout)),
        # asyncpg reads the names of certificates nowhere else.
        "dsn": f"postgresql://?{urlencode(query)}",
        **(NAMELESS if pooler == "transaction" else {}),
    }
    if "," in known.get("host", ""):
        arguments["async_creator_fn"] = _connect_to_one
    return create_async_engine(url.set(query=known), connect_args=arguments, **options)


def name_setting(error: Exception) -> None:
    """Add to the error of a lost statement which setting is for that."""
    if getattr(getattr(error, "orig", error), "sqlstate", None) in LOST_STATEMENT:
        error.add_note("Behind a pooler by transaction, set DATABASE_POOLER=transaction.")


async def _connect_to_one(*, host: list[str], port: list[int], **arguments: Any) -> object:
    """Connect to the first of several hosts that answers.

    asyncpg has one limit of time for all (its issue 1155), which one that is silent uses up: it is
    the last that is tried again.
    """
    last = len(host) - 1

    async def connect(first: int) -> object:
        hosts, ports = host[first:] + host[:first], port[first:] + port[:first]
        return await asyncpg.connect(host=hosts, port=ports, **arguments)

    for first in range(last):
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENT_SECONDS / last):
                return await connect(first)
    return await connect(last)
