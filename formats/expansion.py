"""Multi-component floats: a value is the unevaluated sum of k components of one format.

Everything here is built of operations on the components, each rounded into their format by the reference (``formats.arithmetic``). The names are those of the
literature; whether an operation is *error-free*, so that its two results add up to the exact one, depends on conditions that each states:

    TwoSum(a, b)         s = a + b;  a' = s - b;  b' = s - a';  e = (a - a') + (b - b')
    Fast2Sum(a, b)       s = a + b;  e = b - (s - a)                       exponent of a >= exponent of b
    TwoProduct(a, b)     p = a b;  e = fma(a, b, -p)
    Grow(m, r, a)        x = m + a;  r = r + (a - (x - m));  m' = x + r;  r' = r - (m' - x)
    Mul((m, r), (h, l))  p = m h;  e = fma(m, h, -p);  e = e + (m l + r h);  m' = p + e;  r' = e - (m' - p)

All conditions are for rounding to nearest; in directed modes the error of a sum may have no code. ``formats.error_free`` says where they fail.

Sources: Dekker (1971); Knuth, TAOCP 2, 4.2.2; Shewchuk (1997); Boldo, Graillat, Muller (2017); Collage (2024) for Grow and Mul of two bfloat16.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise, product

from gmpy2 import mpq

from formats.arithmetic import operation
from formats.floats import Float
from formats.projection import Projection
from refmath.datum import Datum, Finite, NaN
from refmath.errors import RefmathError
from refmath.operations.arithmetic import total
from refmath.operations.environment import Environment
from refmath.reals import Exact, Real
from refmath.rounding import Rounding

MAX_COMPONENTS = 64
Codes = tuple[int, ...]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Expansion:
    """``count`` components of one float format, the greatest first."""

    name: str = field(compare=False)
    component: Float
    count: int = 2
    rounding: Rounding = Rounding.NEAREST_EVEN
    """How every operation on components rounds."""

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_COMPONENTS:
            raise RefmathError(f"{self.name}: {self.count} components are impossible; give 1 to {MAX_COMPONENTS}.")
        if self.rounding.stochastic:
            raise RefmathError(
                f"{self.name}: components are not rounded by {self.rounding.value}; their errors have to be the same whenever they are computed."
            )
        if not self.component.has_zero:
            raise RefmathError(f"{self.name}: {self.component.name} has no zero, and components are zero where nothing is left for them; give another format.")

    def __str__(self) -> str:
        return self.name

    @property
    def arithmetic(self) -> "Components":
        """The operations on components."""
        return components(self.component, replace(self.component.default, rounding=self.rounding))

    def check(self, x: Sequence[int]) -> Codes:
        """x as a value of this format. ``RefmathError`` for a wrong number of components, and for what is no code of theirs."""
        if len(x) != self.count:
            raise RefmathError(f"{self.name} has {self.count} components, not {len(x)}.")
        return tuple(self.component.check_code(code) for code in x)


class Components:
    """The operations of one component format under one projection: codes in, codes out."""

    def __init__(self, f: Float, how: Projection) -> None:
        self.format, self.how = f, how
        self._add, self._subtract, self._multiply, self._fma = (operation(name, f, projection=how) for name in ("add", "subtract", "multiply", "fma"))
        self._negate = operation("negate", f)

    def add(self, a: int, b: int) -> int:
        """a + b, rounded."""
        return self._add(a, b).code

    def subtract(self, a: int, b: int) -> int:
        """a - b, rounded."""
        return self._subtract(a, b).code

    def multiply(self, a: int, b: int) -> int:
        """a b, rounded."""
        return self._multiply(a, b).code

    def fma(self, a: int, b: int, c: int) -> int:
        """a b + c, rounded once."""
        return self._fma(a, b, c).code

    def negate(self, a: int) -> int:
        """-a."""
        return self._negate(a).code


@lru_cache(maxsize=64)
def components(f: Float, how: Projection | None = None) -> Components:
    """The operations of a format, by its default projection where none is given."""
    return Components(f, how or f.default)


# The error-free transformations.


def two_sum(of: Components, a: int, b: int) -> Pair:
    """(s, e) with s + e = a + b, whatever the order of a and b (Knuth); unless s overflows, or |a| is the greatest number and a' does."""
    s = of.add(a, b)
    a1 = of.subtract(s, b)
    b1 = of.subtract(s, a1)
    return s, of.add(of.subtract(a, a1), of.subtract(b, b1))


def fast_two_sum(of: Components, a: int, b: int) -> Pair:
    """(s, e) with s + e = a + b where the exponent of a is no less than that of b, as it is where |a| >= |b| (Dekker); unless s overflows."""
    s = of.add(a, b)
    return s, of.subtract(b, of.subtract(s, a))


def two_product(of: Components, a: int, b: int) -> Pair:
    """(p, e) with p + e = a b; unless p overflows, or the last bit of a b lies below the least number."""
    p = of.multiply(a, b)
    return p, of.fma(a, b, of.negate(p))


# Pairs, as Collage has them.


