"""Narrowing in two steps, 8 bits and then 4, against narrowing at once.

A 4-bit integer nested in an 8-bit one is W_4 = clamp(round(W_8 / 16)). Where the first rounding lands on the middle between two 4-bit
values, the second cannot know from which side the number came: one half step of the 8-bit integers goes the wrong way at every middle.
So the share of numbers that are changed follows from their range; what the tie rule is does not matter, only that there is one.

Run it: python examples/nested_integers.py
"""

from gmpy2 import mpq

from formats.fixed import Fixed, integer
from formats.nested import direct, share_that_differs, two_step
from refmath.rounding import Rounding

RANGES: tuple[tuple[str, Fixed, mpq, mpq], ...] = (
    ("uniform on [-140, 140], a little beyond int8", integer(8), mpq(-140), mpq(140)),
    ("uniform on the range of int8, [-128, 128]", integer(8), mpq(-128), mpq(128)),
    ("uniform on [-127, 127], symmetric codes", integer(8, symmetric=True), mpq(-127), mpq(127)),
    ("uniform on the range of uint8, [0, 256]", integer(8, signed=False), mpq(0), mpq(256)),
)


def main() -> None:
    """Print one number that differs, then the shares."""
    x = mpq(237, 10)
    two, one = (fmt_code - 16 if fmt_code > 7 else fmt_code for fmt_code in (two_step(x, integer(8), 4), direct(x, integer(8), 4)))
    print(f"{float(x)} becomes 24 = 1.5 x 16 in 8 bits, and then {two}; in 4 bits at once it becomes {one} (in steps of 16).\n")
    print("numbers for which 8 bits and then 4 differ from 4 at once, ties to even:")
    for name, high, low, end in RANGES:
        share = share_that_differs(low, end, high, 4)
        print(f"  {name:46} {float(100 * share):.2f} %   = {share}")
    floor = share_that_differs(mpq(-140), mpq(140), integer(8), 4, Rounding.TOWARD_NEGATIVE)
    print(f"  {'the first, with floor instead of rounding':46} {float(100 * floor):.2f} %")


if __name__ == "__main__":
    main()
