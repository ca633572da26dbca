"""Minimum, maximum and clamp: IEEE 754-2019 clause 9.6, IEEE 754-2008 clause 5.3.1, P3109 section 4.10, one line a case."""

import pytest
from special_cases import check, lines

from refmath.operations import Dialect, Environment

IEEE754 = """
minimum  1 2 -> 1
minimum  2 1 -> 1
minimum  -inf 1 -> -inf
minimum  inf 1 -> 1
minimum  0 -0 -> -0
minimum  -0 0 -> -0
minimum  nan 1 -> nan
minimum  1 nan -> nan
minimum  1 snan -> nan i
maximum  1 2 -> 2
maximum  0 -0 -> 0
maximum  -0 0 -> 0
maximum  -inf -3 -> -3
maximum  nan inf -> nan
maximum  snan 1 -> nan i
minimum_number  1 nan -> 1
minimum_number  nan 1 -> 1
minimum_number  nan nan -> nan
minimum_number  snan 1 -> 1 i           # the number, and invalid
minimum_number  1 snan -> 1 i
minimum_number  snan nan -> nan i
minimum_number  0 -0 -> -0
minimum_number  2 -3 -> -3
maximum_number  -inf nan -> -inf
maximum_number  snan -1 -> -1 i
maximum_number  -0 0 -> 0
maximum_number  2 -3 -> 2
minimum_magnitude  -1 2 -> -1
minimum_magnitude  3 -2 -> -2
minimum_magnitude  2 -2 -> -2           # equal magnitudes: the minimum
minimum_magnitude  -2 2 -> -2
minimum_magnitude  0 -0 -> -0
minimum_magnitude  -inf 5 -> 5
minimum_magnitude  inf -inf -> -inf
minimum_magnitude  nan 1 -> nan
maximum_magnitude  -3 2 -> -3
maximum_magnitude  2 -2 -> 2
maximum_magnitude  -inf 5 -> -inf
maximum_magnitude  inf -inf -> inf
maximum_magnitude  1 nan -> nan
minimum_magnitude_number  nan -3 -> -3
minimum_magnitude_number  snan -3 -> -3 i
maximum_magnitude_number  -3 nan -> -3
min_num  1 nan -> 1                     # 754-2008
min_num  nan nan -> nan
min_num  1 snan -> nan i
min_num  snan nan -> nan i
min_num  0 -0 -> -0
max_num  nan -1 -> -1
max_num  snan 1 -> nan i
max_num  -0 0 -> 0
min_num_mag  -2 nan -> -2
min_num_mag  -2 2 -> -2
max_num_mag  -3 2 -> -3
max_num_mag  snan 2 -> nan i
minimum_finite  -inf 1 -> 1
minimum_finite  nan -inf -> -inf
minimum_finite  inf -inf -> -inf
maximum_finite  inf 1 -> 1
maximum_finite  snan 1 -> 1 i
clamp  5 0 3 -> 3
clamp  -5 0 3 -> 0
clamp  2 0 3 -> 2
clamp  2 3 0 -> nan i
clamp  -inf 0 inf -> 0
clamp  1 0 nan -> nan
clamp  1 snan 2 -> nan i
clamp  1 -0 0 -> 0
clamp  -1 0 -0 -> -0
"""

P3109 = """
minimum  nan 1 -> nan
minimum  inf -inf -> -inf
minimum  1 -0 -> 0
maximum  -inf -1 -> -1
maximum  1 nan -> nan
minimum_number  nan 1 -> 1
minimum_number  1 nan -> 1
minimum_number  nan nan -> nan
maximum_number  nan -inf -> -inf
minimum_magnitude  -2 2 -> -2
minimum_magnitude  inf -inf -> -inf
minimum_magnitude  -inf 3 -> 3
maximum_magnitude  -2 2 -> 2
maximum_magnitude  -inf inf -> inf
maximum_magnitude  -inf 3 -> -inf
minimum_magnitude_number  nan -3 -> -3
maximum_magnitude_number  nan nan -> nan
minimum_finite  nan nan -> nan
minimum_finite  nan 1 -> 1
minimum_finite  nan inf -> inf
minimum_finite  inf inf -> inf
minimum_finite  -inf -inf -> -inf
minimum_finite  inf -inf -> -inf
minimum_finite  -inf 3 -> 3
minimum_finite  3 -inf -> 3
minimum_finite  2 3 -> 2
maximum_finite  inf 3 -> 3
maximum_finite  -inf inf -> inf
maximum_finite  -inf nan -> -inf
maximum_finite  2 3 -> 3
clamp  nan 0 1 -> nan
clamp  0 nan 1 -> nan
clamp  0 1 nan -> nan
clamp  0 3 1 -> nan                     # lo > hi
clamp  0 inf inf -> inf
clamp  0 -inf -inf -> -inf
clamp  0 inf 1 -> nan
clamp  0 1 -inf -> nan
clamp  inf 0 inf -> inf
clamp  inf -inf 5 -> 5
clamp  -inf -inf 5 -> -inf
clamp  -inf 2 inf -> 2
clamp  7 -inf inf -> 7
clamp  7 -inf 5 -> 5
clamp  1 2 inf -> 2
"""


@pytest.mark.parametrize("line", lines(IEEE754))
def test_ieee754(line: str) -> None:
    """IEEE 754 chooses this operand and raises these exceptions."""
    check(line, Environment())


@pytest.mark.parametrize("line", lines(P3109))
def test_p3109(line: str) -> None:
    """P3109 chooses this operand."""
    check(line, Environment(Dialect.P3109))
