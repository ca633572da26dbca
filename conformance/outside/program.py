"""Any program as an emulator: lines of hexadecimal codes on its standard input, a line for each on its standard output.

One run of the program is one call. A line has the codes of the operands of one case, without prefix, all digits of the format, with a
space between; the answer is the code of the result, in hexadecimal with or without ``0x``, or ``!`` and why there is none. End of file ends the call: the program
answers what it has left, ends with status 0, and is started anew for the next call.
"""

import shlex
import shutil
import signal
import subprocess
import tempfile
from functools import partial
from typing import IO

import numpy as np

from conformance.claims import Claim, Codes, NotAResultError
from conformance.emulators.calls import Call, Some
from conformance.emulators.held import Arrays
from conformance.outside.claims import Error
from formats.arrays import dtype
from formats.family import Format
from formats.notation import text
from refmath.errors import quote

SLACK = 64
"""Characters that a line of an answer may have beside its digits; what is longer is no answer."""


def program_call(claim: Claim, command: str, error: Error) -> Call:
    """The call of a program; its words are parted as a shell does it, and no shell runs."""
    try:
        words = shlex.split(command)
    except ValueError as reason:
        raise error(f"{quote(command)} is no command line: {reason}.") from reason
    if not words or shutil.which(words[0]) is None:
        name = words[0] if words else ""
        remedy = "name an executable file" if "/" in name else f"name an installed one, or an executable file with its path: ./{name}"
        raise error(f"{quote(name)} is no program here; {remedy}.")
    return Call(claim, partial(_ask, words, claim), Arrays("numpy", "codes"))


def _ask(words: list[str], claim: Claim, *operands: Codes) -> Codes | Some:
    """Run the program once over all cases."""
    columns = [[f"{code:0{-(-fmt.width // 4)}x}" for code in codes.reshape(-1).tolist()] for codes, fmt in zip(operands, claim.operands, strict=True)]
    lines = [" ".join(row) for row in zip(*columns, strict=True)]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as complaints:
        given.write(("\n".join(lines) + "\n").encode("ascii"))
        given.seek(0)
        room = (SLACK + claim.result.width // 4) * len(lines) + 4096
        try:
            process = subprocess.Popen(words, stdin=given, stdout=subprocess.PIPE, stderr=complaints)
        except OSError as reason:
            raise NotAResultError(f"cannot be started: {reason.strerror or reason}.") from reason
        with process:
            assert process.stdout is not None
            answer = process.stdout.read(room + 1)
            if len(answer) > room:
                process.kill()
                raise NotAResultError(f"wrote more than {room:,} characters for {len(lines):,} lines of operands.")
            status = process.wait()
        if status:
            raise NotAResultError(_end(status, answer, len(lines), complaints))
    answers = answer.decode("utf-8", errors="replace").splitlines()
    if len(answers) != len(lines):
        raise NotAResultError(f"answered {len(answers):,} lines to {len(lines):,} lines of operands.")
    refusals = {at: line.strip()[1:].strip()[:200] or "an error" for at, line in enumerate(answers) if line.lstrip().startswith("!")}
    told = [(line, asked) for at, (line, asked) in enumerate(zip(answers, lines, strict=True)) if at not in refusals]
    codes = _codes([line for line, _ in told], [asked for _, asked in told], claim.result)
    return Some(codes, refusals) if refusals else codes.reshape(operands[0].shape)


def _end(status: int, answer: bytes, count: int, complaints: IO[bytes]) -> str:
    """How a program ended that did not end well."""
    complaints.seek(0)
    last = (complaints.read(1 << 16).decode("utf-8", errors="replace").strip().splitlines() or [""])[-1].strip()
    names = {number.value: number.name for number in signal.Signals}
    how = f"was ended by {names.get(-status, f'signal {-status}')}" if status < 0 else f"ended with exit status {status}"
    return f"{how} after {len(answer.splitlines()):,} of {count:,} lines{f', with {quote(last, 120)} on its standard error' if last else ''}."


def _codes(answers: list[str], asked: list[str], fmt: Format) -> Codes:
    try:
        found = [int(line, 16) for line in answers]
    except ValueError:
        line, case = next((line, case) for line, case in zip(answers, asked, strict=True) if not _is_code(line))
        raise NotAResultError(f"answered {quote(line)} to {quote(case)}, which is no hexadecimal code.") from None
    for code, line, case in zip(found, answers, asked, strict=True):
        if not 0 <= code < fmt.codes:
            raise NotAResultError(f"answered {quote(line)} to {quote(case)}, which is no code of {text(fmt)} ({fmt.width} bits).")
    return np.array(found, dtype=object).astype(dtype(fmt))


def _is_code(line: str) -> bool:
    try:
        int(line, 16)
    except ValueError:
        return False
    return True
