"""Sums, dot products and matrix products of codes, by any model of accumulation; the reductions of IEEE 754-2019 clause 9.4.

``dot("a100", "bfloat16", xs, ys, to="binary32", c=code)``: each operand is decoded in its own format, products are exact, the model sums them with every rounding into the
format ``to``, and the code of the result is delivered. A library that accumulates in one format and delivers another says so with ``result``.

A sum of nothing is c, or +0 where there is none. NaN and infinite operands go the way of IEEE 754 unless the model says otherwise; NaR stays NaR.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, SupportsIndex

from formats.arithmetic import FLAGS, decoder
from formats.family import Format
from formats.floats import Float
from formats.notation import parse
from formats.posit import Posit
from formats.project import project
from formats.projection import Projection
from formats.quire import quire
from refmath.accumulation.exact import Quire
from refmath.accumulation.model import Model
from refmath.accumulation.notation import parse as parse_model
from refmath.accumulation.reductions import REDUCTIONS, SCALED_PRODUCTS, TWO_VECTORS
from refmath.accumulation.terms import Accumulator, Operand, Term, exponent_of, multiplied, single
from refmath.datum import Datum, Finite, NaN
from refmath.errors import RefmathError, quote
from refmath.flags import Flags
from refmath.operations.environment import Environment
from refmath.reals import Real
from refmath.rounding import RandomSource, Rounding

Codes = Sequence[SupportsIndex]
Matrix = Sequence[Codes]
AnyFormat = Format | str


class Sum(NamedTuple):
    """What a sum delivers."""

    code: int
    flags: Flags
    """The exceptions raised by special cases and by roundings into formats; what an aligned group cuts off raises none."""


class ScaledProduct(NamedTuple):
    """What a scaled product delivers: pr 2^sf."""

    code: int
    """The code of pr."""
    sf: int
    flags: Flags


@dataclass(frozen=True, slots=True)
class Scales:
    """Block scales of two vectors: one code for each block of so many elements."""

    format: Format
    xs: Codes
    ys: Codes
    block: int


def total(
    model: Model | str,
    of: AnyFormat,
    xs: Codes,
    to: AnyFormat | None = None,
    c: SupportsIndex | None = None,
    result: AnyFormat | None = None,
    projection: Projection | None = None,
    random: int | RandomSource = 0,
) -> Sum:
    """The sum of codes of one format: accumulated in ``to`` (theirs where it is not stated), with c, a code of ``to``; delivered in ``result``."""
    f = _format(of)
    work = Work(model, f, _format(to or f), result, projection, random)
    return work.sum([single(x) for x in operands(f, xs, work.how)], c)


def dot(
    model: Model | str,
    of: AnyFormat | tuple[AnyFormat, AnyFormat],
    xs: Codes,
    ys: Codes,
    to: AnyFormat | None = None,
    c: SupportsIndex | None = None,
    result: AnyFormat | None = None,
    scales: Scales | None = None,
    rounded: AnyFormat | None = None,
    projection: Projection | None = None,
    random: int | RandomSource = 0,
) -> Sum:
    """The dot product of two vectors of codes, of one format or of two, with block scales where they are given; else as ``total``.

    ``rounded``: a format into which every product is rounded before the model sees it, for those who multiply in one format and accumulate in another.

    Errors: ``RefmathError`` for vectors of unlike length, for codes wider than their format, and for what the model cannot sum.
    """
    f, g = _pair(of)
    work = Work(model, f, _format(to or f), result, projection, random)
    terms = products(operands(f, xs, work.how), operands(g, ys, work.how), _scale_factors(scales, len(xs), work.how))
    return work.sum(terms if rounded is None else [_rounded(term, _format(rounded)) for term in terms], c)


def matmul(
    model: Model | str,
    of: AnyFormat | tuple[AnyFormat, AnyFormat],
    a: Matrix,
    b: Matrix,
    to: AnyFormat | None = None,
    c: Matrix | None = None,
    result: AnyFormat | None = None,
    projection: Projection | None = None,
    random: int | RandomSource = 0,
) -> tuple[list[list[int]], Flags]:
    """a b + c: matrices of codes as sequences of rows, m by k, k by n and m by n. Every element is the ``dot`` of a row and a column; the flags are those of all."""
    f, g = _pair(of)
    work = Work(model, f, _format(to or f), result, projection, random)
    k, n = _shape("b", b)
    m, found = _shape("a", a)
    if found != k:
        raise RefmathError(
            f"A matrix of {m} x {found} and one of {k} x {n} have no product; the columns of the first must be as many as the rows of the second."
        )
    if c is not None and _shape("c", c) != (m, n):
        raise RefmathError(f"c is {' x '.join(map(str, _shape('c', c)))} and the product {m} x {n}; give it the same shape.")
    rows = [operands(f, row, work.how) for row in a]
    columns = [operands(g, [row[j] for row in b], work.how) for j in range(n)]
    sums = [[work.sum(products(row, column), None if c is None else c[i][j]) for j, column in enumerate(columns)] for i, row in enumerate(rows)]
    flags = Flags.NONE
    for row_of_sums in sums:
        for one in row_of_sums:
            flags |= one.flags
    return [[one.code for one in row_of_sums] for row_of_sums in sums], flags


def reduction(name: str, of: AnyFormat, *vectors: Codes, to: AnyFormat | None = None, projection: Projection | None = None) -> Sum:
    """sum, dot, sumSquare or sumAbs of IEEE 754-2019 clause 9.4: exact, then rounded once."""
    f, data = _vectors(name, of, vectors, REDUCTIONS)
    target = _format(to or f)
    how = projection or target.default
    value, flags = REDUCTIONS[name](_environment(target, how), *data)
    code, more = project(target, value, how, 0)
    return Sum(code, FLAGS[flags | more])


def scaled_product(name: str, of: AnyFormat, *vectors: Codes, to: AnyFormat | None = None, projection: Projection | None = None) -> ScaledProduct:
    """scaledProd, scaledProdSum or scaledProdDiff of IEEE 754-2019 clause 9.4: pr with 1 <= |pr| < 2 before it is rounded, once, and the scale factor."""
    f, data = _vectors(name, of, vectors, SCALED_PRODUCTS)
    target = _format(to or f)
    how = projection or target.default
    value, sf, flags = SCALED_PRODUCTS[name](_environment(target, how), *data)
    code, more = project(target, value, how, 0)
    return ScaledProduct(code, sf, FLAGS[flags | more])


class Work:
    """A model bound to the formats that it accumulates in and delivers."""

    def __init__(self, model: Model | str, of: Format, to: Format, result: AnyFormat | None, projection: Projection | None, random: int | RandomSource) -> None:
        self.model = _stated(parse_model(model) if isinstance(model, str) else model, of)
        self.to, self.result = to, _format(result) if result is not None else to
        self.how = projection or to.default
        self.random = random

    def sum(self, terms: Sequence[Term], c: SupportsIndex | None) -> Sum:
        """The sum of terms and of c, a code of the accumulator's format."""
        into = accumulator(self.to, self.how, self.random)
        addend = None if c is None else single(operands(self.to, [c], self.how)[0])
        datum = self.model.accumulate(terms, addend, into)
        if self.result is self.to:
            return Sum(code_of(self.to, datum, self.how), FLAGS[into.flags])
        code, more = project(self.result, datum, self.result.default, 0)
        return Sum(code, FLAGS[into.flags | more])


