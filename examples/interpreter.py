"""Numbers that calculate: one exact operation, one rounding, into any format, in any mode, with its flags.

Run it: python examples/interpreter.py
"""

from fractions import Fraction

from formats import Context, operation, parse
from formats.functions import exp, fma

bf16, e4m3, binary32 = parse("bf16"), parse("e4m3fn"), parse("binary32")


def numbers() -> None:
    """A format makes numbers; operators round once each; comparison is exact, across formats and with Python's numbers."""
    x, y = bf16(1.0078125), bf16(0.1)
    print("x * x - 1.015625     ", x * x - 1.015625, "   fused:", fma(x, x, -bf16(1.015625)))
    print("y                    ", repr(y), hex(y.code), "exactly", y.exact, "  equals 1/10:", y == Fraction(1, 10))
    print("1.5 of two formats   ", bf16(1.5) == binary32(1.5) == 1.5)


def contexts() -> None:
    """A context states the format of results, the mode, the policies; it collects flags, and the steps on request."""
    x, y = e4m3(1.125), e4m3(3)
    with Context("binary32", rounding="toward_positive", trace=True) as ctx:
        z = exp(x) / y
    print("exp(x) / y, upwards  ", repr(z), "  flags:", ctx.flags)
    for step in ctx.steps:
        print("                     ", step.op.name if step.op else "literal", *step.operands, "->", step.result, f"({step.flags})")
    print("240 * 2 of e4m3fn    ", e4m3(240) * 2, "  saturating:", Context(overflow="saturate_finite").multiply(e4m3(240), 2).exact)


def codes() -> None:
    """The same on codes, with every format spelled out: fma<e4m3, e4m3, binary32 -> binary32> is one operation with one rounding."""
    multiply_add = operation("fma", e4m3, e4m3, binary32, to=binary32)
    code, flags, _ = multiply_add(0x39, 0x44, 0x33800001)
    print("fma on codes         ", hex(code), binary32.from_code(code), "  flags:", flags)


def main() -> None:
    """Everything in order."""
    numbers()
    contexts()
    codes()


if __name__ == "__main__":
    main()