def grow(of: Components, x: Sequence[int], a: int) -> Pair:
    """x + a for a pair x and a component a, |a| at most of the exponent of x: the low parts are added, and rounded."""
    m, r = x
    s = of.add(m, a)
    r = of.add(r, of.subtract(a, of.subtract(s, m)))
    high = of.add(s, r)
    return high, of.subtract(r, of.subtract(high, s))


def multiply_pairs(of: Components, x: Sequence[int], y: Sequence[int]) -> Pair:
    """x y for two pairs: the product of the low parts is left out, the mixed ones are rounded."""
    (m, r), (h, low) = x, y
    p, e = two_product(of, m, h)
    e = of.add(e, of.add(of.multiply(m, low), of.multiply(r, h)))
    high = of.add(p, e)
    return high, of.subtract(e, of.subtract(high, p))


# Any number of components.


def value(f: Expansion, x: Sequence[int]) -> Datum:
    """What the components add up to, exactly; infinities and NaNs as in IEEE 754."""
    data = [f.component.decode(code) for code in f.check(x)]
    if any(isinstance(datum, NaN) for datum in data):
        return NaN()
    return total(Environment(), *data)[0]


def nearest(f: Expansion, x: Exact) -> Codes:
    """The components of a number: each is what the ones before it leave, rounded; a remainder after the last is lost.

    Where the last one is rounded to the middle of a gap of the one before, both are normalised again; their sum stays. Beyond the range it is infinity and zeros.
    """
    if isinstance(x, Real):
        raise RefmathError(f"The components of an irrational number are not told by subtraction; round it into a format before it becomes {f.name}.")
    how, found = f.arithmetic.how, []
    for _ in range(f.count):
        code = f.component.round(x, how)
        datum = f.component.decode(code)
        found.append(code)
        x = x - mpq(datum.value) if isinstance(datum, Finite) else mpq(0)
    return normalise(f, found) if isinstance(f.component.decode(found[0]), Finite) else tuple(found)


def is_normalised(f: Expansion, x: Sequence[int]) -> bool:
    """Whether each component is the sum of itself and the next one, rounded: no two overlap, and zeros come last."""
    of = f.arithmetic
    data = [f.component.decode(code) for code in f.check(x)]
    if not all(isinstance(datum, Finite) for datum in data):
        return False
    return all(_same(f, of.add(a, b), a) for a, b in pairwise(x))


def normalise(f: Expansion, terms: Sequence[int]) -> Codes:
    """As many normalised components as the format has, of any number of component codes: their exact sum, but for what lies below the last component kept.

    Neighbours are replaced by their TwoSum, from the least to the greatest, until that changes nothing.
    """
    of, zero = f.arithmetic, f.component.zero()
    x = [f.component.check_code(code) for code in terms] + [zero] * max(0, f.count - len(terms))
    changed, seen = True, set[Codes]()
    while changed:
        if tuple(x) in seen:
            raise RefmathError(
                f"{f.name}: rounding {f.rounding.value}, the error of a sum is no code, and TwoSum of these components ends nowhere; round to nearest."
            )
        seen.add(tuple(x))
        changed = False
        for i in range(len(x) - 2, -1, -1):
            s, e = two_sum(of, x[i], x[i + 1])
            changed |= not (_same(f, s, x[i]) and _same(f, e, x[i + 1]))
            x[i], x[i + 1] = s, e
    return tuple(x[: f.count])


def grow_expansion(f: Expansion, x: Sequence[int], a: int) -> Codes:
    """x + a for a component a: TwoSum from the least component up (Shewchuk), then as many components as the format has."""
    of, carried, terms = f.arithmetic, f.component.check_code(a), []
    for component in reversed(f.check(x)):
        carried, rest = two_sum(of, carried, component)
        terms.append(rest)
    return normalise(f, [carried, *reversed(terms)])


def add(f: Expansion, x: Sequence[int], y: Sequence[int]) -> Codes:
    """x + y: of all components of both, as many as the format has."""
    return normalise(f, [code for pair in zip(f.check(x), f.check(y), strict=True) for code in pair])


def multiply(f: Expansion, x: Sequence[int], y: Sequence[int]) -> Codes:
    """x y: TwoProduct of every pair of components, then as many components as the format has."""
    pairs = sorted(product(range(f.count), repeat=2), key=sum)
    a, b = f.check(x), f.check(y)
    return normalise(f, [code for i, j in pairs for code in two_product(f.arithmetic, a[i], b[j])])


def negate(f: Expansion, x: Sequence[int]) -> Codes:
    """-x."""
    return tuple(f.arithmetic.negate(code) for code in f.check(x))


def _same(f: Expansion, a: int, b: int) -> bool:
    """Whether two codes mean the same, signs of zeros and NaNs apart."""
    x, y = f.component.decode(a), f.component.decode(b)
    return x == y or (_is_zero(x) and _is_zero(y)) or (isinstance(x, NaN) and isinstance(y, NaN))


def _is_zero(x: Datum) -> bool:
    return isinstance(x, Finite) and not x.value
