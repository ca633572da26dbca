"""Hard cases of arithmetic, by number theory: results nearest to a number or to the middle between two, and fused sums that tell one rounding from two.

With significands X, Y as integers and n a result of p + 1 bits, the last of which tells middles (odd) from numbers (even):

    product     X Y = n 2^s + R:    Y = (n 2^s + R) X^-1 modulo 2^k for an odd X, so that R is chosen and n follows
    quotient    X 2^s = n Y + R:    X = R 2^-s modulo an odd Y
    root        X 2^s = n^2 + R:    n is a square root of -R modulo 2^s, found by Hensel lifting; there are at most four of each odd square

The remainder R is the distance in the smallest unit there is: no operands come nearer than R = 1 or -1.
"""

from collections.abc import Hashable, Iterable

import gmpy2
from gmpy2 import mpq

from conformance.cases.coverage import Aim, Case, Model, Task
from conformance.cases.places import near, short, value
from conformance.cases.scene import Scene, Sight, bottom, precision, top
from conformance.cases.stream import Draws
from conformance.cases.tails import with_exponents
from conformance.cases.terms import first_term
from formats.arithmetic import operation
from refmath.datum import Finite
from refmath.reals import Real, floor_log2, power_of_two

NEAREST = 4
"""Remainders up to this are tasks of products and quotients."""
ROOTS = 40
"""Remainders up to this are tasks of roots, where one of eight is possible."""


def significand(x: mpq) -> int:
    """The odd significand of a binary fraction."""
    n = abs(int(x.numerator))
    return n >> ((n & -n).bit_length() - 1)


def words_of(odd: bool, r: int) -> str:
    """A task in words."""
    return f"{'half way' if odd else 'a number'} {r:+d} units of the remainder"


def remainder_of(scene: Scene, sight: Sight) -> tuple[bool, int] | None:
    """Whether a result is nearest to a middle, and the remainder; None of exact, subnormal and out of range ones."""
    x = sight.value
    if x is None:
        return None
    place = scene.position(x, 1)
    f = scene.to
    if not max(f.least_normal or f.least, f.least) <= place.kept <= f.greatest(place.negative):
        return None
    numbers = [d.value for d in sight.data if isinstance(d, Finite) and not isinstance(d.value, Real)]
    p, name = scene.precision, scene.bound.op.name
    if name == "multiply":
        total = significand(numbers[0]) * significand(numbers[1])
        pad = sum(map(precision, scene.formats)) - total.bit_length()
        s = sum(map(precision, scene.formats)) - p - 1 - (0 if _long(scene, numbers) else 1)
        total <<= max(pad - (0 if _long(scene, numbers) else 1), 0)
        found = _nearest(total, 1 << s) if s > 1 else None
        return found if found and 2 * abs(found[1]) < 1 << s else None
    if name == "divide":
        a, b = significand(numbers[0]), significand(numbers[1])
        s = p + 1 - (a.bit_length() - b.bit_length())
        s -= (a << s if s >= 0 else a >> -s) >= b << (p + 1)
        return _nearest(a << s, b) if s >= 0 else None
    a = significand(numbers[0])
    s = 2 * (p + 1) - a.bit_length() - (floor_log2(numbers[0]) % 2 == 0)
    if s < 0:
        return None
    n = int(gmpy2.isqrt(a << s))
    r = (a << s) - n * n
    if r > n:
        n, r = n + 1, r - 2 * n - 1
    return (bool(n & 1), r) if r else None


def _long(scene: Scene, numbers: list[mpq]) -> bool:
    """Whether a product of normalised significands has its full length."""
    return floor_log2(numbers[0] * numbers[1]) > floor_log2(numbers[0]) + floor_log2(numbers[1])


def _nearest(a: int, b: int) -> tuple[bool, int] | None:
    """The parity of the integer nearest to a / b, and the remainder."""
    n, r = divmod(a, b)
    if 2 * r > b:
        n, r = n + 1, r - b
    return (bool(n & 1), r) if r else None


