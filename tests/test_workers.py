"""Worker processes: order, failure, and that none is left behind. All with real processes."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.errors import BackfileError
from indexer.workers import Pool

ROOT = Path(__file__).resolve().parents[1]


class Counting:
    """Tells which process it is in and how many tasks it has had."""

    def __init__(self) -> None:
        self.tasks = 0

    def __call__(self, task: int) -> tuple[int, int, int]:
        self.tasks += 1
        return task, os.getpid(), self.tasks


def negative(task: int) -> int:
    return -task


def slow_at_first(task: int) -> int:
    time.sleep(0.3 if task == 0 else 0)
    return -task


def doubled(task: bytes) -> bytes:
    return task * 2


def hard_to_please(task: int) -> int:
    if task == 3:
        raise LookupError("three")
    return task


def unpicklable(task: int) -> Callable[[], int]:
    return lambda: task


def ended_by(task: int) -> int:
    os.kill(os.getpid(), task)
    return task


def gone(task: int) -> int:
    os._exit(task)


def endless(task: Path) -> None:
    task.touch()
    time.sleep(600)


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("work", [negative, slow_at_first])
def test_results_come_in_the_order_of_the_tasks(processes: int, work: Callable[[int], int]) -> None:
    with Pool([work] * processes) as pool:
        assert list(pool.map(range(40))) == [(n, -n) for n in range(40)]
        assert list(pool.map(range(3))) == [(0, 0), (1, -1), (2, -2)]
        assert list(pool.map([])) == []


def test_tasks_are_dealt_in_turn_and_every_worker_has_a_work_of_its_own() -> None:
    with Pool([Counting(), Counting()]) as pool:
        results = [result for _, result in pool.map(range(10))]
    assert [(task, tasks) for task, _, tasks in results] == [(n, n // 2 + 1) for n in range(10)]
    even, odd = ({pid for task, pid, _ in results if task % 2 == rest} for rest in (0, 1))
    assert len(even) == len(odd) == 1
    assert len(even | odd | {os.getpid()}) == 3


def test_a_single_work_is_done_here() -> None:
    work = Counting()
    with Pool([work]) as pool:
        assert [pid for _, (_, pid, _) in pool.map(range(3))] == [os.getpid()] * 3
    assert work.tasks == 3


@pytest.mark.parametrize(("processes", "most"), [(1, 1), (2, 9)])
def test_tasks_are_taken_only_when_there_is_room(processes: int, most: int) -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for n in range(50):
            taken += 1
            yield n

    with Pool([negative] * processes) as pool:
        ahead = [taken - done for done, _ in enumerate(pool.map(tasks()))]
    assert max(ahead) == most


def test_tasks_and_results_larger_than_any_buffer_pass() -> None:
    tasks = [bytes([n]) * 3_000_000 for n in range(20)]
    with Pool([doubled, doubled]) as pool:
        assert all(result == task * 2 for task, result in pool.map(tasks))


@pytest.mark.parametrize("processes", [1, 2])
def test_what_the_work_raises_is_raised_at_its_turn(processes: int) -> None:
    with Pool([hard_to_please] * processes) as pool:
        results = pool.map(range(10))
        assert [next(results) for _ in range(3)] == [(0, 0), (1, 1), (2, 2)]
        with pytest.raises(LookupError, match="three") as caught:
            next(results)
    if processes > 1:
        assert "in hard_to_please" in "".join(caught.value.__notes__)
    assert multiprocessing.active_children() == []


def test_a_result_that_cannot_be_sent_is_an_error_not_a_standstill() -> None:
    with Pool([unpicklable] * 2) as pool, pytest.raises((AttributeError, pickle.PicklingError), match="local object"):
        list(pool.map(range(3)))


@pytest.mark.parametrize(
    ("work", "task", "message"),
    [
        (ended_by, signal.SIGKILL, "was killed, most likely because memory ran out"),
        (ended_by, signal.SIGSEGV, r"was ended by signal 11 \(Segmentation fault\)"),
        (gone, 3, r"ended unexpectedly \(status 3\)"),
    ],
)
@pytest.mark.parametrize("noticed", ["receiving", "sending"])
def test_a_worker_that_dies_is_told_with_its_reason(
    work: Callable[[int], int], task: int, message: str, noticed: str
) -> None:
    with Pool([work, negative]) as pool, pytest.raises(BackfileError, match=message) as caught:
        list(pool.map([task] if noticed == "receiving" else fatal_then_more(task)))
    assert "BACKFILE_JOBS=1 backfile index" in str(caught.value)
    assert multiprocessing.active_children() == []


def fatal_then_more(task: int) -> Iterator[int]:
    yield task
    wait_until(lambda: len(multiprocessing.active_children()) == 1)
    yield from range(5)


def test_workers_that_cannot_be_started_are_told_with_the_reason() -> None:
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, before[1]))
    try:
        with pytest.raises(BackfileError, match="Cannot start a worker process: Too many open files"):
            Pool([negative, negative]).__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_leaving_the_pool_ends_workers_at_work_at_once(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Pool([endless, endless]) as pool:
        list(pool.map(interrupted_when_begun([tmp_path / "one", tmp_path / "two"])))
    assert multiprocessing.active_children() == []


def interrupted_when_begun(tasks: list[Path]) -> Iterator[Path]:
    yield from tasks
    wait_until(lambda: all(task.exists() for task in tasks))
    raise KeyboardInterrupt


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_interrupt_is_left_to_the_main_process() -> None:
    """Ctrl+C reaches every process of the terminal, also those that are still starting."""
    with Pool([negative, negative]) as pool:
        for worker in multiprocessing.active_children():
            assert worker.pid
            os.kill(worker.pid, signal.SIGINT)
        assert list(pool.map(range(20))) == [(n, -n) for n in range(20)]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@pytest.mark.parametrize("moment", ["starting", "at work"])
def test_workers_do_not_outlive_a_main_process_that_was_killed(moment: str) -> None:
    script = (
        "import multiprocessing, sys, time\n"
        "from indexer.workers import Pool\n"
        "from tests.test_workers import negative\n"
        "with Pool([negative, negative]) as pool:\n"
        f"    {'' if moment == 'starting' else 'list(pool.map(range(10)))'}\n"
        "    print(*(child.pid for child in multiprocessing.active_children()), flush=True)\n"
        "    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as main:
        assert main.stdout
        workers = [int(pid) for pid in main.stdout.readline().split()]
        main.kill()
        _, errors = main.communicate(timeout=30)  # ends when the last process that may write there is gone
    assert len(workers) == 2
    assert [pid for pid in workers if is_alive(pid)] == []
    assert errors == ""


def is_alive(pid: int) -> bool:
    """Whether more is left of the process than an exit status that its foster parent has not asked for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
