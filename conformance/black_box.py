"""A function that rounds, seen from outside: codes in, the values that come out, and the formats whose values those could be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import gcd

import numpy as np
from gmpy2 import mpq
from numpy.typing import NDArray

from conformance.cases.landmarks import landmarks, scattered
from conformance.claims import Codes, Partly
from conformance.compare import differ, is_nan, zeros_apart
from conformance.emulators.held import EXACTLY
from conformance.numbers import brief
from formats.arrays import convert, dtype, has_engine
from formats.catalogue import CATALOGUE
from formats.family import Format
from formats.fixed import Fixed
from formats.float_parameters import Specials
from formats.floats import Float
from formats.notation import parse
from formats.posit import Posit
from formats.takum import Takum
from refmath.datum import Finite
from refmath.errors import RefmathError
from refmath.reals import Real, floor_log2

PROBES = 1 << 15
"""Random operands by which a format is looked for."""
WIDEST, NARROW = 32, 16
"""Formats of more bits are not looked for: of those that the array engine computes, and of others."""
CARRIER = "binary64"
"""The format in which results are held, which must hold every value that comes out."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class BlackBox:
    """A function of codes of ``source`` whose results are codes of ``carrier``."""

    source: Format
    carrier: Format
    call: Callable[[Codes], Codes]
    errors: set[str] = field(default_factory=set, compare=False)
    """What it was seen to raise on some operands, whose results are NaN then."""


def probes(source: Format, seed: int) -> Codes:
    """Operands of every exponent: landmarks and random codes."""
    rng = np.random.Generator(np.random.PCG64([seed, source.width]))
    found: Codes = np.union1d(landmarks(source), scattered(source, PROBES, rng))
    return found


def held_in(carrier: Format, fmt: Format, answer: Codes | Partly) -> Codes:
    """What an emulator answered, as codes of the carrier. ``RefmathError`` where that does not hold it."""
    given, fmt = (answer.held, answer.carrier) if isinstance(answer, Partly) else (answer, fmt)
    codes = given.reshape(-1)
    out = convert(codes, fmt, carrier)[0]
    back = convert(out, carrier, fmt, EXACTLY)[0]
    lost = differ(fmt, back, codes) & ~zeros_apart(fmt, back, codes)
    if lost.any():
        code = int(codes[np.argmax(lost)])
        raise RefmathError(
            f"Its results are no {carrier.name} numbers, such as {brief(fmt, code)}, the code {code:#x} of {fmt.name}; formats are looked for among those that are."
        )
    return out


@dataclass(frozen=True)
class Sample:
    """The distinct finite values that were seen."""

    carrier: Format
    codes: Codes

    @staticmethod
    def of(carrier: Format, raw: Codes) -> "Sample":
        """Of results."""
        distinct = np.unique(raw)
        return Sample(carrier, np.array([code for code in distinct.tolist() if isinstance(carrier.decode(code), Finite)], dtype=distinct.dtype))

    @cached_property
    def values(self) -> list[mpq]:
        """All of them, zero once, ascending."""
        found = {datum.value for code in self.codes.tolist() if isinstance(datum := self.carrier.decode(code), Finite) and not isinstance(datum.value, Real)}
        return sorted(found)

    def aliens(self, fmt: Format) -> int:
        """How many of them are no values of a format."""
        return int(np.count_nonzero(alien(self.carrier, self.codes, fmt)))


def coded(carrier: Format, raw: Codes, fmt: Format) -> Codes:
    """The codes of a format whose values results are; any code where they are none."""
    return convert(raw, carrier, fmt, EXACTLY)[0]


def alien(carrier: Format, raw: Codes, fmt: Format) -> Mask:
    """Which results are no data of a format; a zero of either sign is one of every format that has a zero."""
    back = convert(coded(carrier, raw, fmt), fmt, carrier)[0]
    zeros = np.array([carrier.zero(), carrier.zero(True)], dtype=raw.dtype)
    same = (back == raw) | (is_nan(carrier, back) & is_nan(carrier, raw)) | (np.isin(back, zeros) & np.isin(raw, zeros))
    return np.asarray(~same)