def nearest_results(scene: Scene) -> Model:
    """Products, quotients and roots with the least remainders."""
    name = scene.bound.op.name
    aims = {"multiply": _hard_product, "divide": _hard_quotient, "sqrt": _hard_root}
    limit = ROOTS if name == "sqrt" else NEAREST
    tasks = []
    for odd in (True, False):
        for r in (n for size in range(1, limit + 1) for n in (size, -size)):
            never = _no_root(odd, r, scene) if name == "sqrt" else _no_quotient(odd, r, scene) if name == "divide" else ""
            tasks.append(Task((odd, r), words_of(odd, r), aims[name](scene, odd, r), never))

    def keys(sight: Sight) -> Iterable[Hashable]:
        found = remainder_of(scene, sight)
        return () if found is None else (found,)

    return Model("hard", tuple(tasks), keys)


def _no_root(odd: bool, r: int, scene: Scene) -> str:
    """Why n^2 + R cannot be divisible by the power of two that X 2^s is, or nothing."""
    square, twos = -r, 0
    while square % 4 == 0:
        square, twos = square // 4, twos + 1
    if scene.precision < 2 * twos + 6 or (square % 8 == 1 and odd == (twos == 0)):
        return ""
    return "the square of an odd number leaves 1 modulo 8, of an even one a power of 4 times that"


def _no_quotient(odd: bool, r: int, scene: Scene) -> str:
    """Why X 2^s = n Y + R is impossible with an odd significand Y, or nothing."""
    if odd == bool(r & 1) or scene.precision < 2:
        return ""
    return "X 2^s is even and the significand Y odd, so that R is odd where n is"


def _hard_product(scene: Scene, odd: bool, r: int) -> Aim:
    p, q = (precision(f) for f in scene.formats)

    def aim(draws: Draws) -> Case | None:
        s = p + q - scene.precision - 1 - draws.below(2)
        if s < 1:
            return None
        x = 1 << (p - 1) | draws.getrandbits(p - 1) | 1 if p > 1 else 1
        known = min(s + 1, q)
        wanted = ((1 << s) * odd + r) % (1 << known)
        y = wanted * pow(x, -1, 1 << known) % (1 << known) | draws.getrandbits(q) >> known << known
        return with_exponents(scene, x, y, False, bool(draws.below(2)), draws) if y else None

    return aim


def _hard_quotient(scene: Scene, odd: bool, r: int) -> Aim:
    p, q = scene.precision, precision(scene.formats[1])

    def aim(draws: Draws) -> Case | None:
        y = 1 << (q - 1) | draws.getrandbits(q - 1) | 1 if q > 1 else 1
        if y == 1:
            return None
        x = r * pow(1 << (p + draws.below(2)), -1, y) % y
        return with_exponents(scene, x, y, True, bool(draws.below(2)), draws) if x else None

    return aim


def square_roots(a: int, bits: int) -> list[int]:
    """All square roots of an odd a modulo 2^bits, by Hensel lifting: none unless a leaves 1 modulo 8, then four (bits >= 3)."""
    if bits < 3:
        return [n for n in range(1 << bits) if (n * n - a) % (1 << bits) == 0]
    if a % 8 != 1:
        return []
    root = 1
    for k in range(3, bits):
        if (root * root - a) >> k & 1:
            root += 1 << (k - 1)
    half = 1 << (bits - 1)
    return sorted({n % (1 << bits) for n in (root, -root, root + half, -root + half)})


