"""What no operands of given formats can give, by theorem: the proofs behind tasks that are called impossible where not every operand can be tried.

- Range: the magnitudes of the operands bound that of a sum, product, quotient or root.
- Grid: sums, fused sums and remainders are multiples of the least quantum of their terms; products of the product of the quanta.
- Quotient: an exact quotient of significands of p bits has at most p bits, for odd(t) odd(y) = odd(x). So it is never half way between two numbers of that precision.
- Root: likewise the square of an exact root has at most p bits.
- Beside a power of two: of significands of p bits, X / Y < 1 means X <= Y - 1, so that no quotient lies between 1 - 2^-p and 1, nor between 1 and 1 + 2^-p.
- Product: a significand is a product only if its prime factors can be dealt out to two numbers that fit.
"""

from functools import lru_cache

import gmpy2
from gmpy2 import mpq

from conformance.cases.factors import factors, low_bit
from conformance.cases.places import near, rational, value
from conformance.cases.scene import Scene, precision, quantum
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from formats.posit import Posit
from refmath.reals import floor_log2, power_of_two
from refmath.wording import number_text

Extent = tuple[mpq, mpq]
"""Bounds of the magnitude of every nonzero exact result."""


def has_grid(f: Format) -> bool:
    """Whether every value is a multiple of ``quantum``: floats, posits and fixed point."""
    return isinstance(f, Float | Fixed | Posit)


def least(f: Format) -> mpq:
    """The least positive magnitude."""
    return rational(f.value(f.least))


def greatest(f: Format) -> mpq:
    """The greatest magnitude on either side."""
    return max(rational(f.value(max(f.greatest(side), f.least), 0, side)) for side in ((False, True) if f.signed else (False,)))


@lru_cache(maxsize=256)
def grid(scene: Scene) -> mpq | None:
    """A number of which every exact result is a multiple."""
    if not all(has_grid(f) for f in scene.formats):
        return None
    steps = [quantum(f) for f in scene.formats]
    if any(step is None for step in steps):
        return None
    known = [step for step in steps if step is not None]
    match scene.bound.op.name:
        case "add" | "subtract" | "faa" | "remainder" | "fmod" | "convert" | "copy" | "abs" | "negate" | "copysign":
            return min(known)
        case "multiply":
            return known[0] * known[1]
        case "fma":
            return min(known[0] * known[1], known[2])
        case name if name.startswith(("minimum", "maximum", "min_num", "max_num")):
            return min(known)
        case name if name.startswith("round_to_integral"):
            return mpq(1)
    return None


@lru_cache(maxsize=256)
def extent(scene: Scene) -> Extent | None:
    """Bounds of the magnitude of every nonzero exact result."""
    low, high = [least(f) for f in scene.formats], [greatest(f) for f in scene.formats]
    step = grid(scene)
    match scene.bound.op.name:
        case "add" | "subtract" | "faa":
            return (step, mpq(sum(high))) if step else None
        case "multiply":
            return low[0] * low[1], high[0] * high[1]
        case "fma":
            return (step, high[0] * high[1] + high[2]) if step else None
        case "divide":
            return low[0] / high[1], high[0] / low[1]
        case "reciprocal":
            return 1 / high[0], 1 / low[0]
        case "sqrt":
            return power_of_two(floor_log2(low[0]) // 2), power_of_two((floor_log2(high[0]) + 2) // 2)
        case "rsqrt":
            return power_of_two(-((floor_log2(high[0]) + 2) // 2)), power_of_two(-(floor_log2(low[0]) // 2))
        case "remainder" | "fmod":  # of an infinite divisor the dividend itself is left
            return (step, high[0] if scene.formats[1].has_infinity else min(high)) if step else None
        case "convert" | "copy" | "abs" | "negate":
            return low[0], high[0]
    return None


def shown(x: mpq) -> str:
    """A number for a proof."""
    return number_text(x)


def no_point(scene: Scene, t: mpq) -> str:
    """Why no exact result is t, or nothing."""
    if why := outside(scene, abs(t), abs(t)):
        return why
    step = grid(scene)
    if step and (t / step).denominator != 1:
        return f"every exact result is a multiple of {shown(step)}"
    low = low_bit(t)
    if low is None:
        return ""
    odd = abs(int(t * power_of_two(-low)))
    match scene.bound.op.name:
        case "divide" if has_grid(scene.formats[0]) and has_grid(scene.formats[1]) and odd.bit_length() > precision(scene.formats[0]):
            return f"an exact quotient has at most the {precision(scene.formats[0])} significand bits of the dividend, this result {odd.bit_length()}"
        case "sqrt" if has_grid(scene.formats[0]) and (odd * odd).bit_length() > precision(scene.formats[0]):
            return f"the square of an exact root has at most the {precision(scene.formats[0])} significand bits of the operand, that of this one {(odd * odd).bit_length()}"
        case "multiply" if all(has_grid(f) for f in scene.formats) and not splits(odd, *map(precision, scene.formats)):
            return f"its significand {odd:,} = {' x '.join(map(str, factors(odd)))} is no product of two that the operands have"
        case "convert" if value(scene.formats[0], near(scene.formats[0], t)) != t:
            return f"{shown(t)} is no value of {scene.formats[0].name}"
    return ""


def splits(n: int, p: int, q: int) -> bool:
    """Whether n may be a product of numbers of at most p and q bits: whether it is, or its prime factors are not all known."""
    primes = factors(n)
    if n.bit_length() <= max(p, q) or not all(gmpy2.is_prime(prime, 40) for prime in primes):
        return True
    divisors = {1}
    for prime in primes:
        divisors |= {d * prime for d in divisors}
    return any(d.bit_length() <= p and (n // d).bit_length() <= q for d in divisors)


def no_interval(scene: Scene, low: mpq, high: mpq) -> str:
    """Why no exact result lies strictly between two magnitudes, or nothing."""
    if why := outside(scene, low, high):
        return why
    step = grid(scene)
    if step and ((low / step).__floor__() + 1) * step >= high:
        return f"every exact result is a multiple of {shown(step)}"
    if low and scene.bound.op.name == "divide" and all(has_grid(f) for f in scene.formats):
        p = max(map(precision, scene.formats))
        power = power_of_two(floor_log2(low))
        above = high <= power * (1 + power_of_two(-p))
        if above or (low >= 2 * power * (1 - power_of_two(-p)) and high <= 2 * power):
            return f"no quotient of significands of {p} bits is so near to a power of two, unless it is that"
    return ""


def outside(scene: Scene, low: mpq, high: mpq) -> str:
    """Why no nonzero exact result has a magnitude from ``low`` to ``high``, or nothing."""
    bounds = extent(scene)
    if bounds is None:
        return ""
    if high < bounds[0]:
        return f"no nonzero exact result is below {shown(bounds[0])}"
    if low > bounds[1]:
        return f"no exact result exceeds {shown(bounds[1])}"
    return ""
