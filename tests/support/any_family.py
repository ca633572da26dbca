"""Strategies for Hypothesis: formats of the families beside floats and fixed point, with any parameters that are possible."""

from gmpy2 import mpq
from hypothesis import strategies as st

from formats.affine import Affine
from formats.codebook import TIES, Codebook, Middle
from formats.family import Format
from formats.fixed import Fixed, fixed, integer
from formats.logarithmic import Logarithmic, logarithmic
from formats.posit import Posit, posit
from formats.quire import Quire, quire
from formats.takum import Takum, takum
from refmath.datum import NEGATIVE_ZERO, finite


@st.composite
def posits(draw: st.DrawFn, max_width: int = 70) -> Posit:
    """posit<n, es>."""
    return posit(draw(st.integers(3, 12) | st.integers(3, max_width)), draw(st.integers(0, 5)))


@st.composite
def takums(draw: st.DrawFn, max_width: int = 70) -> Takum:
    """A linear takum."""
    return takum(draw(st.integers(2, 14) | st.integers(2, max_width)))


@st.composite
def log_takums(draw: st.DrawFn, max_width: int = 40) -> Takum:
    """A logarithmic takum."""
    return takum(draw(st.integers(2, 14) | st.integers(2, max_width)), logarithmic=True)


@st.composite
def logarithms(draw: st.DrawFn) -> Logarithmic:
    """Logarithmic numbers."""
    return logarithmic(draw(st.integers(1, 7)), draw(st.integers(0, 24)))


@st.composite
def symmetric(draw: st.DrawFn) -> Fixed:
    """Fixed point without its most negative code."""
    width = draw(st.integers(2, 70))
    fraction = draw(st.integers(-9, width + 9))
    return fixed(width - fraction, fraction, symmetric=True)


@st.composite
def affines(draw: st.DrawFn, max_width: int = 40) -> Affine:
    """Affine integers."""
    signed = draw(st.booleans())
    width = draw(st.integers(1 + signed, max_width))
    codes = integer(width, signed, signed and draw(st.booleans()))
    low, high = -codes.greatest(True), codes.greatest()
    zero = draw(st.sampled_from([low, high, 0, (low + high) // 2]) | st.integers(low, high))
    return Affine("random", codes, mpq(draw(st.integers(1, 10**6)), draw(st.integers(1, 10**6))), zero)


@st.composite
def codebooks(draw: st.DrawFn, max_size: int = 20, middles: tuple[Middle, ...] = tuple(Middle)) -> Codebook:
    """A list of values in any order, with and without zero and negative zero, on one side of zero or on both, ties at either middle."""
    side = draw(st.sampled_from([(-100, 100), (0, 200), (1, 200), (-200, -1)]))
    values = draw(st.lists(st.integers(*side), min_size=2, max_size=max_size, unique=True))
    scale = mpq(1, draw(st.sampled_from([1, 3, 7, 1024])))
    data = [finite(n * scale) for n in values]
    if 0 in values and draw(st.booleans()):
        data.insert(draw(st.integers(0, len(data))), NEGATIVE_ZERO)
    return Codebook("random", tuple(data), draw(st.sampled_from(list(TIES.values()))), draw(st.sampled_from(middles)))


@st.composite
def quires(draw: st.DrawFn) -> Quire:
    """The quire of a small posit."""
    p = draw(posits(max_width=12))
    return quire(p, 4 * ((p.width - 2) << p.es) + 2 + draw(st.integers(0, 40)))


def rational_families() -> st.SearchStrategy[Format]:
    """A format whose values are rational."""
    return st.one_of(posits(), takums(), symmetric(), affines(), codebooks(middles=(Middle.ARITHMETIC,)), quires())


def families() -> st.SearchStrategy[Format]:
    """A format of any of these families."""
    return st.one_of(rational_families(), log_takums(), logarithms(), codebooks(middles=(Middle.GEOMETRIC,)))
