"""Conversion of arrays of codes between words (posits, linear takums) and floats or fixed point."""

import numpy as np

from refmath.kernels.compiling import kernel
from refmath.kernels.layout import Choices, Layout
from refmath.kernels.scalar import FINITE, NAN, NONE, ONE, ZERO, U, decode, project
from refmath.kernels.words import Rule, Word, decode_word, round_word

I = np.int64  # noqa: E741


@kernel
def from_words(xs: np.ndarray, f: Word, to: Layout, c: Choices, random: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
    """Words as codes of ``to`` in ``out``, flags in ``flags``; NaR is a NaN. ``random`` holds R, one or one each."""
    last = len(random) - 1
    for i in range(len(xs)):
        negative, sig, exp, nar = decode_word(U(xs[i]), f)
        kind = I(NAN) if nar else I(ZERO) if sig == NONE else I(FINITE)
        out[i], flags[i] = project(kind, negative and kind == FINITE, sig, exp, False, to, c, random[min(i, last)])


@kernel
def to_words(xs: np.ndarray, f: Layout, flush: int, to: Word, rule: Rule, random: np.ndarray, out: np.ndarray, flags: np.ndarray) -> None:
    """Codes of ``f`` as words; whatever is no real is NaR."""
    last = len(random) - 1
    for i in range(len(xs)):
        kind, negative, sig, exp = decode(U(xs[i]), f, flush)
        if kind == FINITE:
            out[i], flags[i] = round_word(negative, sig, exp, False, to, rule, random[min(i, last)])
        else:
            out[i], flags[i] = (NONE if kind == ZERO else ONE << U(to.width - 1)), I(0)
