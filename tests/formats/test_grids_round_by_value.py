"""Fixed point, affine integers and codebooks against rounding by comparison with every value of the format, in all modes."""

from bisect import bisect_right
from itertools import pairwise

from any_family import affines, codebooks, symmetric
from any_format import fixed as any_fixed
from effort import examples
from gmpy2 import mpq
from hypothesis import given
from hypothesis import strategies as st

from formats import parse
from formats.affine import Affine
from formats.arithmetic import operation
from formats.codebook import Codebook, Middle
from formats.family import Format
from formats.fixed import Fixed
from formats.projection import Negatives, Projection
from refmath.datum import Finite
from refmath.exponentials import rational_power_of_two
from refmath.flags import Flags
from refmath.overflow import Overflow
from refmath.rounding import Rounding

MODES = [mode for mode in Rounding if not mode.stochastic]


def values(fmt: Format) -> list[tuple[mpq, int]]:
    """Every value with its code, ascending; of two zeros, the positive one; without the code that a symmetric format leaves unused."""
    base = fmt.codes_as if isinstance(fmt, Affine) else fmt
    unused = 1 << (base.width - 1) if isinstance(base, Fixed) and base.symmetric else None
    found = []
    for code in fmt:
        datum = fmt.decode(code)
        assert isinstance(datum, Finite)
        if code != unused and (datum.value or not datum.negative):
            found.append((datum.value, code))
    return sorted(found)  # type: ignore[type-var]


def even(fmt: Format, ordered: list[tuple[mpq, int]], at: int) -> bool:
    """Whether a value is the even one: by its rank in a codebook, its steps from zero in affine integers, its code elsewhere."""
    if isinstance(fmt, Codebook):
        return at % 2 == 0
    if isinstance(fmt, Affine):
        return (ordered[at][0] / fmt.scale).numerator % 2 == 0
    return ordered[at][1] % 2 == 0


def expected(fmt: Format, ordered: list[tuple[mpq, int]], x: mpq, mode: Rounding) -> int:
    """The code of x when whatever is out of range saturates, found by comparing x with the values and the middles between them."""
    numbers = [value for value, _ in ordered]
    below = bisect_right(numbers, x) - 1
    if below < 0 or below == len(numbers) - 1 or numbers[below] == x:
        return ordered[max(below, 0)][1]
    low, high = numbers[below], numbers[below + 1]
    outwards = below + 1 if x > 0 or (x == 0 and high > 0) else below
    inwards = 2 * below + 1 - outwards
    evens, odds = (below, below + 1) if even(fmt, ordered, below) else (below + 1, below)
    match mode:
        case Rounding.TOWARD_POSITIVE:
            return ordered[below + 1][1]
        case Rounding.TOWARD_NEGATIVE:
            return ordered[below][1]
        case Rounding.TOWARD_ZERO:
            return ordered[inwards][1]
        case Rounding.AWAY_FROM_ZERO:
            return ordered[outwards][1]
        case Rounding.TO_ODD:
            return ordered[odds][1]
    beyond = 2 * x - (low + high)
    if isinstance(fmt, Codebook) and fmt.middle is Middle.GEOMETRIC and low * high > 0:
        beyond = x * x - low * high if low > 0 else low * high - x * x
    if beyond:
        return ordered[below + (beyond > 0)][1]
    ties = {
        Rounding.NEAREST_EVEN: evens,
        Rounding.NEAREST_ODD: odds,
        Rounding.NEAREST_AWAY: outwards,
        Rounding.NEAREST_ZERO: inwards,
        Rounding.NEAREST_POSITIVE: below + 1,
        Rounding.NEAREST_NEGATIVE: below,
    }
    return ordered[ties[mode]][1]


def check(data: st.DataObject, fmt: Format) -> None:
    """Values, middles, numbers beside them and beyond both ends, in every mode that takes no random bits."""
    ordered = values(fmt)
    numbers = [value for value, _ in ordered]
    step = min((b - a for a, b in pairwise(numbers)), default=mpq(1))
    at = data.draw(st.integers(-1, len(numbers) - 1))
    low = numbers[at] if at >= 0 else numbers[0] - step
    high = numbers[at + 1] if at + 1 < len(numbers) else low + step
    nudge = data.draw(st.sampled_from([mpq(0), step / 10**9, -step / 10**9]))
    x = low + (high - low) * data.draw(st.sampled_from([mpq(0), mpq(1, 2), mpq(1, 3), mpq(9, 10)]) | st.fractions(0, 1).map(mpq)) + nudge
    for mode in MODES:
        got = fmt.round(x, Projection(rounding=mode, overflow=Overflow.SATURATE_FINITE))
        assert got == expected(fmt, ordered, x, mode) or fmt.decode(got) == Finite(mpq(0), True), (x, mode)


