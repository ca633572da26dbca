"""What the results of a claim are held to over all of its operands: a model, with defects in parts of them, as fast as it can be had.

Conversions are constant on runs of source codes (``formats.runs``), also by walks through other formats, with quirks, and in regions that signs, classes and
binades describe: ``runs_of`` finds the runs of any such account. What has none, and every operation, is computed element by element.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from conformance.budget import Budget
from conformance.checker import pose
from conformance.claims import Claim, Codes
from conformance.diagnose import Explanation
from conformance.features import Trait
from conformance.localise import Part, predict
from conformance.problem import AnyProblem, Operands
from conformance.walks import Model
from formats.arrays import Flags
from formats.family import Format
from formats.floats import Float
from formats.runs import Runs, constant_on, runs, thresholds
from refmath.errors import RefmathError

BARE = Budget(samples=1, points=1)
"""The cases of a problem whose cases do not matter."""


@dataclass(frozen=True)
class Account:
    """A model of a claim, and defects in parts of the operands."""

    model: Any
    parts: tuple[Part[Any], ...] = ()


@lru_cache(maxsize=32)
def bare(claim: Claim) -> AnyProblem:
    """The problem of a claim, for all but its cases."""
    return pose(claim, BARE)


def said(claim: Claim) -> Account:
    """What the claim itself says."""
    return Account(bare(claim).base)


def accounts(found: Explanation[Any], claim: Claim) -> tuple[Account, Account, Account]:
    """What the claim says; what a right implementation of the policies found gives; what the whole explanation gives."""
    return said(claim), Account(found.permitted), Account(found.model, found.parts)


def given(claim: Claim, account: Account, operands: Operands) -> Codes:
    """What an account gives on some operands."""
    if not account.parts:
        return bare(claim).evaluate(account.model, operands)
    return predict(bare(claim), account.model, account.parts, claim.operands, claim.result, operands)


Oracle = Callable[[int, int], Codes]
"""What an account gives on so many operands (second) from a number on (first)."""


@lru_cache(maxsize=32)
def runs_of(claim: Claim, account: Account) -> Runs | None:
    """The runs of an account of a conversion; None where it is none, or has no table."""
    if claim.operation != "convert":
        return None
    source, target = claim.operands[0], claim.result
    try:
        return runs(source, target, claim.projection) if account == said(claim) else _varied(claim, account)
    except RefmathError:  # some operand, which the emulator refuses, has no result
        return None


def _varied(claim: Claim, account: Account) -> Runs | None:
    """The runs of an account that is not the claim itself."""
    source, target, problem = claim.operands[0], claim.result, bare(claim)
    walks = [account.model, *(part.option.apply(account.model) for part in account.parts if part.option is not None)]
    starts = [thresholds(source, hop) for walk in walks for hop in _hops(walk, target)]
    found = [table for table in starts if table is not None]
    models = [model for walk in walks for model in (walk, *(other for _, other in walk.apart))]
    if len(found) < len(starts) or any(model.last.nans.keeps for model in models):
        return None
    quirky = any(model.quirks for model in models)
    bounds = np.unique(np.concatenate([*found, np.array(list(_binades(source, account)), dtype=np.uint64)]))

    def compute(codes: Codes) -> tuple[Codes, Flags]:
        return predict(problem, account.model, account.parts, claim.operands, target, (codes,)), np.zeros(len(codes), np.uint8)

    return constant_on(bounds, source, target, compute, keeps=quirky, monotone=not quirky)


def _hops(model: Model, target: Format) -> Iterator[Format]:
    """The formats that a walk goes to first."""
    for walk in (replace(model, apart=()), *(other for _, other in model.apart)):
        yield walk.via[0][0] if walk.via else target


def _binades(source: Format, account: Account) -> Iterator[int]:
    """The first codes of the source's binades, where parts of an account ask for them."""
    if isinstance(source, Float) and any(condition.feature.trait is Trait.BINADE for part in account.parts for condition in part.region.conditions):
        firsts = {1 << k for k in range(source.trailing)} | {e << source.trailing for e in range(1 << source.exponent_bits)}
        for sign in (0, source.codes >> 1)[: 1 + source.signed]:
            yield from (sign + first for first in firsts)
