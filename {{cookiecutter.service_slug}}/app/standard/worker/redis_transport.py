"""Kombu's transport for Redis, with which a message is always somewhere in Redis.

Kombu takes a message off its list, and writes down only then that a worker has it: a worker or a
Redis that ends in between loses it (celery/celery#7950, kombu 5.7).
"""

from collections.abc import Callable
from functools import partial
from queue import Empty
from time import monotonic, time
from typing import Any, ClassVar

from kombu.transport import redis
from kombu.utils.json import loads

# Both at once; the entry is what kombu writes itself.
TAKE = """
local message = redis.call("RPOP", KEYS[1])
if message then
    local properties = cjson.decode(message).properties
    local exchange = cjson.encode(properties.delivery_info.exchange)
    local key = cjson.encode(properties.delivery_info.routing_key)
    local entry = "[" .. message .. "," .. exchange .. "," .. key .. "]"
    redis.call("ZADD", KEYS[2], ARGV[1], properties.delivery_tag)
    redis.call("HSET", KEYS[3], properties.delivery_tag, entry)
end
return message
"""


class QoS(redis.QoS):
    """What a worker has taken, and tells Redis again and again that it still has."""

    _delivered: Any
    _quick_ack: Any
    # What closed connections could not put back, and until when nobody else may have it.
    _left: ClassVar[dict[str, float]] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._until = time() + self.visibility_timeout

    def restore_visible(self, *args: Any, **options: Any) -> None:
        """Give out again what lost workers had; what waits here for its turn or its time is not."""
        self._flush()
        self._put_back()
        now = time()
        if held := dict.fromkeys(self._delivered, now):
            with self.channel.conn_or_acquire() as client:
                client.zadd(self.unacked_index_key, held, xx=True)
        self._until = now + self.visibility_timeout
        super().restore_visible(*args, **options)

    def restore_unacked(self, client: Any = None) -> None:
        """Put back what is held here; where Redis is away, the next connection does."""
        self._left.update(dict.fromkeys(self._delivered, self._until))
        self._delivered.clear()
        self._put_back()

    def _put_back(self) -> None:
        for tag, until in list(self._left.items()):
            if time() < until:
                self.restore_by_tag(tag)
            del self._left[tag]

    def ack(self, delivery_tag: str) -> None:
        """Forget a message, if it is still held here."""
        self._end(delivery_tag, super().ack)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Put a message back, or forget it, if it is still held here."""
        self._end(delivery_tag, partial(super().reject, requeue=requeue))

    def _end(self, delivery_tag: str, how: Callable[[str], object]) -> None:
        # Another worker may have what a lost connection has put back.
        if delivery_tag not in self._delivered:
            return
        try:
            how(delivery_tag)
        finally:
            # Where Redis does not answer, kombu would hold it for ever, and take one message less.
            self._quick_ack(delivery_tag)


class Channel(redis.Channel):
    """Waits until there is a message, and takes it then; kombu's own does both at once."""

    QoS = QoS

    # Kombu tells these to be of the types of their first values.
    _in_poll: Any
    _brpop_sent_at: Any

    def close(self) -> None:
        """Close it, also where Redis has gone."""
        # Kombu's waits for the answer, and where none comes, is left half closed: then Celery ends.
        self._in_poll = None
        super().close()

    def _brpop_start(self, timeout: float | None = None) -> None:
        if not (queues := self.active_queues):
            return
        # A worker has one queue, and its messages one priority.
        [queue] = queues
        wait = self.brpop_timeout if timeout is None else timeout
        connection = self._in_poll = self.client.connection
        self._brpop_sent_at = monotonic()
        # From one end to the same end: it waits, and moves nothing.
        connection.send_command("BLMOVE", queue, queue, "RIGHT", "RIGHT", wait)

    def _brpop_read(self, **options: Any) -> bool:
        connection = self.client.connection
        try:
            is_there = self.client.parse_response(connection, "BLMOVE", **options) is not None
        except self.connection_errors:
            # The next one connects again.
            connection.disconnect()
            raise
        finally:
            self._in_poll = None
            self._flush_brpop_reauth()
        # What nobody waits for any more stays where it is.
        for queue in self.active_queues if is_there else []:
            # Another worker may have been faster.
            if message := self._take(queue):
                self.connection._deliver(loads(message), queue)
                return True
        raise Empty

    def _take(self, queue: str) -> bytes | None:
        keys = (queue, self.unacked_index_key, self.unacked_key)
        with self.conn_or_acquire() as client:
            taken: bytes | None = client.eval(TAKE, len(keys), *keys, time())
        return taken


class Transport(redis.Transport):
    """Redis, with this channel."""

    Channel = Channel
