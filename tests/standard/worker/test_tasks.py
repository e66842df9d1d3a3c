"""What can be a task, and what its arguments become."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, computed_field
from pydantic.alias_generators import to_camel

from app.standard.worker import Job, TaskError, collect_tasks, current_job, task

# {% if cookiecutter.queue == "celery" %}
# {% print 'JOB = "7"\n' %}
# {% endif %}
# {% if cookiecutter.queue == "pgqueuer" %}
JOB = 7
# {% endif %}
ID = UUID("6f6e0a4e-3f0a-4c7e-9d6e-0d1b8f4c2a01")


@dataclass(frozen=True)
class Filters:
    """What a task may take."""

    since: date | None = None


class Line(BaseModel):
    """A model with the names that the JSON of an API has, and what it makes of its fields."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    unit_price: int

    # mypy takes no decorator above a property (https://github.com/python/mypy/issues/14461).
    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_free(self) -> bool:
        """Tell whether it costs nothing."""
        return self.unit_price == 0


seen: list[Any] = []


# {% if cookiecutter.queue == "celery" %}
# {% print "@task()\n" %}
# {% endif %}
# {% if cookiecutter.queue == "pgqueuer" %}
@task(key="{of}")
# {% endif %}
async def load(of: UUID, filters: Filters, *, limit: int = 10) -> None:
    """Remember what came."""
    seen[:] = [of, filters, limit, current_job()]


def run(payload: bytes) -> list[Any]:
    """Run a job of the task; return what it saw."""
    seen.clear()
    asyncio.run(load.run(payload, Job(JOB, 2)))
    return seen


def test_arguments_come_back_as_they_went() -> None:
    filters = Filters(date(2026, 3, 1))

    job = load.job(ID, filters=filters, limit=3)

    # {% if cookiecutter.queue == "celery" %}
    assert job.key is None
    # {% endif %}
    # {% if cookiecutter.queue == "pgqueuer" %}
    assert job.key == f"load:{ID}"
    # {% endif %}
    assert run(job.payload) == [ID, filters, 3, Job(JOB, 2)]


def test_model_comes_back_whatever_its_aliases() -> None:
    @task()
    async def bill(lines: list[Line]) -> None:
        seen[:] = lines

    line = Line.model_validate({"unitPrice": 3})

    asyncio.run(bill.run(bill.job([line]).payload, Job(JOB, 1)))
    assert seen == [line]

    # As another program, or a release before, may have written it.
    asyncio.run(bill.run(b'{"lines": [{"unitPrice": 3}]}', Job(JOB, 1)))
    assert seen == [line]


def test_argument_may_be_called_as_an_attribute_of_pydantic() -> None:
    @task()
    async def load_table(schema: str, *, copy: bool = False) -> None:
        seen[:] = [schema, copy]

    asyncio.run(load_table.run(load_table.job("sales", copy=True).payload, Job(JOB, 1)))

    assert seen == ["sales", True]


def test_argument_that_an_older_release_did_not_have_gets_its_default() -> None:
    assert run(b'{"of": "%s", "filters": {}}' % str(ID).encode())[2] == 10


def test_argument_that_only_a_newer_release_has_is_not_dropped() -> None:
    payload = b'{"of": "%s", "filters": {}, "colour": "red"}' % str(ID).encode()

    with pytest.raises(ValidationError, match="colour"):
        run(payload)
    assert seen == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, TypeError),
        ({"of": ID, "filters": {}, "more": 1}, TypeError),
        ({"of": "nine", "filters": {}}, ValidationError),
        ({"of": ID, "filters": 1}, ValidationError),
    ],
)
def test_what_a_task_cannot_take_is_refused_where_it_is_enqueued(
    arguments: dict[str, Any], error: type[Exception]
) -> None:
    prepare: Callable[..., object] = load.job

    with pytest.raises(error):
        prepare(**arguments)


@pytest.mark.parametrize(
    "payload",
    [b'{"lines": [{"unitPrice": "hunter2"}]}', b'{"lines": [], "more": "hunter2"}', b'"hunter2"'],
)
def test_error_does_not_show_arguments(payload: bytes) -> None:
    @task()
    async def bill(lines: list[Line]) -> None:
        """Do nothing."""

    with pytest.raises(ValidationError) as caught:
        asyncio.run(bill.run(payload, Job(JOB, 1)))

    assert "hunter2" not in str(caught.value)


def test_task_is_called_like_the_function_that_it_is() -> None:
    @task()
    async def note(word: str) -> None:
        seen[:] = [word]

    asyncio.run(note("today"))

    assert seen == ["today"]


def test_delays_double_up_to_an_hour() -> None:
    @task(attempts=20, backoff=0.5)
    async def again() -> None:
        """Do nothing."""

    assert [again.delay_after(number) for number in (1, 2, 3, 15)] == [0.5, 1, 2, 3600]


async def fine(word: str = "") -> None:
    """Do nothing."""


async def untyped(word) -> None:  # type: ignore[no-untyped-def]
    """Do nothing."""


async def any_number(*words: str) -> None:
    """Do nothing."""


async def needs(word: str) -> None:
    """Do nothing."""


def blocking() -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (untyped, {}, "the task untyped: its argument word must have a name and a type"),
        (any_number, {}, "the task any_number: its argument words must have a name and a type"),
        (blocking, {}, "the task blocking must be an async function"),
        (fine, {"attempts": 0}, "must have one attempt or more"),
        (fine, {"backoff": -1}, "no backoff below 0"),
        (fine, {"deadline": 0}, "must have a deadline of more than 0 seconds"),
        # {% if cookiecutter.queue == "celery" %}
        (fine, {"key": "{word}"}, "has a key, but Celery cannot tell"),
        # {% endif %}
        # {% if cookiecutter.queue == "pgqueuer" %}
        (fine, {"key": "{name}"}, "has a key of what is no argument: name"),
        # {% endif %}
        (needs, {"schedule": "0 3 * * *"}, "has a schedule, so that each argument must have a"),
        (fine, {"schedule": "0 25 * * *"}, "the task fine: "),
        (fine, {"schedule": "0 3 * * *", "zone": "Europe/Atlantis"}, "Europe/Atlantis"),
    ],
)
def test_what_no_worker_could_run_is_no_task(
    function: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(TaskError) as refused:
        task(**options)(function)

    assert message in str(refused.value)


def test_two_tasks_cannot_have_one_name() -> None:
    with pytest.raises(TaskError, match="two tasks are named fine"):
        collect_tasks([task()(fine), 1, task()(fine)])
