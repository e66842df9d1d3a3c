"""What a worker's transport for Redis keeps, beside kombu's own, which does not.

Where a case of kombu's own fails, ``redis_transport.py`` may have less, or go.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Consumer, Exchange, Queue
from kombu.transport import redis
from redis import ConnectionError as Lost
from redis import Redis
from rendering import SERVICE

from reliability.celery.brokers import BROKERS, OwnBroker
from reliability.clients import BOUND

QUEUE = "jobs"
SOON = 0.1
Connect = Callable[[type[redis.Transport]], Connection]


def transport_of_a_service() -> type[redis.Transport]:
    """Return the transport as every service has it."""
    path = SERVICE / "app" / "standard" / "worker" / "redis_transport.py"
    spec = importlib.util.spec_from_file_location("redis_transport", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type[redis.Transport] = module.Transport
    return found


OURS, KOMBUS = transport_of_a_service(), redis.Transport


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnBroker]:
    """Run Redis."""
    with BROKERS["redis"](tmp_path) as broker:
        yield broker


@pytest.fixture
def connect(broker: OwnBroker) -> Connect:
    """Give the function that connects by a transport, and has put a message there."""

    def made(transport: type[redis.Transport]) -> Connection:
        connection = Connection(broker.url, transport=transport)
        with connection.SimpleQueue(QUEUE) as queue:
            queue.put({"number": 1})
        return connection

    return made


def consume(connection: Connection) -> list[Any]:
    """Receive a message, acknowledge it not, and ask for the next one."""
    taken: list[Any] = []
    Consumer(connection.default_channel, [Queue(QUEUE)], on_message=taken.append).consume()
    while not taken:
        connection.drain_events(timeout=BOUND)
    with suppress(TimeoutError):
        connection.drain_events(timeout=SOON)
    return taken


def consume_one(connection: Connection) -> Any:
    """Receive a message, acknowledge it not, and ask for no other."""
    connection.default_channel.basic_qos(0, 1, False)
    [message] = consume(connection)
    return message


def kept(broker: OwnBroker) -> int:
    """Count the messages that Redis has, those of workers among them."""
    with Redis.from_url(broker.url) as server:
        return int(server.llen(QUEUE)) + int(server.hlen("unacked"))


def test_message_is_given_out_and_put_back(broker: OwnBroker, connect: Connect) -> None:
    with connect(OURS) as connection:
        [message] = consume(connection)
        assert (message.payload, kept(broker)) == ({"number": 1}, 1)
    with Connection(broker.url, transport=OURS) as connection:
        [message] = consume(connection)
        assert message.delivery_info["redelivered"] is True
        message.ack()
        assert kept(broker) == 0


@pytest.mark.parametrize(("transport", "left"), [(OURS, 1), (KOMBUS, 0)])
def test_message_on_its_way_to_a_worker_that_ends(
    transport: type[redis.Transport],
    left: int,
    broker: OwnBroker,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def append(*_: object) -> None:
        raise Lost

    # Where kombu notes down who has the message.
    monkeypatch.setattr(redis.QoS, "append", append)
    with connect(transport) as connection, suppress(Lost):
        consume(connection)
    assert kept(broker) == left


@pytest.mark.parametrize(("transport", "error"), [(OURS, None), (KOMBUS, AttributeError)])
def test_connection_closes_where_redis_has_gone(
    transport: type[redis.Transport],
    error: type[Exception] | None,
    broker: OwnBroker,
    connect: Connect,
) -> None:
    connection = connect(transport)
    consume(connection)
    # A worker hears of commands there.
    commands = Queue("commands", Exchange("commands", type="fanout"), auto_delete=True)
    Consumer(connection.channel(), [commands]).consume()
    broker.kill()
    # As Celery does, which ends at what kombu does not count as a lost connection.
    connection.collect()
    with nullcontext() if error is None else pytest.raises(error):
        connection.close()


@pytest.mark.parametrize(("transport", "left"), [(OURS, 1), (KOMBUS, 2)])
def test_message_is_given_out_again_only_where_its_worker_is_lost(
    transport: type[redis.Transport], left: int, broker: OwnBroker, connect: Connect
) -> None:
    with connect(transport) as here:
        consume_one(here)
        with connect(transport) as there, Redis.from_url(broker.url) as server:
            consume_one(there)
            # Both have had theirs for too long, and one tells of itself.
            server.zadd("unacked_index", dict.fromkeys(server.zrange("unacked_index", 0, -1), 1))
            here.default_channel.qos.restore_visible(interval=1)
            assert server.llen(QUEUE) == left


@pytest.mark.parametrize(("transport", "left"), [(OURS, 1), (KOMBUS, 0)])
def test_message_that_a_connection_has_put_back_is_the_next_ones(
    transport: type[redis.Transport], left: int, broker: OwnBroker, connect: Connect
) -> None:
    with connect(transport) as here:
        message = consume_one(here)
    with Connection(broker.url, transport=transport) as there:
        consume_one(there)
        message.ack()
        assert kept(broker) == left


@pytest.mark.parametrize(("transport", "left"), [(OURS, 1), (KOMBUS, 0)])
def test_message_of_a_lost_connection_is_put_back_by_the_next_one(
    transport: type[redis.Transport], left: int, broker: OwnBroker, connect: Connect
) -> None:
    here = connect(transport)
    consume_one(here)
    broker.kill()
    with suppress(Lost):
        here.close()
    broker.start()
    with Connection(broker.url, transport=transport) as there, Redis.from_url(broker.url) as server:
        there.default_channel.qos.restore_visible(interval=1)
        assert server.llen(QUEUE) == left


@pytest.mark.parametrize(("transport", "can_consume"), [(OURS, True), (KOMBUS, False)])
def test_worker_takes_the_next_message_where_redis_does_not_hear_of_the_last(
    transport: type[redis.Transport],
    can_consume: bool,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def remove(*_: object) -> None:
        raise Lost

    with connect(transport) as connection:
        message = consume_one(connection)
        with monkeypatch.context() as patched, pytest.raises(Lost):
            patched.setattr(redis.QoS, "_remove_from_indices", remove)
            message.ack()
        assert connection.default_channel.qos.can_consume() is can_consume
