"""Conversion of arrays of codes between words (posits, linear takums) and floats or fixed point."""

import numpy as np

from refmath.kernels.compiling import kernel
from refmath.kernels.layout import Choices, Layout
from refmath.kernels.quick import Unpacking, as_bits, unpack
from refmath.kernels.scalar import FINITE, NAN, NONE, ONE, ZERO, U, decode, project
from refmath.kernels.short_words import posit_of, takum_string, word_of
from refmath.kernels.words import TAKUM, Rule, Word, decode_word, round_word

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


@kernel
def floats_to_words(xs: np.ndarray, f: Unpacking, to: Word, rule: Rule, out: np.ndarray, flags: np.ndarray | None) -> None:
    """Codes of floats that binary64 holds as words, without branches, in a mode without random bits. No flags are computed where None stands for their array."""
    if to.family == TAKUM:
        for i in range(len(xs)):
            x = unpack(U(xs[i]), f)
            string, lost = takum_string(as_bits(x))
            out[i], raised = word_of(string, lost, as_bits(x), x - x != 0.0, to, rule)
            if flags is not None:
                flags[i] = raised
    else:
        for i in range(len(xs)):
            x = unpack(U(xs[i]), f)
            out[i], raised = posit_of(as_bits(x), x - x != 0.0, to, rule)
            if flags is not None:
                flags[i] = raised
