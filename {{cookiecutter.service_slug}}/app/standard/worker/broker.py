"""The broker: RabbitMQ or Redis, as Celery speaks to it.

Nothing else in a service knows how a message of Celery looks.
"""

import logging
import math
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import (
    dataclass,
    # {% if cookiecutter.use_telemetry %}
    field,
    # {% endif %}
    replace,
)
from typing import Any
from urllib.parse import urlsplit

import orjson
from celery import Celery
from kombu.exceptions import ChannelError

from app.standard.worker.broker_settings import WorkerSettings

# The broker may be another one's, too: a queue has the name of its service.
QUEUE = "{{ cookiecutter.service_slug }}"
# What waits for the broker ends by itself, even where nobody waits for it any more.
ANSWER_SECONDS = 5
# An idle connection may be lost: then a message is sent over another one.
SEND_AGAIN = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
RABBITMQ = {
    # Otherwise a message may be lost on its way, and nobody knows.
    "confirm_publish": True,
    "read_timeout": ANSWER_SECONDS,
    "write_timeout": ANSWER_SECONDS,
}
REDIS_TRANSPORT = "app.standard.worker.redis_transport:Transport"
REDIS = {
    "socket_timeout": ANSWER_SECONDS,
    "socket_connect_timeout": ANSWER_SECONDS,
    # A worker whose connection is silent finds out after about twice that; of itself, after 50.
    "health_check_interval": 5,
    # Of itself, it gives out what workers of others have, too, by its own time.
    "unacked_key": f"{QUEUE}.unacked",
    "unacked_index_key": f"{QUEUE}.unacked_index",
    "unacked_mutex_key": f"{QUEUE}.unacked_mutex",
    # It looks for jobs of lost workers so often, and every time: of itself, each 100 seconds.
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    # A worker that is killed in the middle of that keeps the others from it so long.
    "unacked_mutex_expire": 10,
}
# Of themselves, one takes RabbitMQ's certificate for any name, and the other any of Redis.
TLS: dict[str, dict[str, Any]] = {
    "amqps": {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": None},
    "rediss": {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True},
}

# Its lines of a job would be the second ones.
logging.getLogger("celery").setLevel(logging.WARNING)
logging.getLogger("celery.app.trace").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Message:
    """A job as it waits: with so many attempts behind it."""

    id: str
    task: str
    arguments: bytes
    attempts: int = 0
    request_id: str | None = None
    delay: float = 0.0
    # {% if cookiecutter.use_telemetry %}
    # As W3C's Trace Context has it.
    trace_context: Mapping[str, str] = field(default_factory=dict)
    # {% endif %}

    @classmethod
    def of_headers(cls, headers: Mapping[str, Any], arguments: object) -> "Message":
        """Read what ``send`` has written."""
        return cls(
            id=headers["id"],
            task=headers["task"],
            arguments=orjson.dumps(arguments),
            attempts=headers.get("retries") or 0,
            request_id=headers.get("request_id"),
            # {% if cookiecutter.use_telemetry %}
            trace_context=headers.get("trace_context") or {},
            # {% endif %}
        )

    def again(self, attempts: int, delay: float = 0.0) -> "Message":
        """Return the message for another attempt."""
        return replace(self, attempts=attempts, delay=delay)


def make_celery(settings: WorkerSettings) -> Celery:
    """Return Celery for this broker."""
    scheme = urlsplit(settings.broker).scheme
    is_rabbitmq = scheme in ("amqp", "amqps")
    options = RABBITMQ if is_rabbitmq else REDIS
    app = Celery(QUEUE, broker=settings.broker, set_as_current=False)
    app.conf.update(
        task_default_queue=QUEUE,
        # Safe where the broker dies; its delays are the broker's, if the exchange is no direct one.
        task_default_queue_type="quorum" if is_rabbitmq else "classic",
        task_default_exchange_type="topic" if is_rabbitmq else "direct",
        broker_transport_options={
            **SEND_AGAIN,
            **options,
            # Redis does not see that a worker is lost.
            "visibility_timeout": settings.lost_after,
        },
        broker_transport=REDIS_TRANSPORT if scheme in ("redis", "rediss") else None,
        # Of its own, because kombu writes into it.
        broker_use_ssl=dict(TLS[scheme]) if scheme in TLS else None,
        broker_connection_timeout=ANSWER_SECONDS,
        # A silent connection to RabbitMQ is lost after two or three of them; of itself, 60 seconds.
        broker_heartbeat=15,
        # What a broker refuses passes: a Redis that is replaced takes nothing, and RabbitMQ
        # keeps a worker's own queue for its lost connection. Celery ends of itself.
        broker_channel_error_retry=True,
        task_publish_retry_policy=SEND_AGAIN,
        task_send_sent_event=True,
        task_ignore_result=True,
        task_serializer="json",
        accept_content=["json"],
    )
    return app


class Broker:
    """The connections of a process to its broker; what it does blocks."""

    def __init__(self, app: Celery) -> None:
        self.celery = app

    def send(self, message: Message) -> None:
        """Put a job into the queue; when this returns, the broker has it."""
        self.celery.send_task(
            message.task,
            kwargs=orjson.loads(message.arguments),
            task_id=message.id,
            retries=message.attempts,
            # RabbitMQ has whole seconds only.
            countdown=math.ceil(message.delay) or None,
            headers={
                "request_id": message.request_id,
                # {% if cookiecutter.use_telemetry %}
                "trace_context": dict(message.trace_context),
                # {% endif %}
            },
            # Flower shows them, and arguments may be secrets.
            argsrepr="",
            kwargsrepr="",
        )

    def count_waiting(self) -> int:
        """Return how many jobs no worker has taken."""
        with self.celery.connection_for_write() as connection, suppress(ChannelError):
            connection.ensure_connection(**SEND_AGAIN)
            channel: Any = connection.channel()
            return int(channel.queue_declare(QUEUE, passive=True).message_count)
        # No worker or service has declared it yet.
        return 0

    def take(self) -> Message | None:
        """Take a job off the queue, whenever it is due, or None where there is none: for tests."""
        with self.celery.connection_for_write() as connection:
            channel: Any = connection.default_channel
            message = channel.basic_get(QUEUE, no_ack=True)
            return message and Message.of_headers(message.headers, message.decode()[1])

    def empty(self) -> None:
        """Forget what waits: for tests."""
        while self.take():
            pass

    def close(self) -> None:
        """Close the connections."""
        self.celery.close()
