"""The pool tells of its connections, and of requests that got none."""

import asyncio
from typing import Any

import pytest
from opentelemetry import metrics

from app.standard.database import DatabaseUnavailable, open_database
from config import Settings
from tests.standard.receiver import Receiver
from tests.standard.telling import Tell, receiver, tell, told_settings

__all__ = ["receiver", "tell", "told_settings"]

CONNECTIONS = "db.client.connection"
provider: Any = metrics.get_meter_provider


def numbers_of(receiver: Receiver, name: str) -> dict[str, int]:
    """Return what is told of the service's pool, by state where there are any."""
    provider().force_flush()
    points = receiver.points(f"{CONNECTIONS}.{name}")
    assert {each["attributes"][f"{CONNECTIONS}.pool.name"] for each in points} == {"service"}
    states = [str(each["attributes"].get(f"{CONNECTIONS}.state", "")) for each in points]
    return dict(zip(states, [int(each["asInt"]) for each in points], strict=True))


def test_pool_that_is_exhausted_is_told(tell: Tell, receiver: Receiver, settings: Settings) -> None:
    tell()  # From now on, somebody listens.
    limits = {"size": 1, "max_overflow": 1, "timeout": 1.0}
    small = settings.model_copy(
        update={f"database_pool_{name}": value for name, value in limits.items()}
    )

    async def exhaust() -> None:
        async with open_database(small) as database:
            async with database.connect():
                pass
            assert numbers_of(receiver, "count") == {"idle": 1, "used": 0}
            before = numbers_of(receiver, "timeouts")[""]
            async with database.connect(), database.connect():
                with pytest.raises(DatabaseUnavailable):
                    await database.session().__aenter__()
                assert numbers_of(receiver, "count") == {"idle": 0, "used": 2}
                # The probe has a connection of its own.
                await database.check()
            assert numbers_of(receiver, "max") == {"": 2}
            assert numbers_of(receiver, "timeouts") == {"": before + 1}

    asyncio.run(exhaust())