@examples(250)
@given(st.data(), any_fixed(max_width=7) | symmetric().filter(lambda f: f.width <= 7))
def test_fixed_point(data: st.DataObject, fmt: Fixed) -> None:
    """Fixed point rounds to the value that the mode names, and saturates."""
    check(data, fmt)


@examples(250)
@given(st.data(), affines(max_width=6))
def test_affine_integers(data: st.DataObject, fmt: Affine) -> None:
    """Affine integers round to the value that the mode names, and saturate, wherever their zero point is."""
    check(data, fmt)


@examples(500)
@given(st.data(), codebooks())
def test_codebooks(data: st.DataObject, fmt: Codebook) -> None:
    """Codebooks round to the value that the mode names, whatever the order of the list, with or without zero, and whichever middle ties lie at; zero too."""
    check(data, fmt)
    ordered = values(fmt)
    if not fmt.has_zero:
        for mode in MODES:
            got = fmt.round(mpq(0), Projection(rounding=mode, overflow=Overflow.SATURATE_FINITE))
            assert got == expected(fmt, ordered, mpq(0), mode)


@examples(200)
@given(codebooks(), st.integers(-(10**4), 10**4), st.integers(1, 300))
def test_the_default_of_a_codebook_is_its_tie_rule(fmt: Codebook, n: int, d: int) -> None:
    """Without a projection, a codebook rounds to the nearest value, with the tie rule of its notation, and saturates."""
    x = mpq(n, d)
    got = fmt.decode(fmt.round(x))
    assert isinstance(got, Finite)
    distances = [abs(x - value) for value, _ in values(fmt)]
    assert fmt.middle is Middle.GEOMETRIC or abs(x - got.value) == min(distances)  # type: ignore[operator]
    assert got.value == {c: v for v, c in values(fmt)}.get(expected(fmt, values(fmt), x, fmt.ties))


def test_nf4_rounds_to_the_nearest_of_its_values() -> None:
    """Every middle of two neighbours in NF4 goes down, as in bitsandbytes; beside it, to the nearer one; beyond the ends, to the end."""
    nf4 = parse("nf4")
    numbers = [nf4.exact(code) for code in nf4]
    assert numbers == sorted(numbers) and numbers[0] == -1 and numbers[7] == 0 and numbers[15] == 1  # type: ignore[type-var]
    for code in range(15):
        middle = (numbers[code] + numbers[code + 1]) / 2  # type: ignore[operator]
        assert [nf4.round(middle + e) for e in (mpq(-1, 1 << 40), mpq(0), mpq(1, 1 << 40))] == [code, code, code + 1]
    assert nf4.round(mpq(10**9)) == 15 and nf4.project(mpq(-(10**9))) == (0, Flags.OVERFLOW | Flags.INEXACT)


def test_nf4_has_the_published_values() -> None:
    """The values are the binary32 numbers of the published list."""
    published = [
        -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
        0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
    ]  # fmt: skip
    assert [parse("nf4").to_float(code) for code in range(16)] == published


def test_fp4_of_bitsandbytes() -> None:
    """Its codes are sign and three bits, in the order of its table; a tie goes toward zero, and both zeros are there."""
    fp4 = parse("bnb_fp4")
    magnitudes = [0, 0.0052083334885537624, 0.6666666865348816, 1, 0.3333333432674408, 0.5, 0.1666666716337204, 0.25]
    assert [fp4.to_float(code) for code in range(16)] == magnitudes + [-m for m in magnitudes]
    assert str(fp4.to_float(8)) == "-0.0" and fp4.round(Finite(mpq(0), True)) == 8
    for code, other in ((0, 1), (7, 4), (2, 3), (15, 12)):
        middle = (fp4.exact(code) + fp4.exact(other)) / 2  # type: ignore[operator]
        assert fp4.round(middle) == code and fp4.round(middle * (1 + mpq(1, 1 << 30))) == other


