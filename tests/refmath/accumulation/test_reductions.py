"""The reductions of IEEE 754-2019 clause 9.4: values against rationals, special cases one line each."""

import random
from fractions import Fraction
from math import prod

import pytest
from gmpy2 import mpq

from refmath.accumulation import REDUCTIONS, SCALED_PRODUCTS
from refmath.datum import Datum, Finite, Infinity, NaN, finite
from refmath.flags import INVALID
from refmath.operations.environment import Environment
from refmath.rounding import Rounding

ENVIRONMENT = Environment()


def datum(text: str) -> Datum:
    """``inf``, ``-inf``, ``nan``, ``snan``, ``-0`` or a rational."""
    match text.removeprefix("-"):
        case "inf":
            return Infinity(text[0] == "-")
        case "nan" | "snan":
            return NaN(False, text == "snan")
        case _:
            return Finite(mpq(text), text[0] == "-")


def vectors(text: str) -> list[list[Datum]]:
    """Vectors parted by bars."""
    return [[datum(word) for word in part.split()] for part in text.split("|")]


@pytest.mark.parametrize(
    ("name", "operands", "result", "invalid"),
    [
        ("sum", "", "0", False),
        ("sum", "1 2 -3/2", "3/2", False),
        ("sum", "-0 -0", "-0", False),
        ("sum", "-0 0", "0", False),
        ("sum", "1 -1", "0", False),
        ("sum", "inf 1 inf", "inf", False),
        ("sum", "-inf 1", "-inf", False),
        ("sum", "inf -inf", "nan", True),
        ("sum", "nan inf -inf", "nan", False),
        ("sum", "1 snan", "nan", True),
        ("dot", "|", "0", False),
        ("dot", "1 2|3 -4", "-5", False),
        ("dot", "0 1|inf 1", "nan", True),
        ("dot", "inf 1|2 1", "inf", False),
        ("dot", "inf inf|1 -1", "nan", True),
        ("dot", "nan 1|1 1", "nan", False),
        ("dot", "1 inf|snan 1", "nan", True),
        ("dot", "-0 0|1 -1", "-0", False),
        ("sumSquare", "", "0", False),
        ("sumSquare", "3 -4", "25", False),
        ("sumSquare", "nan -inf", "inf", False),
        ("sumSquare", "nan 1", "nan", False),
        ("sumSquare", "snan 1", "nan", True),
        ("sumAbs", "", "0", False),
        ("sumAbs", "3 -4", "7", False),
        ("sumAbs", "-0", "0", False),
        ("sumAbs", "nan -inf", "inf", False),
        ("sumAbs", "nan 1", "nan", False),
    ],
)
def test_special_cases_of_sums(name: str, operands: str, result: str, invalid: bool) -> None:
    """Clause 9.4, case by case; an empty vector gives +0."""
    got, flags = REDUCTIONS[name](ENVIRONMENT, *vectors(operands))
    expected = datum(result)
    assert isinstance(got, NaN) and not got.signalling if isinstance(expected, NaN) else got == expected
    assert flags == (INVALID if invalid else 0)


@pytest.mark.parametrize(
    ("name", "operands", "pr", "sf", "invalid"),
    [
        ("scaledProd", "", "1", 0, False),
        ("scaledProd", "3", "3/2", 1, False),
        ("scaledProd", "3 -1/8 5", "-15/8", 0, False),
        ("scaledProd", "0 -3", "-0", 0, False),
        ("scaledProd", "-0 -3", "0", 0, False),
        ("scaledProd", "inf -3", "-inf", 0, False),
        ("scaledProd", "inf 0", "nan", 0, True),
        ("scaledProd", "0 2 inf", "nan", 0, True),
        ("scaledProd", "nan inf 0", "nan", 0, False),
        ("scaledProd", "2 snan", "nan", 0, True),
        ("scaledProdSum", "|", "1", 0, False),
        ("scaledProdSum", "1 2|3 4", "3/2", 4, False),
        ("scaledProdSum", "inf 1|-inf 1", "nan", 0, True),
        ("scaledProdSum", "inf 1|inf 1", "inf", 0, False),
        ("scaledProdSum", "1 5|-1 5", "0", 0, False),
        ("scaledProdSum", "nan|1", "nan", 0, False),
        ("scaledProdDiff", "1 2|3 5", "3/2", 2, False),
        ("scaledProdDiff", "inf|inf", "nan", 0, True),
        ("scaledProdDiff", "inf 2|-inf 1", "inf", 0, False),
        ("scaledProdDiff", "1|snan", "nan", 0, True),
    ],
)
def test_special_cases_of_products(name: str, operands: str, pr: str, sf: int, invalid: bool) -> None:
    """Clause 9.4, case by case; an empty product is 1 with scale factor 0."""
    got, scale, flags = SCALED_PRODUCTS[name](ENVIRONMENT, *vectors(operands))
    expected = datum(pr)
    assert isinstance(got, NaN) and not got.signalling if isinstance(expected, NaN) else got == expected
    assert (scale, flags) == (sf, INVALID if invalid else 0)


def test_an_exact_zero_sum_toward_negative_is_minus_zero() -> None:
    """Clause 6.3."""
    result, _ = REDUCTIONS["sum"](Environment(rounding=Rounding.TOWARD_NEGATIVE), vectors("1 -1")[0])
    assert result == Finite(mpq(0), True)


def test_values_against_rationals() -> None:
    """Random vectors: the seven reductions are the sums and products of the standard, of any size: 300 factors of 2^1000 do not overflow."""
    rng = random.Random(1)
    for n in (1, 2, 3, 17, 300):
        x, y = (
            [Fraction(rng.randint(1, 1 << 53), 1 << rng.randint(0, 53)) * Fraction(2) ** rng.randint(900, 1000) * rng.choice((1, -1)) for _ in range(n)]
            for _ in range(2)
        )
        xs, ys = ([finite(mpq(v)) for v in values] for values in (x, y))
        for name, operands, expected in (
            ("sum", (xs,), sum(x)),
            ("dot", (xs, ys), sum(a * b for a, b in zip(x, y, strict=True))),
            ("sumSquare", (xs,), sum(a * a for a in x)),
            ("sumAbs", (xs,), sum(map(abs, x))),
        ):
            got, flags = REDUCTIONS[name](ENVIRONMENT, *operands)
            assert got == finite(mpq(expected)) and not flags
        for name, operands, product in (
            ("scaledProd", (xs,), prod(x)),
            ("scaledProdSum", (xs, ys), prod(a + b for a, b in zip(x, y, strict=True))),
            ("scaledProdDiff", (xs, ys), prod(a - b for a, b in zip(x, y, strict=True))),
        ):
            pr, sf, flags = SCALED_PRODUCTS[name](ENVIRONMENT, *operands)
            assert isinstance(pr, Finite) and 1 <= abs(pr.value) < 2 and not flags  # type: ignore[arg-type]
            assert pr.value * mpq(2) ** sf == mpq(product)
