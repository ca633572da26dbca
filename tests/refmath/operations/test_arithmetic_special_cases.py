"""The special cases of arithmetic: IEEE 754-2019 clauses 5 to 7 and 9.2.1, and P3109 section 4.9, one line a case."""

import pytest
from special_cases import check, lines

from refmath.operations import Dialect, Environment
from refmath.rounding import Rounding

IEEE754 = """
add  inf inf -> inf                     # 6.1
add  -inf -inf -> -inf
add  inf -inf -> nan i                  # 7.2 d
add  -inf inf -> nan i
add  inf 1 -> inf
add  -7 -inf -> -inf
add  0 0 -> 0                           # 6.3
add  -0 -0 -> -0
add  0 -0 -> 0
add  -0 0 -> 0
add  1 -1 -> 0
add  -1 1 -> 0
add  -0 1 -> 1
add  nan 1 -> nan
add  1 nan -> nan
add  inf nan -> nan
add  snan 1 -> nan i
add  1 snan -> nan i
add  nan snan -> nan i
subtract  inf inf -> nan i
subtract  -inf -inf -> nan i
subtract  inf -inf -> inf
subtract  1 inf -> -inf
subtract  0 0 -> 0
subtract  -0 -0 -> 0
subtract  -0 0 -> -0
subtract  0 -0 -> 0
subtract  1 1 -> 0
subtract  snan 1 -> nan i
faa  inf 1 -inf -> nan i
faa  1 inf inf -> inf
faa  1 2 -3 -> 0
faa  -0 -0 -0 -> -0
faa  -0 0 -0 -> 0
faa  1/3 1/3 1/3 -> 1
multiply  inf inf -> inf
multiply  inf -inf -> -inf
multiply  inf -2 -> -inf
multiply  0 inf -> nan i                # 7.2 b
multiply  -inf 0 -> nan i
multiply  0 -3 -> -0
multiply  -0 -3 -> 0
multiply  -0 0 -> -0
multiply  -2/3 -3/2 -> 1
multiply  nan 0 -> nan
multiply  snan 0 -> nan i
divide  1 0 -> inf z                    # 7.3
divide  -1 0 -> -inf z
divide  1 -0 -> -inf z
divide  -1 -0 -> inf z
divide  0 0 -> nan i                    # 7.2 e
divide  -0 0 -> nan i
divide  inf inf -> nan i
divide  inf -inf -> nan i
divide  inf 0 -> inf                    # exact: no flag
divide  inf -0 -> -inf
divide  -inf 2 -> -inf
divide  2 inf -> 0
divide  2 -inf -> -0
divide  0 -2 -> -0
divide  -0 -2 -> 0
divide  2 3 -> 2/3
divide  nan 0 -> nan
divide  0 snan -> nan i
reciprocal  0 -> inf z
reciprocal  -0 -> -inf z
reciprocal  inf -> 0
reciprocal  -inf -> -0
reciprocal  -3 -> -1/3
sqrt  0 -> 0                            # 5.4.1
sqrt  -0 -> -0
sqrt  inf -> inf
sqrt  -inf -> nan i
sqrt  -1 -> nan i                       # 7.2 g
sqrt  9/4 -> 3/2
sqrt  2 -> ~1.4142135623730950488
sqrt  nan -> nan
sqrt  snan -> nan i
rsqrt  0 -> inf z                       # 9.2.1
rsqrt  -0 -> -inf z
rsqrt  inf -> 0
rsqrt  -1 -> nan i
rsqrt  -inf -> nan i
rsqrt  4/9 -> 3/2
rsqrt  2 -> ~0.70710678118654752440
rsqrt  nan -> nan
hypot  0 0 -> 0                         # 9.2.1
hypot  -0 -0 -> 0
hypot  inf nan -> inf
hypot  nan -inf -> inf
hypot  inf 1 -> inf
hypot  nan 1 -> nan
hypot  snan inf -> nan i
hypot  -3 4 -> 5
hypot  1 1 -> ~1.4142135623730950488
hypot  -5 0 -> 5
fma  2 3 -6 -> 0
fma  -2 3 6 -> 0
fma  -0 3 -0 -> -0
fma  0 3 -0 -> 0
fma  -0 3 0 -> 0
fma  0 inf 1 -> nan i                   # 7.2 c
fma  inf 0 1 -> nan i
fma  0 inf nan -> nan
fma  inf 0 nan -> nan
fma  inf 1 -inf -> nan i                # 7.2 d
fma  inf 1 inf -> inf
fma  -inf 2 inf -> nan i
fma  2 3 -inf -> -inf
fma  nan 1 1 -> nan
fma  1 1 nan -> nan
fma  1 snan 1 -> nan i
fma  1/3 3 -1/2 -> 1/2
remainder  5 3 -> -1                    # 5.3.1
remainder  4 3 -> 1
remainder  3 2 -> -1
remainder  5 2 -> 1
remainder  -5 2 -> -1
remainder  5 -2 -> 1
remainder  1 2 -> 1
remainder  3 3/2 -> 0
remainder  -3 3 -> -0
remainder  3 -3 -> 0
remainder  -0 3 -> -0
remainder  0 3 -> 0
remainder  5 inf -> 5
remainder  -5 -inf -> -5
remainder  -0 inf -> -0
remainder  inf 3 -> nan i               # 7.2 f
remainder  5 0 -> nan i
remainder  0 0 -> nan i
remainder  inf nan -> nan
fmod  5 3 -> 2
fmod  -5 3 -> -2
fmod  5 -3 -> 2
fmod  3 2 -> 1
fmod  6 3 -> 0
fmod  -6 3 -> -0
fmod  1/2 3 -> 1/2
fmod  inf 3 -> nan i
fmod  5 0 -> nan i
fmod  5 inf -> 5
abs  -0 -> 0                            # 5.5.1
abs  -inf -> inf
abs  -3/2 -> 3/2
negate  0 -> -0
negate  -0 -> 0
negate  -inf -> inf
negate  2 -> -2
copysign  1 -0 -> -1
copysign  -1 0 -> 1
copysign  inf -3 -> -inf
copysign  0 -1 -> -0
copysign  2 nan -> 2
"""

