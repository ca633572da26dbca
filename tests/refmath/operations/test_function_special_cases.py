"""The special cases of the elementary functions: IEEE 754-2019 clause 9.2.1 and table 9.1, C23 annex F, P3109 section 4.10; one line a case."""

import pytest
from special_cases import check, lines

from refmath.operations import Dialect, Environment

EXPONENTIALS = """
exp  0 -> 1
exp  -0 -> 1
exp  inf -> inf
exp  -inf -> 0
exp  nan -> nan
exp  snan -> nan i
exp  1 -> ~2.7182818284590452354
exp  -1/3 -> ~0.71653131057378925043
exp2  0 -> 1
exp2  -0 -> 1
exp2  inf -> inf
exp2  -inf -> 0
exp2  5 -> 32
exp2  -7 -> 1/128
exp2  1/2 -> ~1.4142135623730950488
exp10  0 -> 1
exp10  inf -> inf
exp10  -inf -> 0
exp10  3 -> 1000
exp10  -2 -> 1/100
exp10  1/2 -> ~3.1622776601683793320
expm1  0 -> 0
expm1  -0 -> -0
expm1  inf -> inf
expm1  -inf -> -1
expm1  1 -> ~1.7182818284590452354
expm1  -1 -> ~-0.63212055882855767840
exp2m1  0 -> 0
exp2m1  -0 -> -0
exp2m1  inf -> inf
exp2m1  -inf -> -1
exp2m1  3 -> 7
exp2m1  -2 -> -3/4
exp2m1  1/2 -> ~0.41421356237309504880
exp10m1  0 -> 0
exp10m1  -0 -> -0
exp10m1  -inf -> -1
exp10m1  2 -> 99
exp10m1  -1 -> -9/10
exp10m1  -1/2 -> ~-0.68377223398316206680
"""

LOGARITHMS = """
log  0 -> -inf z
log  -0 -> -inf z
log  1 -> 0
log  inf -> inf
log  -inf -> nan i
log  -1 -> nan i
log  nan -> nan
log  snan -> nan i
log  2 -> ~0.69314718055994530942
log2  0 -> -inf z
log2  -0 -> -inf z
log2  1 -> 0
log2  8 -> 3
log2  1/16 -> -4
log2  inf -> inf
log2  -3 -> nan i
log2  10 -> ~3.3219280948873623479
log10  0 -> -inf z
log10  1 -> 0
log10  1000 -> 3
log10  1/10 -> -1
log10  -1 -> nan i
log10  2 -> ~0.30102999566398119521
log1p  0 -> 0
log1p  -0 -> -0
log1p  -1 -> -inf z
log1p  -2 -> nan i
log1p  inf -> inf
log1p  -inf -> nan i
log1p  1 -> ~0.69314718055994530942
log2p1  0 -> 0
log2p1  -0 -> -0
log2p1  -1 -> -inf z
log2p1  7 -> 3
log2p1  -3/4 -> -2
log2p1  -9 -> nan i
log2p1  inf -> inf
log10p1  -0 -> -0
log10p1  -1 -> -inf z
log10p1  99 -> 2
log10p1  -9/10 -> -1
log10p1  -3/2 -> nan i
"""

