"""The special case of an operation that its operands are, named, with its clause: a NaN, an infinity, a pole, a zero, a rational result among irrational ones.

Nothing is decided here: operands, exact result and flags are those of ``refmath.operations``; here they are put into words.
"""

from formats.operations import AnyOperation
from formats.rules import Step
from refmath.datum import Datum, Finite, Infinity, NaN, NotAReal
from refmath.flags import DIVIDE_BY_ZERO, INVALID
from refmath.operations import Dialect, NaNRule, Operation
from refmath.operations.arithmetic import is_negative, is_zero
from refmath.operations.comparison import UNORDERED, relation
from refmath.reals import Real
from refmath.wording import decimal_text, special_text

SUMS = ("add", "subtract", "faa", "fma")
PRODUCTS = ("multiply", "divide", "remainder", "fmod", "sqrt", "cbrt")
"""The operations whose zeros have the sign of an operand, or of two."""
MINIMA = ("9.6", "5.3.1", "4.10")
"""The clauses of minimum and maximum."""
POSIT = "Posit Standard (2022) section 5"
P3109 = "P3109 4.0 section 4.9 and following"
OUTSIDE = {
    "multiply": "zero times infinity has no value",
    "sqrt": "a negative number has no real square root",
    "remainder": "x is infinite, or y is zero",
    "fmod": "x is infinite, or y is zero",
    "clamp": "the lower bound lies above the upper one",
    "log": "a negative number has no real logarithm",
    "log2": "a negative number has no real logarithm",
    "log10": "a negative number has no real logarithm",
    "log1p": "1 + x is negative and has no real logarithm",
    "log2p1": "1 + x is negative and has no real logarithm",
    "log10p1": "1 + x is negative and has no real logarithm",
    "sin": "at infinity it has no limit",
    "cos": "at infinity it has no limit",
    "tan": "at infinity it has no limit",
    "sinpi": "at infinity it has no limit",
    "cospi": "at infinity it has no limit",
    "tanpi": "at infinity, and in P3109 at a pole, it has no value",
    "asin": "x lies beyond -1 and 1",
    "acos": "x lies beyond -1 and 1",
    "asinpi": "x lies beyond -1 and 1",
    "acospi": "x lies beyond -1 and 1",
    "atanh": "x lies beyond -1 and 1",
    "acosh": "x is less than 1",
    "atan2": "the point has no angle",
    "atan2pi": "the point has no angle",
    "pow": "a negative number has no real power that is not integral",
    "powr": "y ln x has no value",
    "compound": "1 + x is negative",
    "ilogb": "a zero and an infinity have no exponent",
}
"""Why an operation has no result."""


def special_case(op: Operation, dialect: Dialect, operands: tuple[Datum, ...], exact: Datum | bool | str, flags: int) -> Step | None:
    """The special case; None where operands and result are ordinary. ``exact``, ``flags``: what ``refmath.operations.apply`` gives."""
    if any(isinstance(x, NaN | NotAReal) for x in operands):
        return _not_numbers(op, operands, exact, flags)
    if isinstance(exact, bool | str):
        return None
    if isinstance(exact, NaN | NotAReal):
        return Step(
            "special", f"{call_text(op, operands)} is {'invalid' if flags else special_text(exact)}: {_cause(op, dialect, operands)}", _invalid_clause(dialect)
        )
    if flags & DIVIDE_BY_ZERO or (isinstance(exact, Infinity) and all(isinstance(x, Finite) for x in operands)):
        return Step("special", f"{call_text(op, operands)} is a pole: an exact infinity of finite operands", "IEEE 754-2019 7.3" if flags else P3109)
    if any(isinstance(x, Infinity) for x in operands):
        return Step("special", f"{call_text(op, operands)}: an operand is infinite, and the result is stated, not computed", _table(op, "IEEE 754-2019 6.1"))
    return _of_zeros(op, dialect, operands, exact) or _rational(op, operands, exact)


def _not_numbers(op: Operation, operands: tuple[Datum, ...], exact: Datum | bool | str, flags: int) -> Step:
    """A NaN or a NaR among the operands."""
    names = operand_names(op)
    where, found = next((name, x) for name, x in zip(names, operands, strict=True) if isinstance(x, NaN | NotAReal))
    signalling = next((name for name, x in zip(names, operands, strict=True) if isinstance(x, NaN) and x.signalling), None)
    if isinstance(exact, bool | str):
        return _told_apart(op, operands, flags, where, found)
    if isinstance(found, NotAReal):
        return Step("special", f"{where} is NaR, and so is the result", POSIT)
    if op.nans is NaNRule.SIGN:
        return Step("special", f"{where} is a NaN; {op.name} acts on the sign alone, keeps all else, and raises nothing", op.clause)
    if not isinstance(exact, NaN):
        why = "a number wins over a NaN" if op.clause.endswith(MINIMA) else "the result is the same for every number in its place"
        raised = "; it signals, and invalid is raised all the same" if flags & INVALID else ""
        return Step("special", f"{where} is a NaN, but the result is none: {why}{raised}", _table(op, op.clause))
    if signalling is not None:
        return Step("special", f"{signalling} is a signalling NaN: invalid is raised, and the result is a quiet NaN", "IEEE 754-2019 6.2, 7.2")
    if flags & INVALID:
        return Step("special", f"zero times infinity is invalid, even though {where} is a NaN", "IEEE 754-2019 7.2")
    return Step("special", f"{where} is a NaN, and so is the result", "IEEE 754-2019 6.2.3")


