"""GitHub-flavoured Markdown: tables, formulas, and numbers that read well in both."""

from collections.abc import Iterable, Sequence

from gmpy2 import mpq

from refmath.reals import power_of_two

MINUS = "\N{MINUS SIGN}"
INFINITY = "\N{INFINITY}"
TIMES = "\N{MULTIPLICATION SIGN}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells; a bar inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def math(latex: str) -> str:
    """A displayed formula."""
    return f"```math\n{latex}\n```"


def inline(latex: str) -> str:
    """A formula in a line of text."""
    return f"${latex}$"


def power(exponent: int) -> str:
    """2^exponent."""
    return f"2<sup>{str(exponent).replace('-', MINUS)}</sup>"


def number(x: mpq) -> str:
    """A dyadic rational, exactly and as short as it can be said: 448, 7.5, 2^-14, 7 x 2^13, (2^24 - 1) x 2^104."""
    sign, n, d = (MINUS if x < 0 else ""), abs(int(x.numerator)), int(x.denominator)
    if n == 0 or (d == 1 and n < 10**6):
        return f"{sign}{n}"
    if d <= 16 and n < 10**4:
        return f"{sign}{_decimal(n, d)}"
    shift = (n & -n).bit_length() - 1
    odd, exponent = n >> shift, shift - (d.bit_length() - 1)
    assert abs(x) == odd * power_of_two(exponent), "the tables have dyadic rationals only"
    if odd == 1:
        return f"{sign}{power(exponent)}"
    factor = str(odd) if odd < 10**4 else f"({power(odd.bit_length())} {MINUS} {(1 << odd.bit_length()) - odd})"
    if exponent:
        return f"{sign}{factor} {TIMES} {power(exponent)}"
    return f"{sign}{factor}" if sign else factor.strip("()")


def _decimal(n: int, d: int) -> str:
    places = d.bit_length() - 1
    digits = str(n * 5**places).zfill(places + 1)
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
