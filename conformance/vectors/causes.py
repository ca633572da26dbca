"""Why cases are wrong: the policy, other than the one that was asked for, by which all of them, and a sample of the right ones, come out as they stand."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from conformance.alignment import MORE_BITS, applies, cut, words
from conformance.claims import Codes
from conformance.conversion_deviations import one_more_bit
from conformance.vectors.block import Block
from conformance.vectors.dot_subject import DotSubject
from conformance.vectors.subject import Subject
from conformance.vectors.verify import Verdict, chosen
from formats.arrays import convert
from formats.floats import Float
from formats.platforms import Platform
from formats.platforms import projection as platform_projection
from formats.projection import NaNs, Projection
from refmath.accumulation.units import UNITS
from refmath.errors import RefmathError
from refmath.flags import INEXACT, UNDERFLOW
from refmath.operations.operation import Operation
from refmath.overflow import Overflow
from refmath.rounding import DETERMINISTIC, Rounding
from refmath.underflow import Subnormals, Tininess

FEW = 32
"""Cases that refute most of what does not explain them."""
PLAIN = ("exact", "sequential", "sequential(fma)", "sequential(c=last)", "pairwise", "fold")
"""Models of accumulation that a dot product may follow, beside the named units."""


def cause(verdict: Verdict) -> str | None:
    """What explains every wrong case that was kept, in words; None where nothing here does."""
    if not verdict.wrong_sample:
        return None
    sample = (*verdict.wrong_sample, *verdict.right_sample[:1])
    for text, other in alternatives(verdict.subject):
        try:
            if all(_fits(other, block, verdict) for block in sample):
                return text
        except RefmathError:
            continue
    for text, compute in defects(verdict.subject):
        if all(_equal(compute(block.operands), block, verdict) for block in sample):
            return text
    return _of_flags(verdict)


Compute = Callable[[tuple[Codes, ...]], tuple[Codes, NDArray[np.uint8]]]
"""Operands to results and flags."""


def defects(subject: Subject) -> Iterator[tuple[str, Compute]]:
    """Units that drop bits that they should have remembered, and the defect in words."""
    if isinstance(subject, DotSubject):
        return
    formats = tuple(f for f in subject.formats if f is not None)
    if applies(subject.op.name, formats):
        for more in reversed(MORE_BITS):
            yield words(more), lambda operands, more=more: subject.evaluate(cut(formats[0], operands[0], operands[1], more))  # type: ignore[misc]
    # Operations on codes deliver the format of their operand, and predicates and words none: nothing there has one more bit.
    wide = one_more_bit(subject.to) if isinstance(subject.op, Operation) and isinstance(subject.to, Float) else None
    if wide is not None and not subject.random_bits and subject.op.name != "convert":
        truncating = replace(subject, to=wide, how=Projection(Rounding.TOWARD_ZERO))
        yield "the sticky bit is lost", lambda operands: convert(truncating.evaluate(operands)[0], wide, subject.target, subject.how)


def alternatives(subject: Subject) -> Iterator[tuple[str, Subject]]:
    """The subject with one policy changed, and the change in words."""
    if isinstance(subject, DotSubject):
        yield from ((f"the sums are those of {name}, not of {subject.model}", other) for name, other in other_models(subject))
    how = subject.how
    other = Tininess.BEFORE if how.tininess is Tininess.AFTER else Tininess.AFTER
    yield f"underflow is detected {other.value} rounding, not {how.tininess.value} it", replace(subject, how=replace(how, tininess=other))
    for flush in (Subnormals.SIGNED_ZERO, Subnormals.POSITIVE_ZERO):
        name = flush.value.replace("_", " ")
        yield f"tiny results become a {name}", replace(subject, how=replace(how, results=flush))
        yield f"subnormal operands count as {name}", replace(subject, how=replace(how, operands=flush))
        yield f"tiny results and subnormal operands become a {name}", replace(subject, how=replace(how, results=flush, operands=flush))
    for mode in DETERMINISTIC:
        if mode is not how.rounding and not how.rounding.stochastic:
            yield f"rounding is {mode.value}, not {how.rounding.value}", replace(subject, how=replace(how, rounding=mode))
    for overflow in Overflow:
        if overflow not in (how.overflow, Overflow.ERROR):
            yield f"overflow is {overflow.value}, not {how.overflow.value}", replace(subject, how=replace(how, overflow=overflow))
    for nans in NaNs:
        if nans is not how.nans:
            yield f"NaNs are those of {nans.value}, not of {how.nans.value}", replace(subject, how=replace(how, nans=nans))
    for platform in Platform:
        found = platform_projection(platform, subject.target, how.rounding)
        if found != how:
            yield f"results are those of the platform {platform.value}", replace(subject, how=found)


def other_models(subject: DotSubject) -> Iterator[tuple[str, DotSubject]]:
    """The dot product under every other named model, and a few plain ones."""
    for name in (*PLAIN, *UNITS):
        if name != subject.model:
            yield name, replace(subject, model=name)


def _fits(subject: Subject, block: Block, verdict: Verdict) -> bool:
    """Whether the cases are what a subject gives: the first few, then all."""
    few = chosen(block, np.arange(min(FEW, len(block))))
    return all(_equal(subject.evaluate(part.operands, part.random), part, verdict) for part in (few, block))


def _equal(computed: tuple[Codes, NDArray[np.uint8]], block: Block, verdict: Verdict) -> bool:
    result, flags = computed
    return bool(np.all(result == block.result) and (not verdict.rules.check_flags or np.all(flags == block.flags)))


def _of_flags(verdict: Verdict) -> str | None:
    """What is common to the wrong flags, where only flags are wrong."""
    if verdict.wrong_results:
        return None
    if not any(block.flags.any() for block in (*verdict.wrong_sample, *verdict.right_sample)):
        return "no flag is ever raised"
    differing = 0
    for block in verdict.wrong_sample:
        flags = verdict.subject.evaluate(block.operands, block.random)[1]
        differing |= int(np.bitwise_or.reduce(flags ^ block.flags))
    names = {UNDERFLOW: "underflow", INEXACT: "inexact"}
    return f"only the flag {names[differing]} is wrong" if differing in names else None
