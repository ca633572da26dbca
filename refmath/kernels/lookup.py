"""Functions of codes that are constant on runs of them, looked up: the leading bits of a code lead to a cell, and most cells have at most one place where the function changes.

An entry of a cell is 64 bits. Of results: the code from which on the upper one holds (32 bits), the upper result, the one below it (16 bits each). Of flags: a code (32 bits), and
the flags above it, at it and below it (8 bits each). Where a cell has more changes, its entry is ``SEARCH`` and the run of the code is searched for among all.
"""

import numpy as np

from refmath.kernels.compiling import inline, kernel

U = np.uint64
SPAN_BITS = U(5)
"""A leading entry holds the place of its first cell, and in so many low bits the length of a cell: 2^length codes."""
SEARCH = U(0xFFFFFFFFFFFFFFFF)


@inline
def entry(code: np.uint64, shift: np.uint64, leads: np.ndarray, cells: np.ndarray) -> np.uint64:
    """The entry of the cell of a code."""
    lead = U(leads[code >> shift])
    return cells[(lead >> SPAN_BITS) + ((code & ((U(1) << shift) - U(1))) >> (lead & U(31)))]


@inline
def run_of(code: np.uint64, starts: np.ndarray) -> int:
    """The run that a code is in, by halving."""
    low, high = 0, len(starts)
    while high - low > 1:
        middle = (low + high) >> 1
        low, high = (middle, high) if starts[middle] <= code else (low, middle)
    return low


@kernel
def look_up(codes: np.ndarray, shift: np.uint64, leads: np.ndarray, cells: np.ndarray, starts: np.ndarray, results: np.ndarray, out: np.ndarray) -> None:
    """Results of codes of at most 32 bits. ``starts``: the first code of each run, ascending; ``results``: of each run, of at most 16 bits."""
    for i in range(len(codes)):
        code = U(codes[i])
        found = entry(code, shift, leads, cells)
        below = U(code < found >> U(32)) << U(4)
        out[i] = (found >> (U(16) - below)) & U(0xFFFF)
        if found == SEARCH:
            out[i] = results[run_of(code, starts)]


@kernel
def look_up_flags(codes: np.ndarray, shift: np.uint64, leads: np.ndarray, cells: np.ndarray, starts: np.ndarray, results: np.ndarray, out: np.ndarray) -> None:
    """The same of flags."""
    for i in range(len(codes)):
        code = U(codes[i])
        found = entry(code, shift, leads, cells)
        at = found >> U(32)
        out[i] = (found >> (U(code <= at) + U(code < at) << U(3))) & U(0xFF)
        if found == SEARCH:
            out[i] = results[run_of(code, starts)]
