"""Coverage plans by names, their cases, and the values of codes on rationals."""

from fractions import Fraction

from conformance.cases.coverage import Coverage
from conformance.cases.plan import plan
from formats.floats import Float
from formats.notation import parse
from formats.operations import find_operation

ARITY = {"to_integer": 1, "sqrt": 1, "convert": 1, "round_to_integral": 1, "fma": 3, "exp": 1}


def coverage(name: str, operation: str, source: str, to: str = "", budget: int | None = None, seed: int = 1) -> Coverage:
    """A plan from names."""
    f = parse(source)
    result = parse(to) if to else f
    made = plan(name, operation, (f,) * find_operation(operation).arity, result, result.default, budget, seed)
    assert isinstance(made, Coverage)
    return made


def cases(p: Coverage) -> list[tuple[tuple[int, ...], int]]:
    """Operands and task of every case."""
    found = []
    for chunk in p.chunks():
        assert chunk.tasks is not None
        found += list(zip(zip(*(column.tolist() for column in chunk.operands), strict=True), chunk.tasks.tolist(), strict=True))
    return found


def number(f: Float, code: int) -> Fraction:
    """The value of a finite code of a float, by the definition of IEEE 754-2019 clause 3.3."""
    m, w = f.trailing, f.exponent_bits
    sign, field, t = code >> (m + w) & 1, code >> m & ((1 << w) - 1), code & ((1 << m) - 1)
    size = Fraction(t + (1 << m if field else 0)) * Fraction(2) ** (max(field, 1) - f.bias - m)
    return -size if sign else size


def log2(x: Fraction) -> int:
    """floor(log2 |x|)."""
    e = abs(x.numerator).bit_length() - x.denominator.bit_length()
    return e if abs(x) >= Fraction(2) ** e else e - 1
