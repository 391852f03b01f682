"""Worker processes: tasks in, results out, in the order of the tasks.

    main process         worker process
    Pool.map ── task ──> receiver (thread) ──> work(task) ──> sender (thread) ── result ──> Pool.map

The two threads let a worker begin its next task while a result waits to be fetched, and keep the main process from waiting
until a worker has time to take a task. Tasks are dealt in turn, so that it does not depend on chance who gets which.

A worker ends at once when the pool is closed, and by itself when the main process is gone, however that ended: its
connection then closes. This is why there is no `concurrent.futures` here: the workers of a ProcessPoolExecutor outlive a main
process that was killed (github.com/python/cpython/issues/111873), it hangs when a worker is killed while a task is being
sent to it (issue 94777, mended in Python 3.11.5), and before 3.14 it has no way to end workers at work.

Workers are started afresh (``spawn``), not forked: a progress bar is a thread, and a fork with threads may deadlock. A fork
server would be one more process to look after, for a start that is hardly faster. As always with ``spawn``, a script that
gets here must have the guard ``if __name__ == "__main__"``.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from indexer.errors import BackfileError

# Tasks per worker that are out at a time: one in work, the others on their way there or back, so that no worker waits while
# the main process does something else. More only takes memory.
_AHEAD = 4
# How long the exit status of a worker may take to come after its connection closed, in seconds.
_LAST_WORD = 5
_FEWER = "Nothing was changed in the index. Use fewer processes: BACKFILE_JOBS=1 backfile index SOURCE..."

Task = TypeVar("Task")
Result = TypeVar("Result")


class Pool(Generic[Task, Result]):
    """One worker process for each of ``works``, which must be picklable; a single one is done here, without a process.

    A context manager: inside it the workers live, leaving it ends them at once, whatever they are at.
    """

    def __init__(self, works: Sequence[Callable[[Task], Result]]) -> None:
        self._works = works
        self._workers: list[_Worker[Task, Result]] = []

    def __enter__(self) -> Self:
        if len(self._works) > 1:
            try:
                for work in self._works:
                    self._workers.append(_Worker(work))
            except BaseException:
                self._close()
                raise
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._close()

    def map(self, tasks: Iterable[Task], first: int = 0) -> Iterator[tuple[Task, Result]]:
        """Each task with its result, in order. Takes a task only when there is room for it; exhaust one map before the next.

        Tasks of one number go to one worker in every map; ``first`` is the number of the first.
        What ``work`` raises is raised here, at its turn. Raises `BackfileError` when a worker dies.
        """
        if not self._workers:
            for task in tasks:
                yield task, self._works[0](task)
            return
        out: deque[tuple[Task, _Worker[Task, Result]]] = deque()
        workers = islice(cycle(self._workers), first % len(self._workers), None)
        for task in tasks:
            if len(out) == _AHEAD * len(self._workers):
                yield _fetched(out)
            worker = next(workers)
            worker.send(task)
            out.append((task, worker))
        while out:
            yield _fetched(out)

    def _close(self) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()


def _fetched(out: deque[tuple[Task, _Worker[Task, Result]]]) -> tuple[Task, Result]:
    task, worker = out.popleft()
    return task, worker.receive()


class _Worker(Generic[Task, Result]):
    """A worker process, as the main process sees it."""

    def __init__(self, work: Callable[[Task], Result]) -> None:
        try:
            self._connection, theirs = _SPAWN.Pipe()
            with theirs, _interrupts_blocked():
                self._process = _SPAWN.Process(target=_serve, args=(theirs, work), daemon=True)
                self._process.start()
        except OSError as error:
            raise BackfileError(f"Cannot start a worker process: {error.strerror or error}.", _FEWER) from error

    def send(self, task: Task) -> None:
        with self._alive():
            self._connection.send(task)

    def receive(self) -> Result:
        """The result of the oldest task that was sent and not yet received."""
        with self._alive():
            result: Result | _Raised = self._connection.recv()
        if isinstance(result, _Raised):
            raise result.error
        return result

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """Raises `BackfileError` when the worker turns out to be dead."""
        try:
            yield
        except (EOFError, ConnectionError):
            self._process.join(_LAST_WORD)
            raise BackfileError(f"A worker process {_fate(self._process.exitcode)}.", _FEWER) from None

    def kill(self) -> None:
        """End the process; it has nothing to lose."""
        self._process.kill()
        self._process.join()
        self._connection.close()


class _Raised:
    """In place of a result: what the work raised."""

    def __init__(self, error: Exception) -> None:
        self.error = error


_SPAWN = multiprocessing.get_context("spawn")


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Ctrl+C goes to all processes of a terminal; those started in this block never see it, and leave it to the main process."""
    # `multiprocessing` starts this process with the first worker, and then unblocks the signal.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fate(status: int | None) -> str:
    """How a process ended, by `multiprocessing.Process.exitcode`."""
    if status == -signal.SIGKILL:
        return "was killed, most likely because memory ran out"
    if status is not None and status < 0:
        return f"was ended by signal {-status} ({signal.strsignal(-status)})"
    return f"ended unexpectedly (status {status})"


# --- in the worker process --------------------------------------------------------------------------------------------


def _serve(connection: Connection, work: Callable[[Any], Any]) -> None:
    """The life of a worker. It ends when the connection does."""
    tasks: SimpleQueue[bytes] = SimpleQueue()
    results: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_until_closed, args=(lambda: tasks.put(connection.recv_bytes()),), daemon=True).start()
    Thread(target=_until_closed, args=(lambda: connection.send_bytes(results.get()),), daemon=True).start()
    while True:
        results.put(_result(work, tasks.get()))


def _until_closed(step: Callable[[], None]) -> None:
    try:
        while True:
            step()
    finally:  # without either of its threads a worker is of no use, and the main process must notice
        os._exit(0)


def _result(work: Callable[[Any], Any], task: bytes) -> bytes:
    try:
        return pickle.dumps(work(pickle.loads(task)))
    except Exception as error:
        note = f"In a worker process:\n{traceback.format_exc()}"
        error.add_note(note)
        try:
            raised = pickle.dumps(_Raised(error))
            pickle.loads(raised)
        except Exception:  # of those that do not survive the journey, the words do
            other = RuntimeError(f"{type(error).__name__}: {error}")
            other.add_note(note)
            raised = pickle.dumps(_Raised(other))
        return raised
