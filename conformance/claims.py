"""A claim: emulator E computes operation O on formats F under projection P.

An adapter declares claims; each is checked by itself and gets a verdict.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from conformance.verdict import claim_title
from formats.family import Format
from formats.notation import text
from formats.operations import find_operation
from formats.projection import Projection

Codes = NDArray[Any]


SUMS = ("sum", "dot")
"""Operations on vectors, whose order and format of accumulation no standard prescribes: ``conformance.sum_checker`` finds them. Matrix products are dot products."""


def claimed_operation(name: str) -> str:
    """The name under which claims are about an operation. ``RefmathError`` for an unknown one."""
    return name if name == "quantize" or name in SUMS else "dot" if name == "matmul" else find_operation(name).name


class Draws(Enum):
    """Where the random bits of a stochastic claim come from."""

    NONE = "none"
    """The claim is deterministic."""
    GIVEN = "given"
    """They are the last operand, a code of ``uintN``."""
    OWN = "own"
    """From the emulator's own generator: judged by its distribution. An adapter that can, seeds it in ``seed``."""
    EQUAL = "equal"
    """Likewise, and up or down with equal probability, whatever the distance."""


class Shapes(Enum):
    """In which shapes an emulator is given its operands."""

    ALL = "all"
    """Arrays of every length, and views of them."""
    COMPILED = "compiled"
    """Arrays without strides, which are compiled for each shape: of few lengths."""
    ONE = "one"
    """One value at a time: no arrays at all."""


@dataclass(frozen=True)
class Claim:
    """What one function of an emulator says it computes."""

    emulator: str
    operation: str
    """Its name in ``refmath``, such as ``convert``."""
    operands: tuple[Format, ...]
    result: Format
    projection: Projection
    """What the emulator documents, or else what its standard asks."""
    call: str
    """The public function that is called, as a user writes it."""
    variant: str = "eager"
    """``eager`` or ``compiled``."""
    device: str = "cpu"
    refuses: tuple[str, ...] = ()
    """The kinds of operands that it documents to refuse, of ``conformance.refused.KINDS``; it is not tried on them."""
    draws: Draws = Draws.NONE
    oracle: str | None = None
    """The engine that says what is right; where it is None, the fastest that is exact."""
    documented: tuple[str, ...] = ()
    """Steps of its own that the emulator documents though no rounding mode has them, of ``DOCUMENTED`` in ``conformance.conversions``, ``conformance.functions`` and ``conformance.stochastic``: seen in its results, they are policies."""
    silent: tuple[str, ...] = ()
    """What the emulator does not document and is found out: ``ties``, ``overflow`` in the modes that go toward zero."""
    shapes: Shapes = Shapes.ALL
    tries: int = 0
    """How many cases are tried at most, where an emulator that takes one value at a time is slow; 0: as many as the budget says."""

    @property
    def title(self) -> str:
        """``binary32 -> ocp_e4m3``, ``add binary16``."""
        return claim_title(self.operation, tuple(text(fmt) for fmt in self.operands), self.result_text)

    @property
    def result_text(self) -> str:
        """What the results are codes of."""
        return text(self.result)


class NotAResultError(Exception):
    """What a function returned is no result of its claim. The message goes on after the name of the function: ``returned float64, ...``."""


@dataclass(frozen=True)
class Partly:
    """Results of which some are none: numbers of a wider type that are no values of the format that they should be of, and exceptions."""

    codes: Codes
    """The codes of the others; 0 in place of those."""
    alien: NDArray[np.bool_]
    """Which results are no values of the format."""
    held: Codes
    """All results, as codes of ``carrier``; 0 where there is none."""
    carrier: Format
    raised: Mapping[int, str] = field(default_factory=dict)
    """What was raised instead of a result, by the place in the flattened array: ``OverflowError: math range error``."""

    @property
    def absent(self) -> NDArray[np.bool_]:
        """Which operands gave no result, flattened."""
        found = np.zeros(self.codes.size, dtype=bool)
        found[list(self.raised)] = True
        return found


Answer = Codes | Partly
"""What an emulator returns for one call."""


class Adapter(Protocol):
    """The small file between an emulator and the tester: codes in, the public function, codes out, no fix-ups."""

    name: str
    views: tuple[str, ...]
    """The kinds of view that its arrays can be, of ``strided``, ``transposed``, ``offset`` and ``reversed``."""
    compiles: bool
    """Whether each new shape is compiled, so that calls are made together and a quick check makes few."""

    def describe(self) -> str:
        """Name, version and device: ``torch 2.13.0, cpu``."""
        ...

    def claims(self) -> list[Claim]:
        """Everything of this emulator that can be checked."""
        ...

    def run(self, claim: Claim, calls: list[tuple[Codes, ...]]) -> Sequence[Answer]:
        """The codes that the emulator returns for each call; operands are arrays of codes, of any shape and stride."""
        ...