TOWARD_NEGATIVE = """
add  1 -1 -> -0                         # 6.3
add  0 -0 -> -0
add  0 0 -> 0
add  -0 -0 -> -0
subtract  1 1 -> -0
subtract  0 0 -> -0
subtract  0 -0 -> 0
fma  2 3 -6 -> -0
fma  0 3 -0 -> -0
fma  0 3 0 -> 0
faa  1 2 -3 -> -0
faa  0 0 0 -> 0
remainder  -3 3 -> -0
remainder  3 3 -> 0
multiply  0 3 -> 0
"""

P3109 = """
add  inf -inf -> nan
add  inf 1 -> inf
add  -inf -inf -> -inf
add  1 -1 -> 0
add  -0 -0 -> 0                         # -0 of an external format is 0
add  nan 1 -> nan
add  snan 1 -> nan                      # one NaN, no flags
subtract  inf inf -> nan
subtract  1 inf -> -inf
multiply  0 inf -> nan
multiply  0 -3 -> 0
multiply  inf -2 -> -inf
multiply  -inf -inf -> inf
divide  1 0 -> nan                      # x / 0 is NaN for every x
divide  -1 0 -> nan
divide  0 0 -> nan
divide  inf 0 -> nan
divide  -inf 0 -> nan
divide  nan 0 -> nan
divide  inf inf -> nan
divide  inf -2 -> -inf
divide  1 -inf -> 0
divide  -1 inf -> 0
divide  2 3 -> 2/3
reciprocal  0 -> nan
reciprocal  -inf -> 0
reciprocal  inf -> 0
reciprocal  4 -> 1/4
sqrt  -inf -> nan
sqrt  -1 -> nan
sqrt  0 -> 0
sqrt  inf -> inf
rsqrt  0 -> nan
rsqrt  -1 -> nan
rsqrt  -inf -> nan
rsqrt  inf -> 0
rsqrt  1/4 -> 2
hypot  inf nan -> nan
hypot  nan -inf -> nan
hypot  -inf 3 -> inf
hypot  0 0 -> 0
fma  0 inf 1 -> nan
fma  0 inf nan -> nan
fma  inf inf -inf -> nan
fma  -2 inf inf -> nan
fma  -2 inf -inf -> -inf
fma  2 3 -6 -> 0
faa  inf 0 -inf -> nan
faa  inf inf inf -> inf
abs  -inf -> inf
abs  nan -> nan
negate  0 -> 0
negate  inf -> -inf
copysign  -1 0 -> 1
copysign  1 -0 -> 1
copysign  inf -2 -> -inf
copysign  1 nan -> nan
copysign  nan 1 -> nan
"""

POSIT = """
add  nar 1 -> nar
add  1 nar -> nar
subtract  nar nar -> nar
multiply  0 nar -> nar
divide  1 0 -> nar
divide  0 0 -> nar
reciprocal  0 -> nar
sqrt  -1 -> nar
rsqrt  0 -> nar
hypot  nar 1 -> nar
fma  nar 0 1 -> nar
faa  1 2 nar -> nar
remainder  1 0 -> nar
abs  nar -> nar
negate  nar -> nar
copysign  1 nar -> nar
minimum  1 nar -> nar
negate  0 -> 0
multiply  0 -1 -> 0
"""


@pytest.mark.parametrize("line", lines(IEEE754))
def test_ieee754(line: str) -> None:
    """IEEE 754-2019 gives this result and raises these exceptions."""
    check(line, Environment())


@pytest.mark.parametrize("line", lines(TOWARD_NEGATIVE))
def test_exact_zero_sums_are_negative_toward_negative(line: str) -> None:
    """Clause 6.3: an exact zero sum of unlike signs is -0 where rounding is toward negative, and nothing else changes."""
    check(line, Environment(rounding=Rounding.TOWARD_NEGATIVE))


@pytest.mark.parametrize("line", lines(P3109))
def test_p3109(line: str) -> None:
    """P3109 gives this result, without flags."""
    check(line, Environment(Dialect.P3109))


@pytest.mark.parametrize("line", lines(POSIT))
def test_nar_absorbs(line: str) -> None:
    """What is no real is NaR in the arithmetic of posits, without flags."""
    check(line, Environment(Dialect.POSIT))


def test_zero_times_infinity_may_signal_beside_a_quiet_nan() -> None:
    """Clause 7.2 c leaves it to the implementation whether fma(0, infinity, quiet NaN) is invalid: an option of the environment."""
    check("fma 0 inf nan -> nan i", Environment(zero_times_infinity_signals=True))
    check("fma inf -0 nan -> nan i", Environment(zero_times_infinity_signals=True))
    check("fma 1 inf nan -> nan", Environment(zero_times_infinity_signals=True))
