"""What the pool tells of itself (OpenTelemetry's semantic conventions for database clients).

These metrics are in development there. Nothing is counted before somebody asks, but timeouts.
"""

from collections.abc import Iterable

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

NAME = {"db.client.connection.pool.name": "service"}


class _Pool:
    """The pool that is open in this process; the connection of the probe is no part of it."""

    def __init__(self) -> None:
        self.engine: AsyncEngine | None = None
        self.most = 0
        self.timeouts = 0

    def count(self, _options: CallbackOptions) -> Iterable[Observation]:
        """Count the connections that are in use, and those that wait for it."""
        if self.engine is None or not isinstance(pool := self.engine.pool, QueuePool):
            return []
        by_state = {"idle": pool.checkedin(), "used": pool.checkedout()}
        return [
            Observation(number, {**NAME, "db.client.connection.state": state})
            for state, number in by_state.items()
        ]

    def tell_most(self, _options: CallbackOptions) -> Iterable[Observation]:
        """Tell how many connections there may be."""
        return [Observation(self.most, NAME)] if self.engine else []

    def tell_timeouts(self, _options: CallbackOptions) -> Iterable[Observation]:
        """Tell how often none came free in time; never is told too."""
        return [Observation(self.timeouts, NAME)] if self.engine else []


_pool = _Pool()
_meter = metrics.get_meter("app.standard")
_meter.create_observable_up_down_counter(
    "db.client.connection.count", [_pool.count], "{connection}", "Connections, by state"
)
_meter.create_observable_up_down_counter(
    "db.client.connection.max", [_pool.tell_most], "{connection}", "Connections, at most"
)
_meter.create_observable_counter(
    "db.client.connection.timeouts", [_pool.tell_timeouts], "{timeout}", "None came free in time"
)


def measure_pool(engine: AsyncEngine, most: int) -> None:
    """Tell of the pool of an engine, from now on; it has so many connections at most."""
    _pool.engine, _pool.most = engine, most


def count_timeout(engine: AsyncEngine, error: Exception) -> None:
    """Count an error if it is that of a pool in which no connection came free."""
    if engine is _pool.engine and isinstance(error, PoolTimeoutError):
        _pool.timeouts += 1