def candidates(sample: Sample, most: int, stated: Sequence[Format] = ()) -> list[Format]:
    """Formats that have every value seen, the one with the fewest codes first: of the catalogue, those that are stated, and floats and fixed point by what was seen."""
    known = [
        *(fmt for fmt in stated if fmt.width <= NARROW),
        *(named.format for named in CATALOGUE if named.format.width <= (WIDEST if has_kernels(named.format) else NARROW)),
    ]
    found: dict[Format, int] = {}
    for fmt in (*known, *_floats(sample), *_fixed(sample)):
        if fmt not in found and sample.aliens(fmt) == 0:
            found[fmt] = len(found)
    names = {named.format for named in CATALOGUE}
    return sorted(found, key=lambda fmt: (span(fmt, sample), fmt not in names, found[fmt]))[:most]


def has_kernels(fmt: Format) -> bool:
    """Whether kernels convert codes of a format."""
    return has_engine(fmt) or (isinstance(fmt, Posit | Takum) and fmt.is_dyadic)


def span(fmt: Format, sample: Sample) -> int:
    """How many values of a format lie between the least and the greatest seen: a format has none to spare where all are reached."""
    negative = bool(sample.values) and sample.values[0] < 0 and fmt.signed
    return fmt.codes if not negative else fmt.greatest() + fmt.greatest(True)


def _floats(sample: Sample) -> Iterator[Format]:
    """Floats with the precision, the least and the greatest value that were seen, under every convention for specials that allows them."""
    magnitudes = [value for value in sample.values if value > 0]
    if len(magnitudes) < 2:
        return
    least, greatest = magnitudes[0], magnitudes[-1]
    p = max(_significant(value) for value in magnitudes)
    low, high = floor_log2(least), floor_log2(greatest)
    signed = sample.values[0] < 0
    lowest = max(_significant(value) for value in magnitudes if floor_log2(value) == low)
    emin = low + p - 1 if lowest == 1 else low  # a least value of many significant bits: what lies below it is flushed
    for w in range(1, 12):
        for specials in Specials:
            f = _float(w, p, 1 - emin, specials, signed)
            if f is not None and f.exact(f.limit()) == greatest and high >= emin:
                yield f


def _float(w: int, p: int, bias: int, specials: Specials, signed: bool) -> Float | None:
    """A float by its fields; None where those do not go together."""
    try:
        f = parse(f"{'' if signed else 'u'}e{w}m{p - 1}(bias={bias}, specials={specials.value})")
    except RefmathError:
        return None
    return f if isinstance(f, Float) else None


def _fixed(sample: Sample) -> Iterator[Format]:
    """The grid of all values seen, with the range that was seen."""
    if len(sample.values) < 3:
        return
    denominator = max(value.denominator for value in sample.values)
    numerators = [int(value * denominator) for value in sample.values]
    step = gcd(*numerators)
    if step & (step - 1) or denominator & (denominator - 1):
        return
    fraction_bits = denominator.bit_length() - step.bit_length()
    low, high = numerators[0] // step, numerators[-1] // step
    width = int(high).bit_length() + (low < 0)
    for symmetric in (False, True) if low < 0 and width > 1 else (False,):
        try:
            yield Fixed(f"fixed of {width} bits", width, fraction_bits, low < 0, symmetric)
        except RefmathError:
            return


def _significant(value: mpq) -> int:
    """Significant bits of a dyadic rational."""
    numerator = int(value.numerator)
    return (numerator // (numerator & -numerator)).bit_length()


def fixed_points(fmt: Format, source: Format) -> Codes:
    """The values of a format as codes of the source, all of a narrow format, those that the source has."""
    own = np.arange(fmt.codes, dtype=np.uint64).astype(dtype(fmt)) if fmt.width <= 16 else landmarks(fmt)
    own = np.array([code for code in own.tolist() if isinstance(fmt.decode(code), Finite)], dtype=dtype(fmt))
    out = convert(own, fmt, source, EXACTLY)[0]
    back = convert(out, source, fmt, EXACTLY)[0]
    return np.unique(out[back == own])