def test_a_gap_across_zero_is_a_gap_like_any_other() -> None:
    """In (-1, 1/2) a small negative number rounds to 1/2, which is nearer; up and down are the neighbours."""
    fmt = parse("codebook(-1, 1/2)")
    code = dict(values(fmt))
    nearest = Projection()
    assert fmt.round(mpq(-1, 10), nearest) == code[mpq(1, 2)] and fmt.round(mpq(-1, 3), nearest) == code[mpq(-1)]
    assert fmt.round(mpq(-1, 10), Projection(rounding=Rounding.TOWARD_NEGATIVE)) == code[mpq(-1)]
    assert fmt.round(mpq(1, 10), Projection(rounding=Rounding.TOWARD_NEGATIVE)) == code[mpq(-1)]
    assert fmt.round(mpq(0), nearest) == code[mpq(1, 2)]


def test_beyond_its_ends_a_codebook_goes_on_with_its_last_gaps() -> None:
    """What rounds to the next place of the grid is out of range, what rounds to the end is merely inexact; the gaps differ at the two ends."""
    fmt = parse("codebook(-4, 0, 1)")
    assert [fmt.value(c, 0, True) for c in (1, 2, 3)] == [4, 8, 12] and [fmt.value(c) for c in (1, 2, 3)] == [1, 2, 3]
    for x, flags in (
        (mpq(-5), Flags.INEXACT),
        (mpq(-7), Flags.OVERFLOW | Flags.INEXACT),
        (mpq(4, 3), Flags.INEXACT),
        (mpq(7, 4), Flags.OVERFLOW | Flags.INEXACT),
    ):
        assert fmt.project(x) == (0 if x < 0 else 2, flags)


def test_affine_integers_without_negatives_ask_the_policy_for_negatives() -> None:
    """With the zero point at the least integer there are no negative values; what becomes of one is the choice `negatives`."""
    fmt = parse("uint8(scale=1/10)")
    found = [fmt.round(mpq(-3), Projection(negatives=choice)) for choice in (Negatives.OVERFLOW, Negatives.LIMIT, Negatives.MAGNITUDE)]
    assert found == [0, 0, 30]
    assert parse("uint8(scale=1/10, zero=100)").round(mpq(-3), Projection(negatives=Negatives.MAGNITUDE)) == 70


def test_a_geometric_middle_is_met_by_roots() -> None:
    """sqrt(2) is half way between 1 and 2, sqrt(3) above, sqrt(2 - 2^-20) below; of reals that are no roots exp(1/2) = 1.65 is above, and powers of two lie where they lie."""
    fmt, source = parse("codebook(1, 2; ties=up, middle=geometric)"), parse("binary32")
    ends = {ties: parse(f"codebook(1, 2; ties={ties}, middle=geometric)") for ties in ("up", "down")}
    for x, codes in ((mpq(2), (1, 0)), (mpq(3), (1, 1)), (2 - mpq(1, 1 << 20), (0, 0))):
        assert tuple(operation("sqrt", source, to=ends[ties])(source.encode(x)).code for ties in ("up", "down")) == codes
    assert operation("exp", source, to=fmt)(source.encode(mpq(1, 2))).code == 1
    logarithmic = parse("lns4.2")
    quarter, half = (logarithmic.encode(rational_power_of_two(mpq(n, 4))) for n in (1, 2))
    assert [operation("convert", logarithmic, to=ends[ties])(half).code for ties in ("up", "down")] == [1, 0]
    assert operation("convert", logarithmic, to=fmt)(quarter).code == 0


def test_stochastic_rounding_follows_the_logarithm_in_gaps_with_a_geometric_middle() -> None:
    """Of 1 and 16, 2 is a quarter of the way, 8 three quarters, 4 half; across zero and next to it the way is even."""
    fmt = parse("codebook(-16, -1, 0, 1, 16; middle=geometric)")
    for x, ups in ((2, 1), (4, 2), (8, 3), (-2, 1), (-8, 3)):
        got = [fmt.exact(fmt.round(mpq(x), Projection(Rounding.STOCHASTIC_A, bits=2, overflow=Overflow.SATURATE_FINITE), draw)) for draw in range(4)]
        assert sum(abs(value) == 16 for value in got) == ups  # type: ignore[arg-type]
    assert [fmt.round(mpq(1, 2) + e) for e in (mpq(-1, 64), mpq(1, 64))] == [2, 3]