def accumulator(to: Format, how: Projection, random: int | RandomSource = 0) -> Accumulator:
    """A format as a model of accumulation sees it."""
    modes: dict[Rounding, Projection] = {}

    def rounded(x: Datum, mode: Rounding | None) -> tuple[Datum, int]:
        projection = how if mode is None else modes.get(mode) or modes.setdefault(mode, replace(how, rounding=mode))
        code, flags = project(to, x, projection, random)
        if not flags and type(x) is Finite and x.value and not isinstance(x.value, Real):
            return x, 0
        return to.decode(code), flags

    return Accumulator(rounded, least_exponent(to), _environment(to, how))


def least_exponent(f: Format) -> int | None:
    """emin of a float; None for formats whose precision has no such end."""
    return f.emin if isinstance(f, Float) else None


def operands(f: Format, codes: Codes, how: Projection) -> list[Operand]:
    """Codes as operands, subnormal ones as the projection has them."""
    table, emin = decoder(f, how.operands), least_exponent(f)
    data = [table[code][0] for code in codes]  # type: ignore[index]
    return [Operand(datum, exponent_of(datum, emin)) for datum in data]


def products(xs: Sequence[Operand], ys: Sequence[Operand], scales: Sequence[tuple[Operand, ...]] | None = None) -> list[Term]:
    """The terms of a dot product."""
    if len(xs) != len(ys):
        raise RefmathError(f"A vector of {len(xs):,} elements and one of {len(ys):,} have no dot product; give them the same length.")
    if scales is None:
        return [multiplied(x, y) for x, y in zip(xs, ys, strict=True)]
    return [multiplied(x, y, factors) for x, y, factors in zip(xs, ys, scales, strict=True)]