CIRCULAR = """
sin  0 -> 0
sin  -0 -> -0
sin  inf -> nan i
sin  -inf -> nan i
sin  1 -> ~0.84147098480789650665
sin  1/3 -> ~0.32719469679615224418
cos  0 -> 1
cos  -0 -> 1
cos  -inf -> nan i
cos  1 -> ~0.54030230586813971740
tan  -0 -> -0
tan  inf -> nan i
tan  1 -> ~1.5574077246549022305
asin  0 -> 0
asin  -0 -> -0
asin  1 -> ~1.5707963267948966192
asin  -1 -> ~-1.5707963267948966192
asin  2 -> nan i
asin  -inf -> nan i
acos  1 -> 0
acos  -1 -> ~3.1415926535897932385
acos  0 -> ~1.5707963267948966192
acos  -0 -> ~1.5707963267948966192
acos  -3/2 -> nan i
acos  inf -> nan i
atan  0 -> 0
atan  -0 -> -0
atan  inf -> ~1.5707963267948966192
atan  -inf -> ~-1.5707963267948966192
atan  1 -> ~0.78539816339744830962
atan2  0 -0 -> ~3.1415926535897932385
atan2  -0 -0 -> ~-3.1415926535897932385
atan2  0 0 -> 0
atan2  -0 0 -> -0
atan2  0 -2 -> ~3.1415926535897932385
atan2  -0 -2 -> ~-3.1415926535897932385
atan2  0 2 -> 0
atan2  -0 2 -> -0
atan2  -1 0 -> ~-1.5707963267948966192
atan2  -1 -0 -> ~-1.5707963267948966192
atan2  1 0 -> ~1.5707963267948966192
atan2  1 -inf -> ~3.1415926535897932385
atan2  -1 -inf -> ~-3.1415926535897932385
atan2  1 inf -> 0
atan2  -1 inf -> -0
atan2  inf 5 -> ~1.5707963267948966192
atan2  -inf -5 -> ~-1.5707963267948966192
atan2  inf -inf -> ~2.3561944901923449288
atan2  -inf -inf -> ~-2.3561944901923449288
atan2  inf inf -> ~0.78539816339744830962
atan2  -inf inf -> ~-0.78539816339744830962
atan2  nan 1 -> nan
atan2  1 1 -> ~0.78539816339744830962
atan2  1 -1 -> ~2.3561944901923449288
atan2  -1 -2 -> ~-2.6779450445889871222
"""

HALF_TURNS = """
sinpi  0 -> 0
sinpi  -0 -> -0
sinpi  1 -> 0
sinpi  7 -> 0
sinpi  -1 -> -0
sinpi  -4 -> -0
sinpi  1/2 -> 1
sinpi  -1/2 -> -1
sinpi  3/2 -> -1
sinpi  1/6 -> 1/2
sinpi  -7/6 -> 1/2
sinpi  inf -> nan i
sinpi  1/4 -> ~0.70710678118654752440
sinpi  -3/4 -> ~-0.70710678118654752440
sinpi  5/3 -> ~-0.86602540378443864676
cospi  0 -> 1
cospi  -0 -> 1
cospi  1 -> -1
cospi  -2 -> 1
cospi  1/2 -> 0
cospi  -1/2 -> 0
cospi  3/2 -> 0
cospi  1/3 -> 1/2
cospi  -inf -> nan i
cospi  3/4 -> ~-0.70710678118654752440
tanpi  0 -> 0
tanpi  -0 -> -0
tanpi  1 -> -0
tanpi  2 -> 0
tanpi  -1 -> 0
tanpi  -2 -> -0
tanpi  1/2 -> inf z
tanpi  -1/2 -> -inf z
tanpi  3/2 -> -inf z
tanpi  5/2 -> inf z
tanpi  1/4 -> 1
tanpi  -1/4 -> -1
tanpi  3/4 -> -1
tanpi  inf -> nan i
tanpi  1/3 -> ~1.7320508075688772935
tanpi  1/8 -> ~0.41421356237309504880
asinpi  0 -> 0
asinpi  -0 -> -0
asinpi  1 -> 1/2
asinpi  -1/2 -> -1/6
asinpi  3/2 -> nan i
asinpi  1/4 -> ~0.080430623255166243771
acospi  1 -> 0
acospi  -1 -> 1
acospi  0 -> 1/2
acospi  1/2 -> 1/3
acospi  -1/2 -> 2/3
acospi  inf -> nan i
atanpi  0 -> 0
atanpi  -0 -> -0
atanpi  inf -> 1/2
atanpi  -inf -> -1/2
atanpi  1 -> 1/4
atanpi  -1 -> -1/4
atanpi  2 -> ~0.35241638234956672582
atan2pi  0 -0 -> 1
atan2pi  -0 -0 -> -1
atan2pi  0 0 -> 0
atan2pi  -0 0 -> -0
atan2pi  -0 -3 -> -1
atan2pi  0 3 -> 0
atan2pi  -1 0 -> -1/2
atan2pi  1 -0 -> 1/2
atan2pi  1 -inf -> 1
atan2pi  -1 inf -> -0
atan2pi  inf -1 -> 1/2
atan2pi  -inf inf -> -1/4
atan2pi  inf -inf -> 3/4
atan2pi  2 2 -> 1/4
atan2pi  -2 -2 -> -3/4
atan2pi  1 2 -> ~0.14758361765043327418
atan2pi  1 -2 -> ~0.85241638234956672582
"""

