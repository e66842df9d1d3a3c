"""How asyncpg connects: as the address says, and directly or through a pooler."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partialmethod
from typing import Any
from urllib.parse import urlencode

import asyncpg
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.standard.database.settings import Pooler

# What pg_stat_activity shows, unless the address has another.
APPLICATION_NAME = "{{ cookiecutter.service_slug }}"
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
        arguments["async_creator_fn"] = _connect_in_turn()
    return create_async_engine(url.set(query=known), connect_args=arguments, **options)


def name_setting(error: Exception) -> None:
    """Add to the error of a lost statement which setting is for that."""
    if getattr(getattr(error, "orig", error), "sqlstate", None) in LOST_STATEMENT:
        error.add_note("Behind a pooler by transaction, set DATABASE_POOLER=transaction.")


def _connect_in_turn() -> Callable[..., Awaitable[object]]:
    """Connect to the first of several hosts that answers.

    asyncpg has one limit of time for all (its issue 1155), and one that is silent uses it up: it
    is the last that is tried from then on.
    """
    turn = 0

    async def connect(*, host: list[str], port: list[int], **arguments: Any) -> object:
        nonlocal turn
        began = turn
        start = turn % len(host)
        hosts, ports = host[start:] + host[:start], port[start:] + port[:start]
        try:
            return await asyncpg.connect(host=hosts, port=ports, **arguments)
        except (TimeoutError, asyncio.CancelledError):
            # Others may have waited for the same one.
            if turn == began:
                turn += 1
            raise

    return connect
