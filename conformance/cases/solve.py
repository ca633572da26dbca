"""Operands for a wanted result: the exact inverse of an operation, applied to it.

``operands_for(scene, t, draws)`` proposes operands whose exact result is t, or near t where no operands give it. All but one operand are drawn, the last is the exact
inverse rounded to its format. Where a result has more bits than an operand can hold, the free operands are drawn so that the remainder fits: the low bits of a sum come
from one term, a product is split into factors. A proposal is only that: the reference looks at every one.
"""

from collections.abc import Callable

import gmpy2
from gmpy2 import mpq

from conformance.cases.factors import factors, low_bit
from conformance.cases.places import at, beside, exponent_in, finite_code, near, short, signed, value
from conformance.cases.scene import Scene, bottom, precision, top
from conformance.cases.stream import Draws
from formats.family import Format
from refmath.reals import floor_log2, power_of_two

Case = tuple[int, ...]


def operands_for(scene: Scene, t: mpq, draws: Draws) -> Case | None:
    """Operands whose exact result is t, or near it; None where nothing is known about the inverse."""
    name = scene.bound.op.name
    solver = integral if name.startswith("round_to_integral") else SOLVERS.get(name)
    return None if solver is None or not t else solver(scene.formats, t, draws)


Solver = Callable[[tuple[Format, ...], mpq, Draws], Case | None]


def split_sum(f: Format, g: Format, t: mpq, draws: Draws) -> tuple[int, int]:
    """Codes x of f and y of g with x + y = t: the bits of t below some position come from y."""
    low, e = low_bit(t), floor_log2(t)
    pf, pg = precision(f), precision(g)
    if low is None or draws.below(4) == 0:
        y = at(g, exponent_in(g, draws, e - pg - 2, e + pf + 2), draws)
        chosen = value(g, y)
        assert chosen is not None
        return near(f, t - chosen), y
    first, last = max(low, e - pf + 1), min(e + 2, low + pg)
    j = draws.between(first, last) if first <= last else max(low, e - pf + 1)
    step = power_of_two(j)
    rest = t - step * (t / step).__floor__()
    free = max(0, min(pg - (j - low), e - j + 1))
    carry = draws.getrandbits(draws.below(free + 1)) if free else 0
    y = near(g, rest - max(carry, 1) * step if g.signed and draws.below(2) else rest + carry * step)
    held = value(g, y)
    return near(f, t - (held or mpq(0))), y


