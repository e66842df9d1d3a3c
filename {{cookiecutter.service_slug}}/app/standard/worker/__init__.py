"""Jobs that outlive a request: they wait in a queue, and a worker runs them.

Tasks are declared by ``task``, and handlers ``enqueue`` them; ``work.py`` is the worker.
"""

# {% if false %}
# mypy: disable-error-code="assignment, no-redef"
# ruff: noqa: F811
# {% endif %}
# {% if cookiecutter.queue == "pgqueuer" %}
from app.standard.contract import ContractSettings
from app.standard.database import Database
from app.standard.service import Application
from app.standard.worker.enqueuing import (
    enqueue,
    enqueue_all,
    enqueue_all_in,
    enqueue_in,
)
from app.standard.worker.jobs_contract import with_jobs
from app.standard.worker.jobs_page import page_routes
from app.standard.worker.overview import Durations
from app.standard.worker.queue import State, describe_queue, job_state
from app.standard.worker.settings import WorkerSettings, settings_of_worker
from app.standard.worker.tasks import Job, NewJob, Task, TaskError, collect_tasks, current_job, task
from app.standard.worker.working import Worker, working

# {%- else %}
# {% if false %}
# isort: split
# {% endif %}
from app.standard.service import Application
from app.standard.worker.attempts import Attempts
from app.standard.worker.broker import Broker
from app.standard.worker.broker_settings import WorkerSettings, settings_of_worker

# {%- if cookiecutter.use_database +%}
from app.standard.worker.committing import enqueue_all_in, enqueue_in

# {%- endif +%}
from app.standard.worker.lifetime import working
from app.standard.worker.sending import BrokerUnavailable, add_broker, enqueue, enqueue_all
from app.standard.worker.tasks import Job, NewJob, Task, TaskError, collect_tasks, current_job, task

# {%- endif +%}


def init_app(application: Application) -> None:
    # {% if cookiecutter.queue == "pgqueuer" %}
    """Tell at /readyz how much waits in the queue, and for how long; let people see the jobs."""

    async def describe() -> dict[str, object]:
        return await describe_queue(application.resource(Database))

    application.readiness_checks["queue"] = describe
    settings = application.settings_as(WorkerSettings)
    if settings.are_jobs_served:
        application.resources[Durations] = Durations()
        application.contract = with_jobs(application.contract)
        # {% if cookiecutter.framework == "fastapi" %}
        application.documented = with_jobs(application.documented)
        # {% endif %}
        if application.settings_as(ContractSettings).serve_api_docs:
            application.routes += page_routes(application.contract)
    # {% endif %}
    # {% if cookiecutter.queue == "celery" %}
    """Have connections to the broker, and tell at /readyz how many jobs wait there."""
    add_broker(application)
    # {% endif %}
