"""Operands whose exact result has given bits behind the place where it is rounded.

Sums take them from the shorter term. A product of significands x y has its low bits where x y mod 2^k has them, so that for an odd x the low k bits of y are
w x^-1 mod 2^k. A quotient x / y of significands, x < y, has the digits of r / y behind its p bits, r = x 2^p mod y, so that the wanted digits choose r, and
x = r 2^-p mod y for an odd y. A root sqrt(x) is looked for near the square of the wanted root.
"""

from gmpy2 import mpq

from conformance.cases.coverage import Aim, Case
from conformance.cases.places import exponent_in, near, rational, signed
from conformance.cases.scene import Scene, bottom, precision, top
from conformance.cases.solve import toward
from conformance.cases.stream import Draws
from formats.floats import Float
from formats.posit import Posit
from refmath.reals import power_of_two


def tail_aim(scene: Scene, side: bool, low: int, high: int, lsb: int | None, extra: int, tail: int, loose: bool) -> Aim:
    """Results of a sign whose kept magnitude code is from ``low`` to ``high``, with a given last bit, followed by the ``extra`` bits ``tail``.

    ``loose``: anything may follow those bits, and does: the result is aimed between them and the next such bits.
    """

    def target(draws: Draws) -> mpq:
        kept = draws.between(low, max(low, high)) if high > low else low
        if lsb is not None:
            kept = kept & ~1 | lsb
            kept = kept if kept <= high else max(kept - 2, 0)
        bits, number = extra, tail
        if loose:
            more = draws.between(1, 12)
            bits, number = extra + more, tail << more | draws.between(1, (1 << more) - 1)
        x = rational(scene.to.value((kept << bits) + number, bits, side))
        return -x if side else x

    general = toward(scene, target)
    special = {"multiply": _product, "divide": _quotient}.get(scene.bound.op.name)
    if special is None or not all(isinstance(f, Float | Posit) for f in scene.formats):
        return general

    def aim(draws: Draws) -> Case | None:
        return special(scene, side, lsb, extra, tail, loose, draws) if draws.below(4) else general(draws)

    return aim


def with_exponents(scene: Scene, x: int, y: int, quotient: bool, side: bool, draws: Draws) -> Case:
    """Codes of two integers as significands, with exponents that keep the result in range."""
    f, g = scene.formats
    low, high = bottom(scene.to) + scene.precision, top(scene.to) - 1
    if isinstance(scene.to, Float):
        low = scene.to.emin + 1
    wanted = draws.between(low, max(low, high))
    if isinstance(f, Posit):  # significands are longest around 1
        wanted = draws.between(-2, 1)
        ex = draws.between(-2, 1)
        return _signed_pair(
            scene, x * power_of_two(ex - x.bit_length() + 1), y * power_of_two((ex - wanted if quotient else wanted - ex) - y.bit_length() + 1), side, draws
        )
    ex = exponent_in(f, draws, max(wanted - top(g), bottom(g) + wanted) if quotient else wanted - top(g), wanted + top(g) if quotient else wanted - bottom(g))
    ey = ex - wanted if quotient else wanted - ex
    return _signed_pair(scene, x * power_of_two(ex - x.bit_length() + 1), y * power_of_two(ey - y.bit_length() + 1), side, draws)


def _signed_pair(scene: Scene, x: mpq, y: mpq, side: bool, draws: Draws) -> Case:
    """Codes of two positive numbers, with signs that make the product negative or not."""
    f, g = scene.formats
    first, second = signed(f, x, draws), y
    if g.signed and (first < 0) != side:
        second = -second
    return near(f, first), near(g, second)


def _product(scene: Scene, side: bool, lsb: int | None, extra: int, tail: int, loose: bool, draws: Draws) -> Case | None:
    """x y with its low bits as wanted."""
    p, q = precision(scene.formats[0]), precision(scene.formats[1])
    wanted, bits = tail, extra
    if lsb is not None:
        wanted, bits = wanted | lsb << bits, bits + 1
    more = p + q - scene.precision - extra - draws.below(2)
    if more > 0:
        wanted, bits = wanted << more | (draws.getrandbits(more) if loose else 0), bits + more
    if more < 0:
        return None
    x = 1 << (p - 1) | draws.getrandbits(p - 1) | 1 if p > 1 else 1
    shift = (wanted & -wanted).bit_length() - 1 if wanted else 0
    known = min(bits, q)
    y = wanted * pow(x, -1, 1 << known) % (1 << known) if known else 0
    y |= draws.getrandbits(q) >> known << known
    if not y or shift > q:
        return None
    return with_exponents(scene, x, y, False, side, draws)


def _quotient(scene: Scene, side: bool, lsb: int | None, extra: int, tail: int, loose: bool, draws: Draws) -> Case | None:
    """x / y with the bits behind the p-th as wanted."""
    p = scene.precision
    size = precision(scene.formats[1])
    y = 1 << (size - 1) | draws.getrandbits(size - 1) | 1 if size > 1 else 1
    low, high = -(-tail * y >> extra), ((tail + 1) * y - 1) >> extra
    if low > high:
        return None
    r = draws.between(low, high)
    x = r * pow(1 << p, -1, y) % y if y > 1 else 0
    if not x or x.bit_length() > precision(scene.formats[0]):
        return None
    return with_exponents(scene, x, y, True, side, draws)
