"""Conversion of an array of codes from one format into another."""

import numpy as np

from refmath.kernels.compiling import kernel
from refmath.kernels.layout import Choices, Layout
from refmath.kernels.scalar import decode, project


@kernel
def convert(codes: np.ndarray, source: Layout, target: Layout, c: Choices, random: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
    """Codes of ``source`` (uint64) to codes of ``target`` in ``out``, flags in ``flags``; ``random`` holds R, one or one each."""
    last = len(random) - 1
    for i in range(len(codes)):
        kind, negative, sig, exp = decode(codes[i], source, c.operands)
        out[i], flags[i] = project(kind, negative, sig, exp, False, target, c, random[min(i, last)])


@kernel
def convert_decoded(
    kinds: np.ndarray,
    negatives: np.ndarray,
    sigs: np.ndarray,
    exps: np.ndarray,
    target: Layout,
    c: Choices,
    random: np.ndarray,
    out: np.ndarray,
    flags: np.ndarray,
) -> None:
    """The same from operands that are decoded already: the carrier of each, see ``refmath.kernels.scalar``."""
    last = len(random) - 1
    for i in range(len(kinds)):
        out[i], flags[i] = project(kinds[i], negatives[i], sigs[i], exps[i], False, target, c, random[min(i, last)])