def _rounded(term: Term, f: Format) -> Term:
    """A product as a number of a format."""
    into = accumulator(f, f.default)
    datum = into.round(into.take(term))
    return Term(datum, exponent_of(datum, into.emin), 0, into.flags)


def code_of(to: Format, datum: Datum, how: Projection) -> int:
    """The code of a datum of the format. A NaN keeps its payload."""
    return to.nan(datum) if isinstance(datum, NaN) and to.has_nan else project(to, datum, how, 0)[0]


def _scale_factors(scales: Scales | None, n: int, how: Projection) -> list[tuple[Operand, ...]] | None:
    """For each of n products the scales of its two factors."""
    if scales is None:
        return None
    if scales.block < 1:
        raise RefmathError(f"A block of {scales.block} elements is impossible; give an integer from 1 up.")
    blocks = -(-n // scales.block)
    for which, codes in (("first", scales.xs), ("second", scales.ys)):
        if len(codes) != blocks:
            raise RefmathError(
                f"{n:,} elements in blocks of {scales.block} have {blocks:,} scales, and the {which} vector {len(codes):,}; give one for each block."
            )
    pairs = list(zip(operands(scales.format, scales.xs, how), operands(scales.format, scales.ys, how), strict=True))
    return [pairs[i // scales.block] for i in range(n)]


def _stated(model: Model, of: Format) -> Model:
    """The model with the quire of the operands, where it leaves that to them."""
    if not isinstance(model, Quire) or model.bits is not None:
        return model
    if not isinstance(of, Posit):
        raise RefmathError(f"{of.name} has no quire of its own; state it, for example quire(bits=640, fraction=298), or use the model exact.")
    found = quire(of)
    return Quire(found.width, found.fraction_bits)


def _environment(to: Format, how: Projection) -> Environment:
    return Environment(to.dialect, how.rounding)


def _vectors(name: str, of: AnyFormat, vectors: tuple[Codes, ...], known: dict[str, object] | dict) -> tuple[Format, list[list[Datum]]]:  # type: ignore[type-arg]
    """The format and the data of the vectors of a reduction."""
    if name not in known:
        raise RefmathError(f"{quote(name)} is not a reduction of this kind; use one of {', '.join(known)}.")
    wanted = 2 if name in TWO_VECTORS else 1
    if len(vectors) != wanted:
        raise RefmathError(f"{name} takes {wanted} vector{'s' if wanted > 1 else ''}, not {len(vectors)}.")
    if len({len(codes) for codes in vectors}) > 1:
        raise RefmathError(f"{name}: the vectors have {' and '.join(f'{len(codes):,}' for codes in vectors)} elements; give them the same length.")
    f = _format(of)
    return f, [[f.decode(f.check_code(code)) for code in codes] for codes in vectors]


def _pair(of: AnyFormat | tuple[AnyFormat, AnyFormat]) -> tuple[Format, Format]:
    if isinstance(of, tuple):
        if len(of) != 2:
            raise RefmathError(f"A dot product has two operand formats, not {len(of)}.")
        return _format(of[0]), _format(of[1])
    return _format(of), _format(of)


def _format(f: AnyFormat) -> Format:
    return parse(f) if isinstance(f, str) else f


def _shape(name: str, matrix: Matrix) -> tuple[int, int]:
    """Rows and columns of a matrix. ``RefmathError`` where its rows differ in length, or there is none."""
    widths = {len(row) for row in matrix}
    if len(widths) != 1:
        why = f"has rows of {min(widths)} and {max(widths)} elements" if widths else "has no rows"
        raise RefmathError(f"The matrix {name} {why}; give rows of one length, at least one of them.")
    return len(matrix), widths.pop()
