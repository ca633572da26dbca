"""Strategies for Hypothesis: formats with any parameters that are possible, and exact numbers that are hard for them."""

from gmpy2 import mpq, mpz
from hypothesis import strategies as st

from formats.family import Format
from formats.fixed import Fixed
from formats.floats import REVISIONS, Float, Specials

P3109_LAYOUTS = (Specials.P3109_EXTENDED, Specials.P3109_FINITE)


@st.composite
def floats(draw: st.DrawFn, max_exponent_bits: int = 9, max_trailing: int = 40) -> Float:
    """A float format with random parameters: every layout, with and without sign, subnormal numbers, zero and integer bit."""
    specials = draw(st.sampled_from(list(Specials)))
    ieee = specials is Specials.IEEE
    w = draw(st.integers(1 if ieee or specials is Specials.RESERVED else 0, max_exponent_bits))
    m = draw(st.integers(1 if ieee else 0, max_trailing))
    explicit = ieee and w > 1 and draw(st.booleans())
    subnormals = True if w == 0 or explicit else draw(st.booleans())
    zero = True if subnormals or specials in (Specials.FNUZ, *P3109_LAYOUTS) else draw(st.booleans())
    signed = True if specials is Specials.FNUZ else draw(st.booleans())
    standard = (1 << (w - 1)) - 1 if w else 0
    bias = draw(st.sampled_from([standard, standard + 1]) | st.integers(-(2 << w), 2 << w))
    revision = draw(st.sampled_from(["", *REVISIONS])) if specials in P3109_LAYOUTS else ""
    while not _has_a_nonzero_number(specials, w, m, signed, zero):
        m += 1
    return Float("random", w, m + 1, bias, specials, signed, subnormals, zero, explicit, revision)


def _has_a_nonzero_number(specials: Specials, w: int, m: int, signed: bool, zero: bool) -> bool:
    codes = 1 << (w + m)
    match specials:
        case Specials.IEEE | Specials.RESERVED:
            taken = 1 << m
        case Specials.FN:
            taken = 1
        case Specials.P3109_EXTENDED:
            taken = 1 if signed else 2
        case Specials.P3109_FINITE:
            taken = 0 if signed else 1
        case _:
            taken = 0
    return w + m > 0 and codes - taken - zero > 0


@st.composite
def fixed(draw: st.DrawFn, max_width: int = 70) -> Fixed:
    """A fixed-point format, its point within or outside its bits."""
    width = draw(st.integers(1, max_width))
    return Fixed("random", width, draw(st.just(0) | st.integers(-width - 9, width + 9)), draw(st.booleans()))


def formats() -> st.SearchStrategy[Format]:
    """A float or fixed-point format."""
    return st.one_of(floats(), fixed())


@st.composite
def places(draw: st.DrawFn, fmt: Format) -> int:
    """A magnitude code, often at an end of the range or of a binade, sometimes beyond the greatest finite one."""
    greatest = max(fmt.greatest(), fmt.least)
    near_ends = [fmt.least, fmt.least + 1, fmt.least_normal or fmt.least, (fmt.least_normal or 1) - 1, greatest - 1, greatest, greatest + 1]
    if isinstance(fmt, Float):
        near_ends += [k << fmt.trailing for k in range(4)]
    return max(fmt.least, draw(st.sampled_from(near_ends) | st.integers(fmt.least, greatest) | st.integers(fmt.least, 2 * greatest + 3)))


@st.composite
def magnitudes(draw: st.DrawFn, fmt: Format) -> mpq:
    """A positive rational at, just beside, or inside the gap above some value of the format, or below the least one."""
    code = draw(places(fmt))
    low, high = fmt.value(code), fmt.value(code + 1)
    if draw(st.booleans()):
        low, high = (
            (fmt.value(fmt.least) * draw(st.sampled_from([mpq(0), mpq(1, 2), mpq(1, 1 << 70)])), fmt.value(fmt.least)) if code == fmt.least else (low, high)
        )
    nu = draw(st.sampled_from([mpq(0), mpq(1, 2), mpq(1, 4), mpq(3, 4), mpq(1, 3)]) | st.fractions(0, 1).map(mpq))
    nudge = draw(st.sampled_from([mpq(0), mpq(0), mpq(1, mpz(1) << 80), mpq(-1, mpz(1) << 80)]))
    x = low + (high - low) * (nu + nudge)
    return x if x > 0 else high
