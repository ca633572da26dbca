"""What an emulator may take: seconds for one claim, and memory of its process with all that it starts.

Memory is the resident set, watched from outside ten times a second. A limit of the address space would be kept by the kernel, but
torch, jax and CUDA reserve many times what they use.
"""

import re
from dataclasses import dataclass

import psutil

from refmath.errors import RefmathError, quote

UNITS = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
"""Powers of two by their letters; ``KiB``, ``KB`` and ``K`` are the same."""
LEAST = 1 << 28
"""Bytes below which no worker could start: NumPy and Numba alone take some 200 MiB."""
POLL = 0.1
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Limits:
    """For one claim."""

    seconds: float = 120.0
    memory: int = 8 << 30
    """Bytes; 0 for none."""


def parse_memory(given: str) -> int:
    """Bytes from ``4G``, ``512 MiB``, ``1.5g`` or ``none``, which is 0. ``RefmathError`` for what is no size, or too little to start in."""
    body = given.strip().upper()
    if body == "NONE":
        return 0
    found = re.fullmatch(r"(\d{1,15})(?:\.(\d{1,9}))?\s*([KMGT]?)(?:I?B)?", body, re.ASCII)
    if not found:
        raise RefmathError(f"{quote(given)} is no amount of memory; write it like 4G, 512M or 1.5 GiB, or 'none' for no limit.")
    whole, part, unit = found[1], found[2] or "", found[3]
    size: int = (int(whole + part) << UNITS[unit]) // 10 ** len(part)
    if size < LEAST:
        raise RefmathError(f"{quote(given)} is less than the {in_words(LEAST)} that a worker needs to start; give more memory, or 'none' for no limit.")
    return size


def in_words(size: int) -> str:
    """Bytes, in the greatest unit that leaves no more than one decimal: ``1.5 GiB``."""
    for unit in ("T", "G", "M", "K"):
        if size >= 1 << UNITS[unit]:
            return f"{size / (1 << UNITS[unit]):.1f}".removesuffix(".0") + f" {unit}iB"
    return f"{size} bytes"


def resident(process: psutil.Process) -> int:
    """Bytes that a process and all that it started hold in memory; 0 where it is gone."""
    total = 0
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    for member in family:
        try:
            total += int(member.memory_info().rss)
        except psutil.Error:
            continue
    return total
