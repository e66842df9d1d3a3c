# It runs in a service, where its imports are.
# mypy: ignore-errors
"""The task whose jobs are measured."""

from app.standard.worker import task


@task()
async def do_nothing() -> None:
    """Do nothing."""
