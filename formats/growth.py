"""Exact growth of fixed point: the narrowest format that holds every sum, difference or product of two others.

Division and square roots do not end in fixed point: state the format of their result. Sources: the usual hardware rules, here
derived from the ranges themselves, so that they hold for unsigned, symmetric and mixed operands too.
"""

from gmpy2 import mpq

from formats.fixed import Fixed, fixed
from refmath.errors import RefmathError
from refmath.reals import power_of_two


def extent(x: Fixed) -> tuple[mpq, mpq]:
    """The lowest and the greatest value."""
    return -x.value(x.greatest(True)), x.value(x.greatest())


def holding(low: mpq, high: mpq, fraction_bits: int) -> Fixed:
    """The narrowest fixed point with a step of 2^-fraction_bits that reaches from ``low`` to ``high``; signed where low < 0."""
    step = power_of_two(-fraction_bits)
    least, greatest = -(-low // step), high // step
    signed = low < 0
    bits = max(int(greatest).bit_length(), int(-least - 1).bit_length() if signed else 1)
    return fixed(bits + signed - fraction_bits, fraction_bits, signed)


def sum_format(*terms: Fixed) -> Fixed:
    """The narrowest format that holds the sum of one value of each."""
    if not terms:
        raise RefmathError("A sum needs at least one term.")
    low, high = (sum(ends, start=mpq(0)) for ends in zip(*map(extent, terms), strict=True))
    return holding(low, high, max(x.fraction_bits for x in terms))


def difference_format(x: Fixed, y: Fixed) -> Fixed:
    """The narrowest format that holds every x - y."""
    (a, b), (c, d) = extent(x), extent(y)
    return holding(a - d, b - c, max(x.fraction_bits, y.fraction_bits))


def product_format(x: Fixed, y: Fixed) -> Fixed:
    """The narrowest format that holds every x y."""
    ends = [a * b for a in extent(x) for b in extent(y)]
    return holding(min(ends), max(ends), x.fraction_bits + y.fraction_bits)


def dot_format(x: Fixed, y: Fixed, terms: int) -> Fixed:
    """The narrowest format that holds the sum of so many products x y."""
    if terms < 1:
        raise RefmathError(f"A dot product of {terms} terms has no format; give at least 1.")
    ends = [terms * a * b for a in extent(x) for b in extent(y)]
    return holding(min(ends), max(ends), x.fraction_bits + y.fraction_bits)
