"""What standards leave open on a conversion: the axes along which implementations may differ and still be right."""

from conformance.diagnose import Axis, Option
from conformance.policies import Set, absent_data, axis, flushing, overflow
from conformance.walks import LEAST, Apart, Infinities, Model, Via
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float
from formats.notation import parse_float
from formats.posit import Posit
from formats.projection import DEFAULT, AbsentNaN, Negatives, Projection
from refmath.overflow import Overflow
from refmath.rounding import Rounding


def policies(source: Format, target: Format) -> list[Axis[Model]]:
    """What standards leave open on a conversion, as far as the two formats meet the question."""
    found: list[Axis[Model]] = []
    if source.signed and not target.signed:
        found.append(negatives(source, target))
    found.append(_out_of_range(source, target) if isinstance(target, Fixed) else overflow(target))
    if isinstance(target, Fixed):
        kinds = (("infinity", source.has_infinity), ("-infinity", source.has_infinity and source.signed), ("nan", source.has_nan))
        found += [_undefined(kind, target) for kind, present in kinds if present]
    elif isinstance(target, Float) and source.has_infinity and target.has_nan and not target.has_infinity:
        walk = Model(Projection(overflow=Overflow.IEEE))
        found.append(Axis("infinity", (Option("infinity gives NaN", Infinities(walk) if source.signed else Apart("infinity", walk)),)))
    if isinstance(source, Fixed) and source.signed and not source.fraction_bits and source.width >= BEYOND_FROM and isinstance(target, Posit):
        found.append(_least_integer(target))
    return [*found, *absent_data(target), *flushing((source,), target)]


BEYOND, BEYOND_FROM = parse_float("ieee_e3m4"), 6
"""A format with infinities whose greatest value, 15.5, is below the magnitude of the least integer of so many bits: through it that is infinite, which is NaR of posits."""


def _least_integer(target: Posit) -> Axis[Model]:
    """The integer that NaR becomes, on its way back."""
    return Axis(
        "least integer", (Option("the least integer becomes NaR, as in the posit standard, 6.4", Apart(LEAST, Model(target.default, ((BEYOND, DEFAULT),)))),)
    )


def _out_of_range(source: Format, target: Fixed) -> Axis[Model]:
    """Out of the range of an integer, where C and the array libraries define nothing for operands that are floats."""
    options = [
        Option("out of range saturates, NaN becomes 0", Set((("overflow", Overflow.SATURATE_FINITE), ("absent_nan", AbsentNaN.ZERO)))),
        Option("out of range saturates, NaN gives the lowest code", Set((("overflow", Overflow.SATURATE_FINITE), ("absent_nan", AbsentNaN.LOWEST)))),
        Option("out of range keeps the low bits", Set((("overflow", Overflow.WRAP), ("absent_nan", AbsentNaN.ZERO)))),
    ]
    for code, absent in (("the lowest code", AbsentNaN.LOWEST), ("the greatest code", AbsentNaN.GREATEST), ("zero", AbsentNaN.ZERO)):
        options.append(Option(f"out of range and NaN give {code}", Set((("overflow", Overflow.TO_NAN), ("absent_nan", absent)))))
    routes = _through_integers(source, target)
    return Axis("overflow", (*options, *(Option(f"out of range gives {label}", Via(via, last)) for label, via, last in routes)))


def _undefined(kind: str, target: Fixed) -> Axis[Model]:
    """Operands for which an integer has no value at all."""
    words = kind.replace("nan", "NaN")
    codes = ((AbsentNaN.ZERO, "0"), (AbsentNaN.LOWEST, "the lowest code"), (AbsentNaN.GREATEST, "the greatest code"))
    to_nan = [Projection(overflow=Overflow.TO_NAN, absent_nan=absent) for absent, _ in codes]
    options = [Option(f"{words} becomes {code}", Apart(kind, Model(how))) for how, (_, code) in zip(to_nan, codes, strict=True)]
    if not target.signed:
        signed = Fixed(f"int{target.width}", target.width)
        walk = Model(Projection(overflow=Overflow.WRAP), ((signed, to_nan[1]),))
        options.append(Option(f"{words} becomes 0x{1 << (target.width - 1):x}", Apart(kind, walk)))
    return Axis(kind, tuple(options))


def negatives(source: Format, target: Format) -> Axis[Model]:
    """Negative values for a format that has none."""
    words: dict[object, str] = {
        Negatives.OVERFLOW: "negative values are out of range",
        Negatives.LIMIT: "negative values become the least value",
        Negatives.NAN: "negative values give NaN",
        Negatives.MAGNITUDE: "negative values lose their sign",
    }
    if not target.has_nan:
        del words[Negatives.NAN]
    usual = axis("negatives", words)
    if not isinstance(target, Fixed):
        return usual
    routes = tuple(Option(f"negative values give {label}", Apart("negative", Model(last, via))) for label, via, last in _through_integers(source, target))
    return Axis("negatives", usual.options + routes)


Route = tuple[str, tuple[tuple[Format, Projection], ...], Projection]


def _through_integers(source: Format, target: Fixed) -> list[Route]:
    """A float becomes a wide integer first, whose low bits are kept: what processors without narrow conversions do.

    Results differ only out of range, where nothing is defined; so this is a policy, not a defect.
    """
    if isinstance(source, Fixed):
        return []
    found: list[Route] = []
    for bits in (32, 64):
        for signed in (True, False):
            via = Fixed(f"{'int' if signed else 'uint'}{bits}", bits, 0, signed)
            if via == target or bits < target.width:
                continue
            for rule, beyond, absent in (
                ("lowest code beyond it", Overflow.TO_NAN, AbsentNaN.LOWEST),
                ("greatest code beyond it", Overflow.TO_NAN, AbsentNaN.GREATEST),
                ("saturated", Overflow.SATURATE_FINITE, AbsentNaN.ZERO),
                ("itself wrapped", Overflow.WRAP, AbsentNaN.ZERO),
                ("itself wrapped, NaN lowest", Overflow.WRAP, AbsentNaN.LOWEST),
            ):
                how = Projection(rounding=Rounding.TOWARD_ZERO, overflow=beyond, absent_nan=absent)
                found.append((f"the low bits of {via.name} ({rule})", ((via, how),), Projection(overflow=Overflow.WRAP, absent_nan=AbsentNaN.ZERO)))
    return found
