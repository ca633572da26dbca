"""The ways in which implementations are known to get conversions wrong."""

from conformance import posit_integers
from conformance.chopping import WORDS, chops, unlimited
from conformance.diagnose import Option
from conformance.policies import Set
from conformance.quirks import cuts_bits
from conformance.tapered import DEFECTS
from conformance.walks import ExactToo, Model, Quirk, Through, Via, conversion_projection
from formats.codebook import Codebook
from formats.family import Format
from formats.fixed import Fixed
from formats.floats import Float, Specials
from formats.notation import parse, text
from formats.posit import Posit
from formats.projection import DEFAULT, NaNs, Projection
from formats.tapered import Tapered
from refmath.rounding import DETERMINISTIC, Rounding

BINARY32 = Float("binary32", 8, 24, 127, Specials.IEEE)


def deviations(source: Format, target: Format) -> list[Option[Model]]:
    """Known ways of getting a conversion wrong that could show on these formats, simplest first."""
    found = [Option(f"rounds twice, first to {text(via)}", Via(((via, how),))) for via, how in _intermediates(source, target)]
    usual = conversion_projection(source, target).rounding
    words = {Rounding.TOWARD_ZERO: "truncates", Rounding.NEAREST_AWAY: "ties go away from zero", Rounding.NEAREST_ZERO: "ties go toward zero"}
    found += [Option(words.get(mode, f"rounds {mode.value}"), Set((("rounding", mode),))) for mode in DETERMINISTIC if mode is not usual]
    if isinstance(target, Float):
        found.append(Option("overflow gives infinity or NaN whatever the mode", Quirk("infinite_in_every_mode")))
    if source.signed and isinstance(target, Fixed | Float):
        found.append(Option("the bits cut off give way to the sign bit: every negative result goes up by a code, exact ones too", Quirk("sign_added")))
    if isinstance(target, Tapered):
        found += [Option(name, Quirk(defect)) for defect, name in DEFECTS.items()]
    if isinstance(target, Float):
        found += _into_floats(source, target)
    if target.has_negative_zero and source.has_negative_zero:
        found.append(Option("the sign of zero is lost", Quirk("negative_zero_lost")))
    found.append(Option("the tie between zero and the least value goes to the least", Quirk("tie_up_to_least")))
    found.append(Option("the tie between the least value and the next goes to the least", Quirk("tie_down_to_least")))
    if isinstance(target, Codebook):
        found.append(Option("what is farther than 10^5 from every value becomes 0", Quirk("far_becomes_zero")))
    if chops(source, target):
        found += [Option(label, Quirk(quirk)) for quirk, label in WORDS.items()]
    elif source == target == BINARY32:
        found.append(Option(WORDS["no_logarithm"], Quirk("no_logarithm")))
    if isinstance(source, Float):
        found += _of_floats(source, target)
    return found + _posit_integers(source, target)


def _posit_integers(source: Format, target: Format) -> list[Option[Model]]:
    """Ways of getting integers of posits wrong."""
    if not isinstance(source, Posit) or not isinstance(target, Fixed) or not posit_integers.applies(source, target):
        return []
    return [Option(label, Quirk(quirk)) for quirk, label in posit_integers.options(source, target).items()]


def _into_floats(source: Format, target: Float) -> list[Option[Model]]:
    """Ways of losing what a float needs: its carry, its overflow, its subnormal numbers, its sticky bit."""
    found: list[Option[Model]] = []
    found.append(Option("the carry out of the significand is lost", Quirk("no_carry")))
    found.append(Option("overflows early: anything above the greatest value", Quirk("early_overflow")))
    found.append(Option("what overflows in rounding to nearest gives infinity or NaN whatever the mode", Quirk("overflow_of_nearest")))
    if target.specials is Specials.IEEE and target.width <= 62:
        found.append(Option("operands in the binade above the greatest value become zero", Quirk("binade_beyond_vanishes")))
    if target.subnormals and target.trailing:
        below = "below the least normal value results are rounded twice, at last to it or to zero"
        found += [Option(f"{below}, ties {tie}", Quirk(quirk)) for tie, quirk in (("to it", "least_normal_or_zero"), ("to zero", "zero_or_least_normal"))]
        found.append(Option("results are rounded to subnormal numbers, then to the least normal one or to zero, ties to it", Quirk("subnormal_then_least")))
    if target.precision == 1:
        found.append(Option("everything between the least value and the next goes up", Quirk("least_gap_up")))
    wide = one_more_bit(target)
    if wide is not None:
        found.append(Option("the sticky bit is lost", Via(((wide, Projection(rounding=Rounding.TOWARD_ZERO)),))))
        if isinstance(source, Float) and (shifted := _shifted(source, target)) is not None:
            cut, kept = Projection(rounding=Rounding.TOWARD_ZERO, nans=NaNs.PROPAGATE), Projection(nans=NaNs.PROPAGATE)
            found.append(Option("subnormal results are shifted in the operand's precision, and what is shifted out is lost", Via(((shifted, cut),))))
            found.append(Option("subnormal results are rounded twice, first to the operand's precision at the least normal value", Via(((shifted, kept),))))
        found.append(Option("rounds twice, first to full precision below the least normal value", Via(((unlimited(target), DEFAULT),))))
    return found