def _hard_root(scene: Scene, odd: bool, r: int) -> Aim:
    f, p = scene.formats[0], scene.precision
    held = precision(f)

    def roots(s: int) -> list[int]:
        """n of p + 1 bits with n^2 + r a multiple of 2^s."""
        low, high = 1 << p, 2 << p
        twos = 0
        square = -r
        while square % 4 == 0 and square:
            square, twos = square // 4, twos + 1
        if (twos > 0) == odd or not square & 1:
            return []
        step = 1 << max(s - 2 * twos, 0)
        found = []
        for base in square_roots(square % max(step, 8), max(s - 2 * twos, 3)):
            first = -(-(low >> twos) // step) * step + base - step
            found += [n << twos for n in range(first, (high >> twos) + step, step) if low <= n << twos < high and (n & 1)]
        return found

    columns = [(s, n) for s in (2 * p + 2 - held, 2 * p + 1 - held) if s > 0 for n in roots(s) if ((n * n + r) >> s).bit_length() <= held]

    def aim(draws: Draws) -> Case | None:
        if not columns:
            return None
        s, n = draws.choice(columns)
        x = mpq((n * n + r) >> s)
        e = draws.between(max(bottom(f), -200), min(top(f), 200))
        shift = e - floor_log2(x)
        return (near(f, x * power_of_two(shift - (shift + s) % 2)),)

    return aim


def fused(scene: Scene) -> Model:
    """Fused sums that rounding the product first, or rounding twice, gets wrong."""
    tasks = []
    f = scene.to
    product = operation("multiply", scene.formats[0], scene.formats[1], to=f, projection=scene.how)
    total = operation("add", f, scene.formats[2], to=f, projection=scene.how)
    p = scene.precision
    for same in (True, False):
        effective = "addition" if same else "subtraction"
        tasks.append(Task(("unfused", same), f"two roundings differ, effective {effective}", _beside_tie(scene, same, 0)))
        tasks.append(Task(("near", same, 1), f"half way but for less than 2^-{p} ulp, effective {effective}", _beside_tie(scene, same, p)))
        tasks.append(Task(("near", same, 2), f"half way but for less than 2^-{2 * p} ulp, effective {effective}", _beside_tie(scene, same, 2 * p)))
    tasks.append(Task("lost", "the product rounded first cancels to zero", _cancelling(scene)))

    def keys(sight: Sight) -> Iterable[Hashable]:
        x = sight.value
        numbers = [d.value for d in sight.data if isinstance(d, Finite) and d.value and not isinstance(d.value, Real)]
        if x is None or isinstance(x, Real) or len(numbers) < 3:
            return ()
        same = (numbers[0] * numbers[1] < 0) == (numbers[2] < 0)
        first = product(*sight.codes[:2]).code
        found: list[Hashable] = []
        if total(first, sight.codes[2]).code != sight.code:
            found.append(("unfused", same))
            again = f.decode(total(first, sight.codes[2]).code)
            delivered = f.decode(sight.code)
            if isinstance(again, Finite) and not again.value and not (isinstance(delivered, Finite) and not delivered.value):
                found.append("lost")
        place = scene.position(x, 2 * p + 1)
        half = 1 << 2 * p
        if place.kept <= f.greatest(place.negative) and (place.tail, place.exact) != (half, True):
            distance = place.tail - half
            if abs(distance) < 1 << p or distance == -(1 << p):
                found.append(("near", same, 1))
            if place.tail == half or (distance == -1 and not place.exact):
                found.append(("near", same, 2))
        return found

    return Model("hard", tuple(tasks), keys)


def _beside_tie(scene: Scene, same: bool, distance: int) -> Aim:
    """A product half way between two numbers, and an addend that decides."""
    f, g, h = scene.formats
    p = scene.precision

    def aim(draws: Draws) -> Case | None:
        bits = draws.between(1, min(precision(f), p))
        ex, ey = draws.between(max(bottom(f), -30), min(top(f), 30)), draws.between(max(bottom(g), -30), min(top(g), 30))
        x, y = short(f, ex, bits, draws), short(g, ey, min(p + 1 - bits + draws.below(2), precision(g)), draws)
        a, b = value(f, x), value(g, y)
        if not a or not b:
            return None
        e = floor_log2(a * b) - p - 1 - distance - draws.below(3)
        z = near(h, power_of_two(e))
        found = value(h, z)
        if found and ((a * b < 0) != (found < 0)) == same:
            z = near(h, -found)
        return x, y, z

    return aim


def _cancelling(scene: Scene) -> Aim:
    """An addend that is the rounded product with its sign turned."""
    product = operation("multiply", scene.formats[0], scene.formats[1], to=scene.to, projection=scene.how)

    def aim(draws: Draws) -> Case | None:
        found = first_term(scene, draws, bottom(scene.to), top(scene.to), None)
        if found is None:
            return None
        rounded = value(scene.to, product(*found[0]).code)
        return (*found[0], near(scene.formats[2], -rounded)) if rounded else None

    return aim
