"""Driving a change's body: it may wait for its transaction, and for nothing else."""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")

FOREIGN_WAIT = "a change may await nothing but its transaction"


class Gate:
    """Shut while a body runs: what it wants of the store must come through its transaction."""

    shut: bool = False

    def check(self) -> None:
        """
        Raises:
            RuntimeError: a body reached for the store itself.
        """
        if self.shut:
            raise RuntimeError(FOREIGN_WAIT)


class Watched(Protocol):
    """
    The connection of a transaction. `is_waiting`: a statement is under way that suspends.
    `failure`: the first statement that failed; nothing of this transaction can be committed.
    """

    is_waiting: bool
    failure: Exception | None


class Driven(Generic[T]):
    """
    Awaiting it runs what `begin` returns to its end.

    Raises, beside what the body raises:
        RuntimeError: the body awaited something that is not a statement of its transaction.
        Exception: a statement failed, even where the body took no notice: PostgreSQL's transaction
            is over then, and its COMMIT would quietly roll back.
    """

    def __init__(self, begin: Callable[[], Awaitable[T]], connection: Watched, gate: Gate) -> None:
        self._begin = begin
        self._connection = connection
        self._gate = gate

    def __await__(self) -> Generator[Any, Any, T]:
        connection, gate = self._connection, self._gate
        foreign: RuntimeError | None = None
        try:
            gate.shut = True
            steps = self._begin().__await__()
            awaited = next(steps)
            while True:
                if not connection.is_waiting and foreign is None:
                    foreign = RuntimeError(FOREIGN_WAIT)
                    # Thrown in where it waits, so that the body's own clean-up still runs.
                    awaited = steps.throw(foreign)
                    continue
                gate.shut = False
                try:
                    answer = yield awaited
                except BaseException as raised:  # noqa: BLE001 - thrown into the body
                    gate.shut = True
                    awaited = steps.throw(raised)
                else:
                    gate.shut = True
                    awaited = steps.send(answer)
        except StopIteration as end:
            fault = foreign or connection.failure
            if fault is not None:
                raise fault from None
            result: T = end.value
            return result
        except Exception as raised:
            fault = foreign or connection.failure
            if fault is None or fault is raised:
                raise
            raise fault from raised
        finally:
            gate.shut = False
