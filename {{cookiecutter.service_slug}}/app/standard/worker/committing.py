"""Jobs that are sent when the transaction of their caller has been committed, and not before."""

from collections.abc import Iterable
from typing import ParamSpec

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.util import await_only

from app.standard.worker.broker import Message
from app.standard.worker.sending import make_message, send
from app.standard.worker.tasks import NewJob, Task

P = ParamSpec("P")


class _Waiting:
    """The jobs of a session, each with the transaction or the savepoint that it depends on."""

    def __init__(self, session: Session) -> None:
        self._messages: list[tuple[SessionTransaction, Message]] = []
        event.listen(session, "after_commit", self._send)
        event.listen(session, "after_soft_rollback", self._drop)

    def add(self, transaction: SessionTransaction, message: Message) -> None:
        self._messages.append((transaction, message))

    def _send(self, session: Session) -> None:
        # The end of a savepoint is an event, too.
        if session.in_nested_transaction():
            return
        messages, self._messages = self._messages, []
        for _, message in messages:
            await_only(send(message))

    def _drop(self, _session: Session, ended: SessionTransaction) -> None:
        self._messages = [
            (transaction, message)
            for transaction, message in self._messages
            if not _is_within(transaction, ended)
        ]


async def enqueue_in(work: AsyncSession, task: Task[P], *args: P.args, **kwargs: P.kwargs) -> str:
    """Have a worker run a task when this transaction has been committed; see ``enqueue``.

    Where the broker is away then, the commit raises ``BrokerUnavailable``, and what it has
    committed stays; a process that ends in between sends nothing.
    """
    [number] = await enqueue_all_in(work, [task.job(*args, **kwargs)])
    return number


async def enqueue_all_in(work: AsyncSession, jobs: Iterable[NewJob]) -> list[str]:
    """Have workers run the jobs when this transaction has been committed; see ``enqueue_in``."""
    session = work.sync_session
    # It begins with the first statement otherwise.
    await work.connection()
    transaction = session.get_nested_transaction() or session.get_transaction()
    assert transaction is not None  # noqa: S101  (for the types)
    waiting = session.info.get(_Waiting)
    if waiting is None:
        waiting = session.info[_Waiting] = _Waiting(session)
    messages = [make_message(job) for job in jobs]
    for message in messages:
        waiting.add(transaction, message)
    return [message.id for message in messages]


def _is_within(transaction: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while transaction is not None and transaction is not ended:
        transaction = transaction.parent
    return transaction is ended