def _of_floats(source: Float, target: Format) -> list[Option[Model]]:
    """Ways of taking a float amiss: by arithmetic in its own type, as bits where it is a NaN, as normal where it is subnormal."""
    found: list[Option[Model]] = []
    found.append(Option("just below half the least value counts as the tie: half a step is added in the operand's precision", Quirk("half_goes_up")))
    found.append(Option("just above half the least value goes to zero: half a step is added in the operand's precision", Quirk("half_goes_down")))
    if cuts_bits(source, target):
        found.append(Option("NaNs are cut or rounded as if they were numbers", Quirk("nan_bits")))
    if isinstance(target, Float) and target.trailing and source.name in ("binary32", "binary64"):
        found.append(Option("just below a power of two operands are rounded by the steps above it: log2 is rounded", Quirk("rounded_log2")))
        if source.name == "binary32":
            quotient = "just below a power of two operands are rounded by the steps above it: log x / log 2 is rounded"
            found.append(Option(quotient, Quirk("rounded_quotient")))
            polynomial = "just below a power of two operands are rounded by the steps above it: log2 is a polynomial in binary32, times 1 / log 2"
            found.append(Option(polynomial, Quirk("rounded_polynomial")))
            found.append(
                Option("tiny operands give 0 or NaN: the inverse of their scale is subnormal and counts as 0, or their scale overflows", Quirk("scale_lost"))
            )
            cut = "what is a NaN when it is cut becomes 0: NaNs, and zeros and subnormal numbers times an infinite scale"
            found.append(Option(cut, Quirk("nan_rounds_to_zero")))
        found.append(Option("rounds to_odd, and exact values of even codes to the next one", ExactToo()))
    found.append(Option("the greatest finite operand is taken for infinity", Quirk("greatest_is_infinite")))
    if source.has_nan and (not target.has_nan or (isinstance(target, Float) and target.specials is Specials.RESERVED)):
        found.append(Option("NaNs are taken for numbers", Quirk("nan_as_number")))
        if target.has_zero:
            found.append(Option("NaNs are taken for numbers, and those that round up beyond their codes become +0", Quirk("nan_as_number_or_zero")))
    met = [fmt for fmt in (source, *(via for via, _ in _intermediates(source, target))) if isinstance(fmt, Float) and fmt.subnormals and fmt.trailing]
    if isinstance(target, Float) and any(target.emin - target.precision <= fmt.emin for fmt in met):
        found.append(Option("subnormal operands are read as if their leading bit were 1", Quirk("subnormals_as_normal")))
    if isinstance(target, Float) and source.width < BINARY32.width and not source.trailing and max(source.emin, target.emin) < BINARY32.emin:
        found.append(
            Option("goes through binary32, where subnormal numbers are read as if their leading bit were 1", Through(BINARY32, "subnormals_as_normal"))
        )
    return found


def suites(source: Format, target: Format) -> list[tuple[Option[Model], ...]]:
    """Deviations that go together in libraries that are known, in the order in which they act; of each set those that show are told."""
    if isinstance(source, Posit) and isinstance(target, Fixed) and posit_integers.applies(source, target):
        words = posit_integers.options(source, target)
        return [tuple(Option(words[name], Quirk(name)) for name in names) for names in posit_integers.suites(source, target)]
    options = deviations(source, target)
    known = {option.apply.quirk: option for option in options if isinstance(option.apply, Quirk)}

    def named(*quirks: str) -> tuple[Option[Model], ...]:
        return tuple(known[quirk] for quirk in quirks if quirk in known)

    scales = [("no_logarithm", "scale_lost", *more) for more in ((), ("nan_rounds_to_zero",))]
    if not chops(source, target):
        return [named("rounded_polynomial", *scale) for scale in scales] if source == target == BINARY32 else []
    modes = {option.apply.fields[0][1]: option for option in options if isinstance(option.apply, Set)}
    odd = next(option for option in options if isinstance(option.apply, ExactToo))
    ways = [(), (odd, *named("flushed_made_odd")), *((modes[mode], *named("near_tie")) for mode in (Rounding.NEAREST_NEGATIVE, Rounding.NEAREST_POSITIVE))]
    logarithms = [name for name in ("rounded_log2", "rounded_quotient", "rounded_polynomial") if name in known]
    found = [(*way, *named("less_one", "binade_beyond_vanishes", log)) for way in ways for log in logarithms]
    for inner in ("below_least", "zero_or_least_normal", "least_normal_or_zero", "subnormal_then_least"):
        found += [named(inner, "scale_overflows"), *(named(inner, log, "no_logarithm", "scale_overflows") for log in logarithms)]
        found += [named(inner, "rounded_polynomial", *scale) for scale in scales]
    return [(*suite, *named(zero)) for zero in ("minus_zero", "negative_zero_lost") for suite in found]


def _intermediates(source: Format, target: Format) -> list[tuple[Format, Projection]]:
    """Formats through which a conversion may go on its way, when that could change a result."""
    ways = []
    for name in ("binary32", "binary16", "bfloat16", "binary64"):
        via = parse(name)
        same = isinstance(source, Fixed) or (isinstance(source, Float) and isinstance(via, Float) and source.trailing == via.trailing and source != via)
        narrower = via.width < source.width or (same and via.width == source.width)
        if via == target or not narrower:
            continue
        ways.append((via, Projection(nans=NaNs.PROPAGATE)))
    return ways


def _shifted(source: Float, target: Float) -> Float | None:
    """The precision of ``source`` on the grid below the least normal value of ``target``; None where a code would not fit the carrier."""
    w = 63 - source.trailing
    if source.trailing <= target.trailing or w < max(source.exponent_bits, target.exponent_bits) or source.emin > target.emin:
        return None
    return Float(f"{source.name} at the exponents of {target.name}", min(w, source.exponent_bits + 1), source.precision, target.bias, Specials.IEEE)


def one_more_bit(target: Float) -> Float | None:
    """``target`` with its guard bit kept, the range not narrower; None where a code would not fit the carrier."""
    if target.precision + 18 > 64 or not target.subnormals or target.trailing == 0 or not target.signed:
        return None
    w = max(target.exponent_bits + 1, 2)
    return Float(f"{target.name} with a guard bit", w, target.precision + 1, target.bias, Specials.IEEE, True)
