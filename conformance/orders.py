"""The orders of a library's sums, asked in a process of its own: a crash, a hang or an exception becomes a sentence, and what was found before it stays.

The process, ``python -m conformance.orders REQUEST``, prints a line of JSON for each event: the library, the start of each question, each answer.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from refmath.errors import RefmathError

LENGTHS = (8, 16, 33, 64)
"""Summands, where none are named: below, at and beyond the usual numbers of lanes, and one that fills no lanes evenly."""
START_LIMIT = 120.0
"""Seconds that importing a library may take."""


@dataclass(frozen=True)
class Request:
    """What is asked of a library."""

    library: str
    device: str = "cpu"
    functions: tuple[str, ...] = ()
    """By name; all where none is named."""
    formats: tuple[str, ...] = ("binary32",)
    lengths: tuple[int, ...] = LENGTHS
    models: tuple[str, ...] = ()
    """Models that are held to the functions besides those that their order suggests."""
    cases: int = 100
    seed: int = 1


@dataclass
class Answer:
    """What a library answered."""

    library: str
    description: str
    found: list[dict[str, Any]]
    """One for each function, format and length."""
    error: str = ""
    """Why it could not be asked, or not to the end."""
    interrupted: bool = False
    """Whether Ctrl-C ended it; what was found before is there."""


def ask(request: Request, limit: float, report: Callable[[str], None] = lambda title: None) -> Answer:
    """The answers of a library, each within ``limit`` seconds; ``report`` hears what is being asked."""
    answer = Answer(request.library, request.library, [])
    asked = "the library"
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(Path(__file__).resolve().parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]))
    command = [sys.executable, "-P", "-m", "conformance.orders", json.dumps(asdict(request))]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, bufsize=0) as process:
        try:
            for event in _events(process, limit):
                match event:
                    case {"library": description}:
                        answer.description = description
                    case {"start": title}:
                        asked = title
                        report(title)
                    case {"found": result}:
                        answer.found.append(result)
                    case {"error": sentence}:
                        answer.error = sentence
        except KeyboardInterrupt:
            answer.interrupted = True
        except TimeoutError:
            answer.error = f"{asked} did not answer within {limit:.0f} s"
        finally:
            process.kill()
        code = process.wait()
    if not answer.error and code > 0:
        answer.error = f"{asked} ended the process with exit status {code}"
    if not answer.error and code < 0 and code != -signal.SIGKILL:
        answer.error = f"{asked} crashed: its process was ended by {signal.Signals(-code).name}"
    return answer


def _events(process: "subprocess.Popen[bytes]", limit: float) -> Iterator[dict[str, Any]]:
    """The events of a process as they come, up to the one that says it is done. ``TimeoutError`` where one takes too long."""
    assert process.stdout is not None
    buffer, patience = b"", max(limit, START_LIMIT)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(patience):
                raise TimeoutError
            block = os.read(process.stdout.fileno(), 1 << 16)
            if not block:
                process.wait()
                return
            *lines, buffer = (buffer + block).split(b"\n")
            for line in lines:
                event = json.loads(line)
                if "done" in event:
                    return
                patience = limit
                yield event


# In the process.


def _serve(request: Request, out: int) -> None:
    """Answer a request on a file descriptor; what the library prints goes nowhere."""
    from conformance.accumulation import check_dot
    from conformance.emulators.sums import chosen, library
    from formats.notation import parse, text
    from refmath.accumulation import parse_model

    def say(**event: object) -> None:
        os.write(out, json.dumps(event).encode() + b"\n")

    found = library(request.library, request.device)
    say(library=found.description)
    models = [parse_model(model) for model in request.models]
    for function in chosen(found, request.functions, [parse(f) for f in request.formats]):
        title = f"{function.claim.call} of {{}} {text(function.of)} numbers"
        name = _name(function, request.lengths, lambda n, title=title: say(start=title.format(n)))  # type: ignore[misc]
        for n in request.lengths:
            say(start=title.format(n))
            identity = {
                "call": function.claim.call,
                "operation": function.claim.operation,
                "of": text(function.of),
                "result": text(function.claim.result),
                "n": n,
            }
            try:
                identified = check_dot(function, n, request.cases, request.seed, models, name)
            except Exception as error:
                say(found=identity | {"error": _sentence(function.claim.call, error)})
                continue
            say(found=identity | _result(function, identified))
    say(done=True)


def _name(function: Any, lengths: tuple[int, ...], report: Callable[[int], None]) -> Any:
    """The model that has the order of a function at every length; None where there is none, or the function raises."""
    from conformance.accumulation import order_of
    from refmath.accumulation.shapes import named

    found = []
    for n in lengths:
        report(n)
        try:
            tree, _ = order_of(function, n)
        except Exception:  # it is told when the function is asked for its results
            return None
        if tree is None:
            return None
        found.append((n, tree))
    return named(found)


def _sentence(call: str, error: Exception) -> str:
    first = (str(error).strip().splitlines() or [""])[0][:200]
    return first if isinstance(error, RefmathError) else f"{call} raised {type(error).__name__}: {first}"


def _result(function: Any, identified: Any) -> dict[str, Any]:
    """An answer as JSON data."""
    from refmath.accumulation.trees import drawing
    from refmath.accumulation.trees import text as tree_text

    return {
        "tree": None if identified.tree is None else tree_text(identified.tree),
        "drawing": None if identified.tree is None else drawing(identified.tree),
        "why_not": identified.why_not,
        "equal": [{"model": str(one.model), "in": one.to.name, "text": str(one)} for one in identified.equal],
        "rejected": [_rejected(function, one) for one in identified.rejected],
        "cases": identified.cases,
    }


def _rejected(function: Any, one: Any) -> dict[str, Any]:
    """A model that was refuted, and the case that does it: the operands that are not zero."""
    of, case, result = function.of, one.case, one.candidate.result
    places = [i for i in range(len(case.xs)) if case.xs[i] and (case.ys is None or case.ys[i])]
    return {
        "model": str(one.candidate.model),
        "in": one.candidate.to.name,
        "text": str(one.candidate),
        "operands": [{"at": i, "x": _number(of, case.xs[i]), "y": None if case.ys is None else _number(of, case.ys[i])} for i in places],
        "got": _number(result, one.got),
        "expected": _number(result, one.expected),
    }


def _number(f: Any, code: int) -> dict[str, str]:
    from conformance.numbers import number

    found = number(f, code)
    return {"code": found.code, "value": found.value, "hexadecimal": found.hexadecimal or found.value}


def main(arguments: list[str]) -> int:
    """Answer the request that is the argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.dup(1)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in json.loads(arguments[0]).items()}
    try:
        _serve(Request(**given), out)
    except Exception as error:
        with contextlib.suppress(OSError):
            os.write(out, json.dumps({"error": _sentence(given["library"], error)}).encode() + b"\n")
            os.write(out, b'{"done": true}\n')
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
