"""The float family: sign, exponent, significand, in every width and encoding.

A nonnegative magnitude code reads, most significant first, exponent field E and trailing significand T of M = p - 1 bits:

    E = 0, with subnormals:   T 2^(1 - p) 2^(1 - bias)
    otherwise:                (1 + T 2^(1 - p)) 2^(E - bias)

so that magnitudes are in the order of their codes whatever the parameters. Formats differ in which codes are not finite
numbers (``Specials``), in having negatives, subnormals and a zero, and, for x87, in an integer bit that is stored.

Sources: IEEE 754-2019 clause 3.4; OCP OFP8 1.0 and MX 1.0; P3109 interim report v4.0 section 3.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import gmpy2
from gmpy2 import mpq

from formats.family import Format
from formats.float_parameters import (
    MAX_EXPONENT_BITS,
    MAX_WIDTH,
    NEWEST_REVISION,
    REVISIONS,
    Specials,
    check_parameters,
    default_bias,
    default_specials,
    ieee_exponent_bits,
    is_ieee_width,
)
from formats.projection import DEFAULT, Projection
from refmath.datum import Datum, Finite, Infinity, NaN
from refmath.errors import RefmathError
from refmath.operations.environment import Dialect
from refmath.overflow import Overflow
from refmath.reals import Exact, Real, floor_linear, floor_log2, floor_scaled, power_of_two, shifted

if TYPE_CHECKING:
    from formats.symbolic import Definition


@dataclass(frozen=True)
class Float(Format):
    """A format of the float family. ``exponent_bits`` and ``precision`` fix the layout, the rest what its codes mean."""

    name: str = field(compare=False)
    exponent_bits: int
    """Width of the exponent field."""
    precision: int
    """p: significand bits, the implicit one included."""
    bias: int
    """Subtracted from the exponent field."""
    specials: Specials = Specials.IEEE
    """Where infinities and NaNs live."""
    signed: bool = True
    """Whether there is a sign bit."""
    subnormals: bool = True
    """Whether the exponent field 0 means subnormal numbers (and zero); else it is one more binade."""
    has_zero: bool = True
    """Whether the magnitude code 0 is zero; a format without subnormals may make a power of two of it."""
    explicit_integer_bit: bool = False
    """Whether the leading significand bit is stored (x87)."""
    revision: str = ""
    """The draft of P3109 that the format follows."""
    default: Projection = field(default=DEFAULT, compare=False)
    """The projection that its standard prescribes or suggests."""

    width: int = field(init=False, compare=False)
    trailing: int = field(init=False, compare=False)
    """M: bits of the trailing significand, p - 1."""
    emin: int = field(init=False, compare=False)
    """Exponent of the least binade in which every significand bit pattern is a normal number."""
    has_negative_zero: bool = field(init=False, compare=False)
    has_infinity: bool = field(init=False, compare=False)
    has_nan: bool = field(init=False, compare=False)
    least_normal: int | None = field(init=False, compare=False)
    _greatest: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_parameters(self)
        put = object.__setattr__
        m, w = self.precision - 1, self.exponent_bits
        put(self, "trailing", m)
        put(self, "width", self.signed + w + m + self.explicit_integer_bit)
        put(self, "emin", 1 - self.bias if self.subnormals else -self.bias)
        uz = self.specials in (Specials.FNUZ, Specials.P3109_EXTENDED, Specials.P3109_FINITE)
        put(self, "has_negative_zero", self.signed and self.has_zero and not uz)
        put(self, "has_infinity", self.specials in (Specials.IEEE, Specials.P3109_EXTENDED))
        put(self, "has_nan", self.specials is not Specials.NONE)
        put(self, "least_normal", (1 << m if self.subnormals else self.least))
        put(self, "_greatest", self.finite_codes() - 1)

    def finite_codes(self) -> int:
        """How many magnitude codes, from 0, are finite numbers."""
        codes = 1 << (self.exponent_bits + self.precision - 1)
        match self.specials:
            case Specials.IEEE | Specials.RESERVED:
                return codes - (1 << (self.precision - 1))
            case Specials.FN:
                return codes - 1
            case Specials.FNUZ:
                return codes
            case Specials.NONE:
                return codes
            case Specials.P3109_EXTENDED:
                return codes - 1 if self.signed else codes - 2
            case Specials.P3109_FINITE:
                return codes if self.signed else codes - 1

    # Magnitudes.

    @property
    def dialect(self) -> Dialect:
        return Dialect.P3109 if self.specials in (Specials.P3109_EXTENDED, Specials.P3109_FINITE) else Dialect.IEEE754

    def greatest(self, negative: bool = False) -> int:
        if negative and not self.signed:
            return self.least - 1
        return self._greatest

    def value(self, code: int, extra: int = 0, negative: bool = False) -> mpq:
        m = self.trailing + extra
        if not self.subnormals and code < self.least << extra:
            step = self.value(self.least) / (1 << extra)
            return (code if self.has_zero else code + (1 << extra)) * step
        e = code >> m
        if e == 0 and self.subnormals:
            return shifted(code, self.emin - m)
        return shifted(code - ((e - 1) << m), e - self.bias - m)

    def code_below(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        m = self.trailing + extra
        if isinstance(x, Real):
            return self._place(x, x.floor_log2(), m, extra)
        n, d = abs(x.numerator), x.denominator
        e = n.bit_length() - d.bit_length()
        if (n < d << e) if e >= 0 else (n << -e < d):
            e -= 1
        if e < self.emin:
            if not self.subnormals:
                return self._place(x, e, m, extra)
            k, base = m - self.emin, 0
        else:
            k, base = m - e, (e - self.emin) << m
            if not self.subnormals:
                base -= 1 << m
        if k >= 0:
            n <<= k
        else:
            d <<= -k
        q, r = gmpy2.f_divmod(n, d)
        code = int(q) + base
        if not self.subnormals and code < self.least << extra:
            return self._place(x, e, m, extra)
        return code, not r

    def _place(self, x: Exact, e: int, m: int, extra: int) -> tuple[int, bool]:
        """``code_below`` in full generality: any exact real, and the gap between zero and a least value that is normal."""
        low = max(e, self.emin)
        s, exact = floor_scaled(x, m - low)
        code = ((low - self.emin) << m) + int(s)
        if self.subnormals:
            return code, exact
        code -= 1 << m
        if e >= self.emin and code >= self.least << extra:
            return code, exact
        s, exact = floor_linear(x, power_of_two(extra) / self.value(self.least), mpq(0))
        return (s if self.has_zero else s - (1 << extra)), exact

    def code_unbounded(self, x: Exact, extra: int = 0, negative: bool = False) -> tuple[int, bool]:
        m, e = self.trailing + extra, floor_log2(x)
        s, exact = floor_scaled(x, m - e)
        return ((e + self.bias - 1) << m) + int(s), exact

    # Encoding.

    def _split(self, code: int) -> tuple[bool, int, bool]:
        """Sign, magnitude code, and whether the stored integer bit agrees with the exponent field."""
        code = self.check_code(code)
        magnitude_bits = self.width - self.signed
        negative, rest = bool(code >> magnitude_bits), code & ((1 << magnitude_bits) - 1)
        if not self.explicit_integer_bit:
            return negative, rest, True
        m = self.trailing
        e, integer, t = rest >> (m + 1), rest >> m & 1, rest & ((1 << m) - 1)
        if e == 0:
            return negative, t + (integer << m), True  # a pseudo-denormal is the number just above the subnormals
        return negative, (e << m) + t, integer == 1

    def join(self, negative: bool, code: int) -> int:
        if self.explicit_integer_bit:
            m = self.trailing
            e, t = code >> m, code & ((1 << m) - 1)
            code = (e << (m + 1)) + ((e > 0) << m) + t
        return code + (1 << (self.width - 1)) if negative and self.signed else code

    def wrap(self, negative: bool, code: int) -> int:
        return self.join(negative, code & ((1 << (self.exponent_bits + self.trailing)) - 1))

    def magnitude(self, code: int) -> tuple[bool, int] | None:
        negative, rest, valid = self._split(code)
        if not valid or rest > self._greatest or (negative and rest == 0 and self.has_zero and not self.has_negative_zero):
            return None
        return negative, rest

    def decode(self, code: int) -> Datum:
        negative, rest, valid = self._split(code)
        if not valid:
            return NaN(negative, True, 0)  # x87 unnormals, pseudo-infinities and pseudo-NaNs are invalid operands
        if rest > self._greatest or (negative and rest == 0 and self.has_zero and not self.has_negative_zero):
            return self._special(negative, rest)
        value = self.value(rest)
        return Finite(-value if negative else value, negative)

    @property
    def is_dyadic(self) -> bool:
        return True

    def dyadic(self, code: int) -> tuple[int, int] | None:
        m = self.trailing
        if self.explicit_integer_bit:
            negative, magnitude, valid = self._split(code)
            if not valid:
                return None
        else:
            magnitude = code & ((1 << (self.width - self.signed)) - 1)
            negative = magnitude != code
        if magnitude > self._greatest or (negative and not magnitude and not self.has_negative_zero):
            return None
        e = magnitude >> m
        if e == 0 and (self.subnormals or (self.has_zero and not magnitude)):
            n, e = magnitude, self.emin - m
        else:
            n, e = magnitude - ((e - 1) << m), e - self.bias - m
        return (-n if negative else n), e

    def _special(self, negative: bool, rest: int) -> Datum:
        match self.specials:
            case Specials.IEEE | Specials.RESERVED:
                t = rest & ((1 << self.trailing) - 1)
                if t == 0 and self.has_infinity:
                    return Infinity(negative)
                if self.specials is Specials.RESERVED:
                    return NaN(negative)
                quiet = 1 << (self.trailing - 1)
                return NaN(negative, not t & quiet, t & (quiet - 1), self.trailing - 1)
            case Specials.P3109_EXTENDED if rest == self._greatest + 1:
                return Infinity(negative)
            case Specials.FN:
                return NaN(negative)
            case _:
                return NaN()

    def infinity(self, negative: bool = False) -> int:
        if not self.has_infinity or (negative and not self.signed):
            raise RefmathError(f"{self.name} has no {'negative ' if negative else ''}infinity.")
        return self.join(negative, self._greatest + 1)

    def nan(self, like: NaN | None = None) -> int:
        like = like or NaN()
        negative = like.negative
        match self.specials:
            case Specials.IEEE:
                quiet = 1 << (self.trailing - 1)
                payload = _leading(like, self.trailing - 1) or int(like.signalling and self.trailing > 1)
                signalling = like.signalling and payload > 0
                return self.join(negative, self._greatest + 1 + payload + (0 if signalling else quiet))
            case Specials.RESERVED:
                return self.join(negative, self._greatest + (1 << self.trailing))
            case Specials.FN:
                return self.join(negative, self._greatest + 1)
            case Specials.FNUZ | Specials.P3109_EXTENDED | Specials.P3109_FINITE:
                return 1 << (self.width - 1) if self.signed else self.codes - 1
            case Specials.NONE:
                raise RefmathError(f"{self.name} has no NaN.")

    # Description.

    def fields(self, code: int) -> list[tuple[str, str]]:
        digits = f"{self.check_code(code):0{self.width}b}"
        sizes = [("sign", int(self.signed)), ("exponent", self.exponent_bits), ("integer bit", int(self.explicit_integer_bit)), ("significand", self.trailing)]
        result, at = [], 0
        for name, size in sizes:
            if size:
                result.append((name, digits[at : at + size]))
            at += size
        return result

    def definition(self) -> "Definition":
        from formats.floats_symbolic import definition

        return definition(self)

    def notation(self) -> str:
        special = self._standard_name()
        if special:
            return special
        head = f"{'' if self.signed else 'u'}e{self.exponent_bits}m{self.trailing}"
        options = []
        if self.bias != default_bias(self.exponent_bits):
            options.append(f"bias={self.bias}")
        if self.specials is not default_specials(self.exponent_bits, self.trailing):
            options.append(f"specials={self.specials.value}")
        if self.revision:
            options.append(f"revision={self.revision}")
        for key, here, usual in (("subnormals", self.subnormals, True), ("zero", self.has_zero, True), ("integer_bit", self.explicit_integer_bit, False)):
            if here != usual:
                options.append(f"{key}={'yes' if here else 'no'}")
        return f"{head}({', '.join(options)})" if options else head

    def _standard_name(self) -> str:
        """The name that a standard gives by rule: IEEE 754's by width, or P3109's with its revision."""
        k, w = self.width, self.exponent_bits
        if not (w and self.subnormals) or self.explicit_integer_bit:
            return ""
        if self.specials is Specials.IEEE:
            standard = self.signed and self.bias == default_bias(w) and is_ieee_width(k) and w == ieee_exponent_bits(k)
            return f"binary{k}" if standard else ""
        if not self.revision or k < 3 or self.bias != 1 << (w - 1):
            return ""
        stem = f"binary{k}p{self.precision}{'s' if self.signed else 'u'}{'e' if self.has_infinity else 'f'}"
        return stem if self.revision == NEWEST_REVISION else f"{stem}(revision={self.revision})"


def _leading(nan: NaN, bits: int) -> int:
    """The leading ``bits`` bits of a payload, as conversions between widths keep them; of a bare integer, itself where it fits."""
    missing = bits - (nan.payload_bits or max(bits, nan.payload.bit_length()))
    return nan.payload << missing if missing >= 0 else nan.payload >> -missing


def ieee(k: int) -> Float:
    """binary{k} of IEEE 754-2019 clause 3.6: k = 16, 32, 64, 128 and every greater multiple of 32."""
    if not is_ieee_width(k):
        raise RefmathError(
            f"binary{k}: IEEE 754 defines binary16, 32, 64, 128 and multiples of 32 beyond; write e<exponent bits>m<significand bits> for others."
        )
    if k > MAX_WIDTH:
        raise RefmathError(f"binary{k}: {k:,} bits are beyond what can be computed; the limit is {MAX_WIDTH:,}.")
    w = ieee_exponent_bits(k)
    return Float(f"binary{k}", w, k - w, default_bias(w))


def p3109(k: int, p: int, signed: bool, extended: bool, revision: str = NEWEST_REVISION) -> Float:
    """binary<k>p<p><s|u><e|f> of P3109 (section 3): bias 2^(k-p-1) signed, 2^(k-p) unsigned; one zero, one NaN."""
    name = f"binary{k}p{p}{'s' if signed else 'u'}{'e' if extended else 'f'}"
    if k < 3:
        raise RefmathError(f"{name}: P3109 needs a bitwidth K of at least 3.")
    if not 0 < p < k + (not signed):
        raise RefmathError(f"{name}: P3109 needs a precision P from 1 to {'K - 1' if signed else 'K'}, here {k - signed}.")
    if revision not in REVISIONS:
        raise RefmathError(f"{name}: {revision!r} is not a known revision of P3109; use one of {', '.join(REVISIONS)}.")
    w = k - p if signed else k - p + 1
    if w > MAX_EXPONENT_BITS:
        raise RefmathError(f"{name}: {w} exponent bits are beyond what can be computed; the limit is {MAX_EXPONENT_BITS}.")
    specials = Specials.P3109_EXTENDED if extended else Specials.P3109_FINITE
    return Float(name, w, p, 1 << (w - 1), specials, signed, revision=revision, default=satnone(revision))


def satnone(revision: str) -> Projection:
    """The projection that every implementation of a revision of P3109 has to offer; without a revision, the usual one."""
    return {"": DEFAULT, "4.0": Projection(overflow=Overflow.SATNONE_4_0), "4.0.3": Projection(overflow=Overflow.SATNONE_4_0_3)}[revision]


__all__ = ["REVISIONS", "Float", "Specials", "default_bias", "default_specials", "ieee", "p3109", "satnone"]
