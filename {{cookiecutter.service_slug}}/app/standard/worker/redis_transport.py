"""Kombu's transport for Redis, with which a message is always somewhere in Redis.

Kombu takes a message off its list, and writes down only then that a worker has it: a worker or a
Redis that ends in between loses it (celery/celery#7950, kombu 5.7).
"""

from queue import Empty
from time import monotonic, time
from typing import Any

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


class Channel(redis.Channel):
    """Waits until there is a message, and takes it then; kombu's own does both at once."""

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
