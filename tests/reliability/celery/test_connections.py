"""Connections of workers to their broker are cut, fall silent, or lead to a stranger."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis

from examples.serving import free_port, get
from reliability.celery.brokers import BROKERS, UNNAMED
from reliability.celery.conftest import LONG, Jobs, Work, one_broker, outcomes
from reliability.celery.links import Link
from reliability.clients import BOUND, until

# RabbitMQ keeps what it gave to a silent connection for three heartbeats.
SILENCE = 75
# Where Redis has what workers of the service have.
GIVEN_OUT = "my-service.unacked"
over_tls = pytest.mark.parametrize(
    "broker", [f"{name} over TLS" for name in BROKERS], indirect=True
)


def by(link: Link, jobs: Jobs) -> dict[str, str]:
    """Return the setting of a worker that has its broker by a link."""
    port = urlsplit(jobs.broker.url).port
    return {"BROKER_URL": jobs.broker.url.replace(f":{port}/", f":{link.port}/")}


def test_job_of_a_lost_connection_lets_go_before_it_runs_again(
    jobs: Jobs, work: Work, link: Link
) -> None:
    with work(**LONG, **by(link, jobs)) as worker:
        [job] = jobs.put("linger")
        until(lambda: jobs.events(job))
        link.cut()
        told = [(1, "lost"), (1, "to be retried"), (2, "done")]
        until(lambda: outcomes(worker, job) == told)
    assert jobs.events(job) == [("began", 1), ("told", 1), ("began", 2), ("ended", 2)]


def test_worker_finds_out_that_its_connection_is_silent(jobs: Jobs, work: Work, link: Link) -> None:
    with work(**LONG, **by(link, jobs)) as worker:
        [before] = jobs.put("step", seconds=0)
        until(lambda: before in jobs.ended())
        link.fall_silent()
        [after] = jobs.put("step", seconds=0)
        until(lambda: after in jobs.ended(), SILENCE if jobs.broker.url[0] == "a" else BOUND)
        assert worker.process.poll() is None


@one_broker
def test_job_of_an_unknown_task_is_there_once_after_a_lost_connection(
    jobs: Jobs, work: Work, link: Link
) -> None:
    with work(OLD_RELEASE="yes", **by(link, jobs)), Redis.from_url(jobs.broker.url) as server:
        [job] = jobs.put("newer")
        until(lambda: server.hlen(GIVEN_OUT))
        before = server.hkeys(GIVEN_OUT)
        link.cut()
        # The worker puts it back in a while, as another message.
        until(lambda: not {*before} & {*server.hkeys(GIVEN_OUT)} and server.hlen(GIVEN_OUT))
        # At one moment, since it goes from the one to the other.
        with server.pipeline() as asked:
            assert sum(asked.hlen(GIVEN_OUT).llen("my-service").execute()) == 1
    with work():
        until(lambda: job in jobs.ended())


@one_broker
def test_worker_gives_out_again_what_its_service_had_and_nobody_else(
    jobs: Jobs, work: Work
) -> None:
    with Redis.from_url(jobs.broker.url) as server:
        [job] = jobs.put("step", seconds=0)
        message = json.loads(server.rpop("my-service"))
        info = message["properties"]["delivery_info"]
        entry = json.dumps([message, info["exchange"], info["routing_key"]])
        tag = message["properties"]["delivery_tag"]
        # As workers leave it that were killed long ago: ours, and one of another service.
        for given_out, name in ((GIVEN_OUT, tag), ("unacked", "another")):
            server.hset(given_out, name, entry)
            server.zadd(f"{given_out}_index", {name: 1})
        with work():
            until(lambda: job in jobs.ended())
        assert server.hkeys("unacked") == [b"another"]
        server.delete("unacked", "unacked_index")


@one_broker
def test_worker_outlives_a_redis_that_takes_nothing(jobs: Jobs, work: Work) -> None:
    with work() as worker, Redis.from_url(jobs.broker.url) as server:
        server.replicaof("127.0.0.1", str(free_port()))
        until(lambda: get(worker.address + "/readyz")[0] == 503)
        server.replicaof("NO", "ONE")
        [job] = jobs.put("step", seconds=0)
        until(lambda: job in jobs.ended())
        assert worker.process.poll() is None


@over_tls
def test_broker_over_tls_is_the_one_that_its_certificate_names(
    jobs: Jobs, work: Work, certificates: Path
) -> None:
    authority = {"SSL_CERT_FILE": str(certificates / "authority.pem")}
    with work(**authority):
        [job] = jobs.with_variables(**authority).put("step", seconds=0)
        until(lambda: job in jobs.ended())
    strangers = {"SSL_CERT_FILE": str(certificates / "stranger.pem")}
    unnamed = {"BROKER_URL": jobs.broker.url.replace("127.0.0.1", UNNAMED)}
    for variables in (strangers, authority | unnamed):
        refused = jobs.with_variables(**variables).try_to_put("step", seconds=0)
        assert "CERTIFICATE_VERIFY_FAILED" in refused.stderr
        assert "BrokerUnavailable" in refused.stderr.splitlines()[-1]