def _told_apart(op: Operation, operands: tuple[Datum, ...], flags: int, where: str, found: Datum) -> Step:
    """A predicate or a relation of operands among which is a NaN or a NaR."""
    if len(operands) == 2 and op.name.startswith("compare"):
        if relation(*operands) == UNORDERED:
            raised = "; that raises invalid" if flags & INVALID else ", which is quiet here"
            return Step("special", f"{where} is a NaN, so the operands are unordered{raised}", "IEEE 754-2019 5.11")
        return Step("special", "NaR equals itself and is less than every number", POSIT)
    what = "NaR" if isinstance(found, NotAReal) else "a NaN"
    return Step("special", f"{where} is {what}; {op.name} looks at the datum and raises nothing", op.clause)


def _of_zeros(op: Operation, dialect: Dialect, operands: tuple[Datum, ...], exact: Datum) -> Step | None:
    """Zeros, as operands of functions and as results whose sign is a rule."""
    if is_zero(exact) and dialect is Dialect.IEEE754:
        if op.name in SUMS:
            return Step(
                "special", "the exact sum is zero: of terms of one sign it has that sign; of unlike signs it is +0, in toward_negative -0", "IEEE 754-2019 6.3"
            )
        if op.name in PRODUCTS:
            return Step("special", "the result is a zero, whose sign is a rule of its own", "IEEE 754-2019 6.3")
    if any(is_zero(x) for x in operands) and op.clause.startswith(("IEEE 754-2019 9.2", "C23", "P3109")):
        return Step("special", f"{call_text(op, operands)}: an operand is zero, and the result is stated, not computed", _table(op, op.clause))
    zeros = [x for x in operands if is_zero(x)]
    if len(zeros) > 1 and op.clause.endswith("9.6") and len({is_negative(x) for x in zeros}) > 1:
        return Step("special", "-0 counts as less than +0 here", op.clause)
    return None


def _rational(op: Operation, operands: tuple[Datum, ...], exact: Datum) -> Step | None:
    """A rational result of a function whose results are irrational as a rule."""
    usually_irrational = op.clause.startswith(("IEEE 754-2019 9.2", "C23 7.12.7", "C23 7.12.8")) or op.name in ("sqrt", "softplus")
    if not usually_irrational or op.name in ("pown", "compound") or not isinstance(exact, Finite) or isinstance(exact.value, Real):
        return None
    return Step("special", f"{call_text(op, operands)} is rational: an exact case, known by theorem")


def _cause(op: Operation, dialect: Dialect, operands: tuple[Datum, ...]) -> str:
    """Why there is no result."""
    infinite = [x for x in operands if isinstance(x, Infinity)]
    match op.name:
        case "add" | "subtract" | "faa":
            return "the infinite terms have unlike signs, and cancel to nothing"
        case "fma" if any(is_zero(x) for x in operands[:2]) and any(isinstance(x, Infinity) for x in operands[:2]):
            return "zero times infinity has no value"
        case "fma":
            return "the infinite terms have unlike signs, and cancel to nothing"
        case "divide" if len(infinite) == 2:
            return "infinity / infinity has no value"
        case "divide" if is_zero(operands[0]) and is_zero(operands[1]):
            return "0 / 0 has no value"
        case "divide" | "reciprocal" | "rsqrt" | "pown" | "tgamma" | "lgamma" if any(is_zero(x) for x in operands) and dialect is not Dialect.IEEE754:
            return "a pole has no value in this standard"
        case "rsqrt":
            return OUTSIDE["sqrt"]
        case name:
            return OUTSIDE.get(name, f"it lies outside the domain of {name}")


def _invalid_clause(dialect: Dialect) -> str:
    match dialect:
        case Dialect.IEEE754:
            return "IEEE 754-2019 7.2"
        case Dialect.P3109:
            return P3109
        case Dialect.POSIT:
            return POSIT


def _table(op: Operation, otherwise: str) -> str:
    """The clause of the special cases of a function; ``otherwise`` for other operations."""
    return "IEEE 754-2019 9.2.1" if op.clause == "IEEE 754-2019 9.2" else otherwise


def operand_names(op: AnyOperation) -> str:
    """What the operands are called, a letter each."""
    if op.name.startswith("atan2"):
        return "yx"
    integers = op.integers if isinstance(op, Operation) else ()
    return "".join("n" if at in integers else "xyz"[at] for at in range(op.arity))


def call_text(op: Operation, operands: tuple[Datum, ...]) -> str:
    """The call of an operation with its operands, in short."""
    return f"{op.name}({', '.join(map(short_datum, operands))})"


def short_datum(x: Datum) -> str:
    """A datum in a few characters."""
    if not isinstance(x, Finite):
        return special_text(x)
    if not x.value:
        return "-0" if x.negative else "0"
    return decimal_text(x.value)[0]
