"""The process in which emulators run: it loads adapters and answers questions, one at a time, over one connection.

Whatever an emulator prints goes nowhere. The process ends with the one that started it, whatever ends that, and it offers itself first
to a kernel that is short of memory.
"""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, replace
from enum import Enum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Union

from conformance.budget import Budget
from conformance.claims import Adapter, Claim, Codes, NotAResultError
from conformance.environment import Watch, imported, turn_to
from conformance.tally import Tally
from conformance.verdict import Status, Verdict
from formats.notation import text
from refmath.errors import RefmathError

if TYPE_CHECKING:
    from conformance.accounts import Account
    from conformance.checker import Examination
    from conformance.identify import Identification

PR_SET_PDEATHSIG = 1


class Milestone(Enum):
    """What a worker says before it answers."""

    READY = "ready"
    """It has started: from here on its end is the emulator's doing."""
    LOADED = "loaded"
    """The emulator is imported: from here on the time of the claim runs."""


@dataclass(frozen=True)
class Inquiry:
    """What does an emulator offer?"""

    emulator: str
    device: str


@dataclass(frozen=True)
class Listing:
    """What an emulator offers: its description and its claims, or why it cannot be asked."""

    name: str
    description: str
    claims: tuple[Claim, ...]
    error: str = ""
    device: str = "cpu"
    version: str = ""
    """Of its package; of a module of one's own its checksum."""


@dataclass(frozen=True)
class Task:
    """One claim of one emulator, to be checked."""

    emulator: str
    device: str
    claim: Claim
    budget: Budget


@dataclass(frozen=True)
class Study:
    """The same, with operands beside those of the plan; the explanation is wanted too."""

    emulator: str
    device: str
    claim: Claim
    budget: Budget
    more: tuple[Codes, ...] = ()


@dataclass(frozen=True)
class Range:
    """A range of the operands of a claim, to be held to some accounts: see ``conformance.streaming.tally``."""

    emulator: str
    device: str
    claim: Claim
    budget: Budget
    held_to: "tuple[Account, ...]"
    first: int
    count: int


@dataclass(frozen=True)
class Identify:
    """What does the function of a claim implement?"""

    emulator: str
    device: str
    claim: Claim
    budget: Budget


Question = Inquiry | Task | Study | Range | Identify
Answer = Union[Listing, Verdict, "Examination", Tally, "Identification"]
Adapters = dict[tuple[str, str], tuple[Adapter, Watch]]
"""Those that are imported, by name and device, each with the watch over it."""


def lost(question: Question, why: str) -> Answer:
    """The answer to a question that a worker did not answer."""
    match question:
        case Inquiry(name, device):
            return Listing(name, name, (), why, device)
        case Identify(_, _, claim, _):
            from conformance.identify import Identification

            return Identification(claim.emulator, claim.call, text(claim.operands[0]), error=why)
        case Task() | Study() | Range():
            claim = question.claim
            operands = tuple(text(fmt) for fmt in claim.operands)
            plain = claim.emulator, claim.operation, operands, claim.result_text, claim.call, claim.variant, claim.device
            return Verdict(*plain, Status.FAILED, seed=question.budget.seed, rounding=claim.projection.rounding.value, error=why)


def main(descriptor: int, parent: int) -> None:
    """Serve the connection on a file descriptor until it closes."""
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silence, stream)
    connection = Connection(descriptor)
    import conformance.streaming  # noqa: F401  what every claim needs is no part of its time

    connection.send(Milestone.READY)
    adapters: Adapters = {}
    while True:
        try:
            question = connection.recv()
        except EOFError:
            return
        connection.send(_answer(question, adapters, connection))


def _answer(question: Question, adapters: Adapters, connection: Connection) -> Answer:
    from conformance.versions import of_an_emulator

    try:
        adapter, watch = _adapter(adapters, question.emulator, question.device)
        if isinstance(question, Inquiry):
            return Listing(question.emulator, adapter.describe(), tuple(adapter.claims()), "", question.device, of_an_emulator(question.emulator))
    except Exception as error:
        why = str(error).rstrip(".") if isinstance(error, RefmathError) else f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
        return lost(question, why if isinstance(question, Inquiry) else f"{question.emulator} cannot be loaded: {why}")
    connection.send(Milestone.LOADED)
    turn_to(watch)
    return _remarked(_found(question, adapter), watch.remarks())


def _found(question: Task | Study | Range | Identify, adapter: Adapter) -> Answer:
    from conformance.checker import check, examine
    from conformance.running import NonsenseError, first_line
    from conformance.streaming import tally

    match question:
        case Task():
            return check(question.claim, adapter, question.budget)
        case Study():
            return examine(question.claim, adapter, question.budget, question.more)
        case Range():
            try:
                return tally(question.claim, adapter, question.held_to, question.first, question.count)
            except NonsenseError as error:
                return lost(question, str(error))
            except Exception as error:
                return lost(question, f"refmath itself failed on {question.claim.title}: {first_line(error)}")
        case Identify():
            return _identified(question, adapter)


def _identified(question: Identify, adapter: Adapter) -> Answer:
    from conformance.identify import identify

    try:
        return identify(question.claim, adapter, question.budget)
    except RefmathError as error:
        return lost(question, str(error))
    except NotAResultError as error:
        return lost(question, f"{question.claim.call} {error}")
    except Exception as error:
        first = (str(error).splitlines() or [""])[0][:200].rstrip(".")
        return lost(question, f"{question.claim.call} raised {type(error).__name__}{first and ': '}{first}.")


def _remarked(answer: Answer, remarks: tuple[str, ...]) -> Answer:
    """The same with what the emulator was seen to do beside its results."""
    from conformance.checker import Examination

    if isinstance(answer, Examination):
        return replace(answer, verdict=replace(answer.verdict, remarks=remarks))
    return answer if isinstance(answer, Listing) else replace(answer, remarks=remarks)


def _adapter(adapters: Adapters, name: str, device: str) -> tuple[Adapter, Watch]:
    from conformance.emulators import load

    if (name, device) not in adapters:
        adapters[name, device] = imported(lambda: load(name, device))
    return adapters[name, device]


def _die_with(parent: int) -> None:
    """End when the process that started this one ends: by the kernel's signal on Linux, elsewhere by a look every second."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        os._exit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
