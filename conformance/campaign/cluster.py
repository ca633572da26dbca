"""The questions of a campaign answered by a Dask cluster.

On the cluster too an emulator runs in a process of its own, which a thread of a Dask worker keeps and watches: what it does to
that process is a verdict, and Dask never sees it. Where Dask loses a worker, it gives the shard to another.
"""

import gc
import platform
import threading
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from types import TracebackType
from typing import Any

from conformance.campaign.runners import Report
from conformance.limits import Limits
from conformance.pool import Pool
from conformance.versions import of_the_tool
from conformance.worker import Answer, Question
from refmath.errors import RefmathError, quote

LOSSES = 10
"""Times that a shard may lose all the workers that Dask gives it before the campaign stops."""
PATIENCE = 60
"""Seconds to wait for a first worker."""
AHEAD = 4
"""Shards that wait on the cluster for each thread it has."""

_here = threading.local()


def answer_here(question: Question, limits: Limits) -> tuple[Answer, dict[str, str], str]:
    """On a Dask worker: the answer, the versions there, and where that is. The process stays for the thread's next question."""
    pool: Pool | None = getattr(_here, "pool", None)
    if pool is None or pool.limits != limits:
        pool = _here.pool = Pool(1, limits)
    found: list[Answer] = []
    try:
        pool.run([question], lambda _, answer: found.append(answer))
    except BaseException:
        pool.__exit__(None, None, None)
        _here.pool = None
        raise
    return found[0], of_the_tool(), platform.node()


class Cluster:
    """A Dask cluster, by the address of its scheduler."""

    def __init__(self, address: str, limits: Limits) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise RefmathError("--scheduler needs dask.distributed: pip install 'refmath[distributed]'.") from None
        self.scheduler, self.limits = address, limits
        self.asked: dict[Any, int] = {}
        try:
            self.client = Client(address, timeout=5, set_as_default=False)
        except (OSError, TimeoutError) as error:
            _close_half_made(error)
            raise RefmathError(f"No Dask scheduler answers at {quote(address)}; start one with 'dask scheduler', or leave --scheduler out.") from None
        except ValueError as error:
            _close_half_made(error)
            raise RefmathError(f"{quote(address)} is no address of a Dask scheduler; write one such as tcp://10.0.0.1:8786.") from None
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            self.client.close()
            raise RefmathError(f"The scheduler at {quote(address)} has no workers; start one with 'dask worker {address}'.") from None

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.client.close()

    def run(self, questions: Sequence[Question], report: Report) -> None:
        from distributed import as_completed

        waiting = iter(range(len(questions)))
        index = self.asked
        losses: Counter[int] = Counter()

        def submit(at: int) -> Any:
            future = self.client.submit(answer_here, questions[at], self.limits, pure=False)
            index[future] = at
            return future

        room = AHEAD * max(1, sum(self.client.nthreads().values()))
        coming = as_completed([submit(at) for at in islice(waiting, room)], loop=self.client.loop)
        for future in coming:
            at = index.pop(future)
            found = self._result(future, losses, at)
            if found is None:
                coming.add(submit(at))
                continue
            report(at, *found)
            for more in islice(waiting, 1):
                coming.add(submit(more))

    def drop(self) -> None:
        self.client.cancel(list(self.asked))
        self.asked.clear()

    def _result(self, future: Any, losses: Counter[int], at: int) -> tuple[Answer, str] | None:
        """The answer and where it was found; None where Dask lost it with the workers that had it."""
        from distributed import KilledWorker

        try:
            answer, versions, where = future.result()
        except KilledWorker:
            losses[at] += 1
            if losses[at] < LOSSES:
                return None
            raise RefmathError(
                f"The cluster lost the workers of one shard {LOSSES} times; what was recorded is kept: look into the logs of 'dask worker'."
            ) from None
        except Exception as error:
            why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            raise RefmathError(
                f"The cluster at {quote(self.scheduler)} cannot go on ({why}); what was recorded is kept, 'refmath campaign resume' goes on."
            ) from error
        for name, here in of_the_tool().items():
            if versions.get(name) != here:
                raise RefmathError(
                    f"The worker {where} has {name} {versions.get(name)} where this machine has {here}; install the same versions, or verdicts would not compare."
                )
        return answer, where


def _close_half_made(error: BaseException) -> None:
    """Have the client that could not be made closed now: it closes when it is collected, and if that is while another one starts, both wait for ever."""
    chain: BaseException | None = error
    while chain is not None:
        chain.__traceback__, chain = None, chain.__cause__ or chain.__context__
    gc.collect()