HYPERBOLIC = """
sinh  0 -> 0
sinh  -0 -> -0
sinh  inf -> inf
sinh  -inf -> -inf
sinh  1 -> ~1.1752011936438014569
cosh  0 -> 1
cosh  -0 -> 1
cosh  -inf -> inf
cosh  1 -> ~1.5430806348152437785
cosh  -1 -> ~1.5430806348152437785
tanh  -0 -> -0
tanh  inf -> 1
tanh  -inf -> -1
tanh  1 -> ~0.76159415595576488812
asinh  -0 -> -0
asinh  -inf -> -inf
asinh  1 -> ~0.88137358701954302523
acosh  1 -> 0
acosh  inf -> inf
acosh  -inf -> nan i
acosh  1/2 -> nan i
acosh  0 -> nan i
acosh  -2 -> nan i
acosh  2 -> ~1.3169578969248167086
atanh  0 -> 0
atanh  -0 -> -0
atanh  1 -> inf z
atanh  -1 -> -inf z
atanh  2 -> nan i
atanh  inf -> nan i
atanh  1/2 -> ~0.54930614433405484570
"""

POWERS = """
pow  nan 0 -> 1                          # 9.2.1
pow  nan -0 -> 1
pow  inf 0 -> 1
pow  0 0 -> 1
pow  snan 0 -> nan i
pow  1 nan -> 1
pow  1 inf -> 1
pow  1 snan -> nan i
pow  2 nan -> nan
pow  nan 2 -> nan
pow  0 -3 -> inf z
pow  -0 -3 -> -inf z
pow  0 -2 -> inf z
pow  -0 -2 -> inf z
pow  -0 -1/2 -> inf z
pow  0 -inf -> inf
pow  -0 -inf -> inf
pow  0 inf -> 0
pow  -0 inf -> 0
pow  0 3 -> 0
pow  -0 3 -> -0
pow  -0 2 -> 0
pow  -0 1/2 -> 0
pow  -1 inf -> 1
pow  -1 -inf -> 1
pow  1/2 inf -> 0
pow  -1/2 inf -> 0
pow  2 inf -> inf
pow  -2 inf -> inf
pow  1/2 -inf -> inf
pow  2 -inf -> 0
pow  inf -2 -> 0
pow  inf 1/2 -> inf
pow  -inf -3 -> -0
pow  -inf -2 -> 0
pow  -inf 3 -> -inf
pow  -inf 2 -> inf
pow  -inf 1/2 -> inf
pow  -inf inf -> inf
pow  -8 1/3 -> nan i
pow  -2 3 -> -8
pow  -2 -2 -> 1/4
pow  4 1/2 -> 2
pow  8/27 -2/3 -> 9/4
pow  2 1/2 -> ~1.4142135623730950488
pow  3/2 5/4 -> ~1.6600228795504823886
powr  2 0 -> 1
powr  2 -0 -> 1
powr  0 -3 -> inf z
powr  -0 -3 -> inf z
powr  0 -inf -> inf
powr  -0 3 -> 0
powr  1 3 -> 1
powr  -1 2 -> nan i
powr  -inf 2 -> nan i
powr  0 0 -> nan i
powr  -0 0 -> nan i
powr  inf 0 -> nan i
powr  1 inf -> nan i
powr  1 -inf -> nan i
powr  2 nan -> nan
powr  nan 0 -> nan
powr  inf 2 -> inf
powr  inf -2 -> 0
powr  1/2 inf -> 0
powr  2 -inf -> 0
powr  9 1/2 -> 3
pown  nan 0 -> 1
pown  snan 0 -> nan i
pown  0 -3 -> inf z
pown  -0 -3 -> -inf z
pown  -0 -2 -> inf z
pown  -0 3 -> -0
pown  0 2 -> 0
pown  inf -2 -> 0
pown  -inf 3 -> -inf
pown  -inf 2 -> inf
pown  -inf -3 -> -0
pown  -3 3 -> -27
pown  2/3 -3 -> 27/8
pown  nan 3 -> nan
rootn  0 -3 -> inf z
rootn  -0 -3 -> -inf z
rootn  -0 -2 -> inf z
rootn  -0 2 -> 0
rootn  -0 3 -> -0
rootn  inf 5 -> inf
rootn  -inf 3 -> -inf
rootn  -inf 2 -> nan i
rootn  inf -2 -> 0
rootn  -inf -3 -> -0
rootn  -inf -2 -> nan i
rootn  4 0 -> nan i
rootn  nan 0 -> nan
rootn  -4 2 -> nan i
rootn  -27 3 -> -3
rootn  8 -3 -> 1/2
rootn  5 1 -> 5
rootn  5 -1 -> 1/5
rootn  2 3 -> ~1.2599210498948731648
cbrt  -0 -> -0
cbrt  -inf -> -inf
cbrt  27/8 -> 3/2
cbrt  -8 -> -2
cbrt  10 -> ~2.1544346900318837218
compound  nan 0 -> 1
compound  snan 0 -> nan i
compound  5 0 -> 1
compound  -1 0 -> 1
compound  inf 0 -> 1
compound  -1 -2 -> inf z
compound  -1 3 -> 0
compound  0 5 -> 1
compound  -0 5 -> 1
compound  inf 2 -> inf
compound  inf -2 -> 0
compound  -2 2 -> nan i
compound  -2 0 -> nan i
compound  -inf 2 -> nan i
compound  nan 1 -> nan
compound  1/2 2 -> 9/4
compound  1 -3 -> 1/8
"""

