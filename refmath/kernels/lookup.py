"""Functions of codes that are constant on runs of them, looked up: the leading bits of a code lead to the runs among which a few halvings find its own."""

import numpy as np

from refmath.kernels.compiling import kernel


@kernel
def look_up(
    codes: np.ndarray,
    shift: int,
    first: np.ndarray,
    halvings: int,
    starts: np.ndarray,
    results: np.ndarray,
    raised: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray | None,
) -> None:
    """Results and flags of codes. ``starts``: the first code of each run; ``first[h]``: the run of the first code whose leading bits are h."""
    for i in range(len(codes)):
        code = codes[i]
        at, last = np.int64(first[code >> shift]), np.int64(first[(code >> shift) + 1])
        for k in range(halvings):
            middle = min(at + (np.int64(1) << (halvings - 1 - k)), last)
            at = middle if starts[middle] <= code else at
        out[i] = results[at]
        if flags is not None:
            flags[i] = raised[at]