def add(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x + y = t; either operand may be the one with the low bits."""
    if draws.below(2):
        return split_sum(formats[0], formats[1], t, draws)
    y, x = split_sum(formats[1], formats[0], t, draws)
    return x, y


def opposite(f: Format, code: int) -> int:
    """The code of -x."""
    x = value(f, code)
    return code if x is None or not f.signed else near(f, -x)


def subtract(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x - y = t."""
    x, y = formats
    if not y.signed:
        b = at(y, exponent_in(y, draws, floor_log2(t) - precision(y) - 2, floor_log2(t) + precision(x)), draws)
        return near(x, t + (value(y, b) or mpq(0))), b
    a, b = add(formats, t, draws)
    return a, opposite(y, b)


def split_product(f: Format, g: Format, t: mpq, draws: Draws) -> tuple[int, int]:
    """Codes x of f and y of g with x y = t: t is split into factors that fit, else x is drawn and y is nearest to t / x."""
    low, e = low_bit(t), floor_log2(t)
    if low is not None and draws.below(2):
        odd = abs(int(t * power_of_two(-low)))
        if odd.bit_length() <= precision(f) + precision(g):
            primes = factors(odd)
            part = 1
            for prime in primes:
                if draws.below(2) and (part * prime).bit_length() <= precision(f):
                    part *= prime
            ex = exponent_in(f, draws, e - top(g), e - bottom(g))
            x_value = signed(f, part * power_of_two(ex - part.bit_length() + 1), draws)
            return near(f, x_value), near(g, t / x_value)
    x = at(f, exponent_in(f, draws, e - top(g), e - bottom(g)), draws)
    chosen = value(f, x)
    return x, beside(g, t / chosen, draws) if chosen else near(g, t)


def multiply(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x y = t."""
    if draws.below(2):
        return split_product(formats[0], formats[1], t, draws)
    y, x = split_product(formats[1], formats[0], t, draws)
    return x, y


def divide(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case | None:
    """x / y = t: y is drawn, short enough for t y to fit where it can."""
    f, g = formats
    e, low = floor_log2(t), low_bit(t)
    ey = exponent_in(g, draws, bottom(f) - e, top(f) - e)
    held = e - low + 1 if low is not None else precision(f) + 1
    room = precision(f) - held
    y = short(g, ey, draws.between(1, min(room + 1, precision(g))), draws) if room >= 0 and draws.below(2) else at(g, ey, draws)
    divisor = value(g, y)
    return (near(f, t * divisor) if held <= precision(f) else beside(f, t * divisor, draws), y) if divisor else None


def sqrt(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """sqrt(x) = t."""
    return (beside(formats[0], t * t, draws),)


def fma(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x y + z = t: the product is drawn and z is the rest, or z is drawn and the product split, or one factor is a power of two and the sum is split."""
    f, g, h = formats
    e = floor_log2(t)
    match draws.below(3):
        case 0:
            x = at(f, exponent_in(f, draws, e - top(g) - 2, e - bottom(g) + 2), draws)
            a = value(f, x) or mpq(1)
            y = at(g, exponent_in(g, draws, e - floor_log2(a) - precision(h), e - floor_log2(a) + 2), draws)
            return x, y, near(h, t - a * (value(g, y) or mpq(0)))
        case 1:
            z = at(h, exponent_in(h, draws, e - precision(h) - 2, e + 2), draws)
            rest = t - (value(h, z) or mpq(0))
            return (*multiply((f, g), rest, draws), z) if rest else (*multiply((f, g), t, draws), near(h, mpq(0)))
        case _:
            ey = exponent_in(g, draws, e - top(f), e - bottom(f))
            factor = power_of_two(ey)
            x, z = add((f, h), t, draws)
            return near(f, (value(f, x) or mpq(0)) / factor), near(g, factor), z


def faa(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x + y + z = t."""
    f, g, h = formats
    x = at(f, exponent_in(f, draws, floor_log2(t) - precision(f), floor_log2(t) + 2), draws)
    rest = t - (value(f, x) or mpq(0))
    return (x, *add((g, h), rest or t, draws))


def fmm(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x y z = t."""
    x = at(formats[0], exponent_in(formats[0], draws, -4, 4), draws)
    return (x, *multiply((formats[1], formats[2]), t / (value(formats[0], x) or mpq(1)), draws))


def same(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """f(x, ...) = t where the result is one of the operands, or x but for its sign."""
    codes = [near(f, signed(f, t, draws)) for f in formats]
    for other in range(len(codes)):
        if draws.below(2):
            codes[other] = finite_code(formats[other], draws)
    codes[draws.below(len(codes))] = near(formats[0], t) if len(codes) > 1 else codes[0]
    return tuple(codes) if len(codes) > 1 else (near(formats[0], t) if draws.below(2) else codes[0],)


def reciprocal(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """1 / x = t."""
    return (beside(formats[0], 1 / t, draws),)


def rsqrt(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """1 / sqrt(x) = t."""
    return (beside(formats[0], 1 / (t * t), draws),)


def hypot(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """sqrt(x^2 + y^2) = t."""
    part = mpq(draws.getrandbits(20), 1 << 20)
    rest = 1 - part * part
    y = abs(t) * mpq(gmpy2.isqrt(int(rest * (1 << 60))), 1 << 30)
    return near(formats[0], signed(formats[0], t * part, draws)), beside(formats[1], signed(formats[1], y, draws), draws)


def remainder(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x - n y = t, with |y| > 2 |t| and any n."""
    f, g = formats
    e = floor_log2(t)
    low = low_bit(t)
    y = at(g, exponent_in(g, draws, e + 1, e + precision(g)), draws)
    divisor = value(g, y) or mpq(1)
    if low is not None and draws.below(2):
        divisor = power_of_two(exponent_in(g, draws, e + 2, low + precision(f)))
        y = near(g, divisor)
    n = draws.getrandbits(draws.below(4))
    return near(f, t + n * divisor), y


def integral(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x rounds to t: t itself, or t and a fraction."""
    return (near(formats[0], t + mpq(draws.between(-8, 8), 8)),) if draws.below(2) else (near(formats[0], t),)


def scaleb(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x 2^n = t."""
    n = draws.between(-precision(formats[0]) - 4, precision(formats[0]) + 4)
    return near(formats[0], t * power_of_two(-n)), near(formats[1], mpq(n))


def own(formats: tuple[Format, ...], t: mpq, draws: Draws) -> Case:
    """x = t."""
    return (near(formats[0], t),)


SOLVERS: dict[str, Solver] = {
    "add": add, "subtract": subtract, "multiply": multiply, "divide": divide, "sqrt": sqrt, "fma": fma, "faa": faa, "fmm": fmm,
    "reciprocal": reciprocal, "rsqrt": rsqrt, "hypot": hypot, "remainder": remainder, "fmod": remainder, "scaleb": scaleb,
    "abs": same, "negate": same, "copysign": same, "convert": own, "copy": own, "to_integer": own, "to_integer_exact": own, "clamp": same,
    **{f"{end}{kind}": same for end in ("minimum", "maximum") for kind in ("", "_number", "_magnitude", "_magnitude_number", "_finite")},
    "min_num": same, "max_num": same, "min_num_mag": same, "max_num_mag": same,
}  # fmt: skip
"""The inverse of each operation that has one; other operations are searched."""


def forward(scene: Scene, draws: Draws) -> Case:
    """Operands with short significands and exponents near each other: they make exact results, ties and cancellations."""
    lead = scene.formats[0]
    base = exponent_in(lead, draws)
    codes = []
    for f in scene.formats:
        e = exponent_in(f, draws, base - precision(f), base + precision(f)) if draws.below(4) else exponent_in(f, draws)
        codes.append(short(f, e, draws.between(1, precision(f)), draws))
    return tuple(codes)


def anything(scene: Scene, draws: Draws) -> Case:
    """Operands of every kind: any code, or any number of an exponent around that of 1."""
    return tuple(draws.below(f.codes) if draws.below(2) else at(f, exponent_in(f, draws, -8, 8), draws) for f in scene.formats)


def toward(scene: Scene, target: Callable[[Draws], mpq]) -> Callable[[Draws], Case | None]:
    """The aim at results that ``target`` draws; now and then at short operands, which meet many a target that no inverse gives."""

    def aim(draws: Draws) -> Case | None:
        kind = draws.below(8)
        if kind == 0:
            return forward(scene, draws)
        return operands_for(scene, target(draws), draws) or anything(scene, draws)

    return aim