ERROR_AND_GAMMA = """
erf  0 -> 0
erf  -0 -> -0
erf  inf -> 1
erf  -inf -> -1
erf  1 -> ~0.84270079294971486934
erfc  0 -> 1
erfc  -0 -> 1
erfc  inf -> 0
erfc  -inf -> 2
erfc  1 -> ~0.15729920705028513066
erfc  -1 -> ~1.8427007929497148693
tgamma  0 -> inf z
tgamma  -0 -> -inf z
tgamma  1 -> 1
tgamma  2 -> 1
tgamma  5 -> 24
tgamma  -1 -> nan i
tgamma  -inf -> nan i
tgamma  inf -> inf
tgamma  1/2 -> ~1.7724538509055160273
tgamma  -1/2 -> ~-3.5449077018110320546
tgamma  -3/2 -> ~2.3632718012073547031
tgamma  nan -> nan
lgamma  1 -> 0
lgamma  2 -> 0
lgamma  0 -> inf z
lgamma  -0 -> inf z
lgamma  -3 -> inf z
lgamma  inf -> inf
lgamma  -inf -> inf
lgamma  3 -> ~0.69314718055994530942
lgamma  1/2 -> ~0.57236494292470008707
lgamma  -1/2 -> ~1.2655121234846453965
"""

ACTIVATIONS = """
sigmoid  0 -> 1/2
sigmoid  -0 -> 1/2
sigmoid  inf -> 1
sigmoid  -inf -> 0
sigmoid  nan -> nan
sigmoid  1 -> ~0.73105857863000487926
sigmoid  -1 -> ~0.26894142136999512075
softplus  0 -> ~0.69314718055994530942
softplus  inf -> inf
softplus  -inf -> 0
softplus  1 -> ~1.3132616875182228341
silu  -0 -> -0
silu  0 -> 0
silu  inf -> inf
silu  -inf -> -0
silu  1 -> ~0.73105857863000487926
silu  -1 -> ~-0.26894142136999512075
gelu  -0 -> -0
gelu  inf -> inf
gelu  -inf -> -0
gelu  1 -> ~0.84134474606854294859
gelu  -1 -> ~-0.15865525393145705142
gelu_tanh  -0 -> -0
gelu_tanh  inf -> inf
gelu_tanh  -inf -> -0
gelu_tanh  1 -> ~0.84119199060827670478
"""

