"""Special cases written one a line: ``operation operands -> result [flags]``, checked against the exact layer.

A datum is ``inf``, ``-inf``, ``0``, ``-0``, ``nan``, ``snan``, ``nar``, a rational such as ``-3/4``, or, as a result, ``~`` and a decimal of a real that is no rational, to
20 digits. Flags are letters: i invalid, z divide by zero, x inexact.
"""

from decimal import Decimal

from gmpy2 import mpq

from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal
from refmath.flags import Flags
from refmath.operations import Environment, apply, find
from refmath.reals import Real, floor_log2, floor_scaled, is_negative

FLAGS = {"i": Flags.INVALID, "z": Flags.DIVIDE_BY_ZERO, "x": Flags.INEXACT}


def lines(table: str) -> list[str]:
    """The cases of a table: its lines, without blank ones and comments."""
    return [" ".join(line.partition("#")[0].split()) for line in table.splitlines() if line.partition("#")[0].strip()]


def datum(text: str) -> Datum:
    """What a token means."""
    negative = text.startswith("-")
    match text.removeprefix("-"):
        case "inf":
            return Infinity(negative)
        case "nan" | "snan":
            return NaN(negative, text.endswith("snan"), 0, 0)
        case "nar":
            return NotAReal()
        case _:
            return Finite(mpq(text), negative)


def check(line: str, env: Environment) -> None:
    """Assert that a case holds."""
    left, _, right = line.partition(" -> ")
    name, *operands = left.split()
    expected, *letters = right.split()
    flags = Flags.NONE
    for letter in "".join(letters):
        flags |= FLAGS[letter]
    got, raised = apply(find(name), env, tuple(datum(token) for token in operands))
    assert same(got, expected), f"{line}: got {got}"
    assert Flags(raised) == flags, f"{line}: raised {Flags(raised)}"


def same(got: Datum | bool | str, expected: str) -> bool:
    """Whether an answer is what the token says: NaNs by class, zeros with their sign, irrational reals to 20 digits."""
    if isinstance(got, bool | str):
        return str(got).lower() == expected
    if expected.startswith("~"):
        return isinstance(got, Finite) and isinstance(got.value, Real) and got.negative == is_negative(got.value) and close(got.value, Decimal(expected[1:]))
    if isinstance(got, NaN):
        return expected == "nan" and not got.signalling
    want = datum(expected)
    if isinstance(want, Finite) and isinstance(got, Finite) and isinstance(got.value, Real):
        return False
    return got == want


def close(x: Real, decimal: Decimal) -> bool:
    """Whether a real agrees with a decimal to 60 bits."""
    want = mpq(str(decimal)) if "E" not in str(decimal) else mpq(*decimal.as_integer_ratio())
    if (want < 0) != x.negative:
        return False
    k = 60 - floor_log2(x)
    return abs(x.floor_scaled(k)[0] - floor_scaled(abs(want), k)[0]) <= 4
