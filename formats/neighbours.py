"""The neighbours of a real in a format, for rounding methods that choose between the two by a rule of their own."""

from formats.family import Format
from refmath.reals import Exact, is_negative


def neighbours(fmt: Format, x: Exact) -> tuple[int | None, int | None]:
    """The codes of the greatest value that is not above x and of the least that is not below it; None where there is none.

    Both are the same where x is a value of the format. Infinities are no values here.
    """
    if not x and fmt.has_zero:
        return fmt.zero(), fmt.zero()
    negative = is_negative(x)
    code, exact = fmt.code_below(x, 0, negative)
    found = min(max(code, fmt.least - 1), max(fmt.greatest(negative), fmt.least - 1))
    near = _code(fmt, found, negative)
    far = near if exact and found == code >= fmt.least else _code(fmt, found + 1, negative)
    return (far, near) if negative else (near, far)


def _code(fmt: Format, code: int, negative: bool) -> int | None:
    """The code at a place on one side; across zero where the place is below the least value there and no zero lies between."""
    if fmt.least <= code <= fmt.greatest(negative):
        return fmt.join(negative, code)
    if code >= fmt.least:
        return None
    if fmt.has_zero:
        return fmt.zero()
    return fmt.join(not negative, fmt.least) if fmt.greatest(not negative) >= fmt.least else None
