"""Conversion of an array of operands that are decoded already."""

import numpy as np

from refmath.kernels.compiling import kernel
from refmath.kernels.layout import Choices, Layout
from refmath.kernels.scalar import project


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
    """Carriers of operands (``refmath.kernels.scalar``) to codes of ``target`` in ``out``, flags in ``flags``; ``random`` holds R, one or one each."""
    last = len(random) - 1
    for i in range(len(kinds)):
        out[i], flags[i] = project(kinds[i], negatives[i], sigs[i], exps[i], False, target, c, random[min(i, last)])