P3109 = """
exp  -inf -> 0
exp  nan -> nan
exp2  -inf -> 0
expm1  -inf -> -1
log  0 -> -inf
log  -0 -> -inf
log  -1 -> nan
log  -inf -> nan
log  inf -> inf
log2  0 -> -inf
log1p  -1 -> -inf
log1p  -2 -> nan
softplus  -inf -> 0
softplus  inf -> inf
sin  inf -> nan
sin  -0 -> 0
cos  -inf -> nan
tan  inf -> nan
asin  2 -> nan
acos  -inf -> nan
atan  -inf -> ~-1.5707963267948966192
atan2  0 0 -> nan
atan2  inf inf -> nan
atan2  inf -inf -> nan
atan2  -inf inf -> nan
atan2  -inf -inf -> nan
atan2  5 inf -> 0
atan2  -5 inf -> 0
atan2  0 3 -> 0
atan2  inf 3 -> ~1.5707963267948966192
atan2  3 0 -> ~1.5707963267948966192
atan2  5 -inf -> ~3.1415926535897932385
atan2  -5 -inf -> ~3.1415926535897932385
atan2  0 -3 -> ~3.1415926535897932385
atan2  -0 -3 -> ~3.1415926535897932385
atan2  -inf 3 -> ~-1.5707963267948966192
atan2  -3 0 -> ~-1.5707963267948966192
atan2  1 -1 -> ~2.3561944901923449288
atan2  -1 -1 -> ~-2.3561944901923449288
atan2pi  0 0 -> nan
atan2pi  inf inf -> nan
atan2pi  -inf -inf -> nan
atan2pi  3 inf -> 0
atan2pi  inf 3 -> 1/2
atan2pi  -3 -inf -> 1
atan2pi  0 -3 -> 1
atan2pi  -3 0 -> -1/2
sinpi  -1 -> 0
sinpi  inf -> nan
cospi  1/2 -> 0
tanpi  1/2 -> nan
tanpi  -3/2 -> nan
tanpi  1 -> 0
tanpi  inf -> nan
asinpi  2 -> nan
acospi  1 -> 0
atanpi  inf -> 1/2
sinh  -inf -> -inf
cosh  -inf -> inf
tanh  -inf -> -1
asinh  inf -> inf
acosh  1/2 -> nan
acosh  inf -> inf
atanh  1 -> inf
atanh  -1 -> -inf
atanh  2 -> nan
atanh  inf -> nan
pow  nan 0 -> nan
pow  0 -1 -> nan
pow  0 0 -> 1
tgamma  0 -> nan
lgamma  0 -> nan
compound  nan 0 -> nan
compound  -1 -1 -> nan
"""

POSIT = """
exp  nar -> nar
log  0 -> nar
log  -1 -> nar
tanpi  1/2 -> nar
atanh  1 -> nar
atan2  0 0 -> nar
pow  0 -1 -> nar
pow  nar 0 -> nar
tgamma  0 -> nar
sigmoid  nar -> nar
sinpi  -1 -> 0
"""

IEEE754 = EXPONENTIALS + LOGARITHMS + CIRCULAR + HALF_TURNS + HYPERBOLIC + POWERS + ERROR_AND_GAMMA + ACTIVATIONS


@pytest.mark.parametrize("line", lines(IEEE754))
def test_ieee754(line: str) -> None:
    """IEEE 754-2019, or C23 where it is silent, gives this result and raises these exceptions."""
    check(line, Environment())


@pytest.mark.parametrize("line", lines(P3109))
def test_p3109(line: str) -> None:
    """P3109 gives this result; functions that it does not have follow its rules: NaN at poles, NaN for NaN, no flags."""
    check(line, Environment(Dialect.P3109))


@pytest.mark.parametrize("line", lines(POSIT))
def test_posits(line: str) -> None:
    """What is no real is NaR."""
    check(line, Environment(Dialect.POSIT))
