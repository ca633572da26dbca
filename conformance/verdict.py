"""What is found about a claim: plain data, for the terminal, for JSON and for JUnit alike."""

from dataclasses import asdict, dataclass, field, is_dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints


class Status(Enum):
    """The answer to a claim."""

    AGREES = "agrees"
    POLICY = "agrees under a named policy"
    APPROXIMATE = "approximates"
    """A function whose results are finite steps away from correct rounding, special cases right."""
    DIFFERS = "differs"
    FAILED = "failed to run"


def claim_title(operation: str, operands: tuple[str, ...], result: str) -> str:
    """A claim in few words: formats that are all the same stand once, those of truth values not at all."""
    if operation in ("convert", "quantize"):
        return f"{', '.join(operands)} -> {result}"
    distinct = list(dict.fromkeys(operands))
    if len(distinct) == 1 and result in (distinct[0], "uint1"):
        return f"{operation} {distinct[0]}"
    return f"{operation} {', '.join(operands)} -> {result}"


SHOWN = 5
"""Counterexamples kept in a verdict, where nobody asks for more."""


@dataclass(frozen=True)
class Number:
    """A code of a format, in words: exact where it is finite."""

    code: str
    value: str
    """The shortest decimal that identifies the code, or the special datum."""
    hexadecimal: str
    exact: str


@dataclass(frozen=True)
class BlockCase:
    """The block that a counterexample is about."""

    amax: Number
    """Its greatest finite magnitude."""
    place: int
    """Which of its lanes is the operand: the first whose result differs, from 0."""
    scale_got: Number | None
    scale_expected: Number | None
    """None where values come back, not codes."""
    lanes: tuple[str, ...]
    """The codes of all its values."""


@dataclass(frozen=True)
class Counterexample:
    """One case in which emulator and reference differ."""

    operands: tuple[Number, ...]
    got: Number
    expected: Number
    remark: str
    """Where the exact value lies: between which neighbours."""
    layout: str = ""
    """The layout in which it was seen; empty for the long contiguous array."""
    block: BlockCase | None = None
    """Of blocks: the rest of it. The codes are those of elements, the values those that they stand for under their scales."""


@dataclass(frozen=True)
class Share:
    """How many of the mismatches one of several defects explains by itself."""

    deviation: str
    cases: int


LONG = 40
"""Characters of a tree that is named in full."""


@dataclass(frozen=True)
class Accumulation:
    """The model of accumulation that a function of so many summands equals, or comes nearest to."""

    n: int
    layout: str
    """Of the arrays; empty for contiguous ones. Others are there where their results differ."""
    model: str
    """With the format in which it adds: ``lanes(16, fma) in binary32``."""
    also: tuple[str, ...]
    """Models that give the same on all cases."""
    exceptions: int
    """Cases in which the model does not give what the function gives."""
    cases: int

    @property
    def words(self) -> str:
        """The model, or where that is a long tree, that it is one."""
        head, _, form = self.model.rpartition(" in ")
        return self.model if len(self.model) <= LONG or not head.startswith("tree(") else f"an order of its own in {form}"


@dataclass(frozen=True)
class Verdict:
    """What is found about a claim."""

    emulator: str
    operation: str
    operands: tuple[str, ...]
    result: str
    call: str
    variant: str
    device: str
    status: Status
    cases: int = 0
    """Operands compared with the reference."""
    exhaustive: bool = False
    plan: str = ""
    """How the operands were chosen."""
    layouts: int = 0
    """Shapes and strides run beside the long array."""
    seed: int = 0
    rounding: str = ""
    """The mode the claim is held to."""
    overflow: str = ""
    """The overflow policy that it is first held to."""
    mismatches: int = 0
    """Cases that differ from what the claim is held to, whatever explains them."""
    policies: tuple[str, ...] = ()
    """Choices left open by standards that explain differences."""
    treatment: tuple[str, ...] = ()
    """What was done with operands that the result format has no plain place for: ``overflow gives NaN``."""
    statistics: str = ""
    """Of a claim whose emulator draws by itself: how probable its results are by chance."""
    deviations: tuple[str, ...] = ()
    """Defects that explain differences, each with the region where it shows if that is not everywhere."""
    shares: tuple[Share, ...] = ()
    """Of several defects, how many of the cases each explains."""
    unexplained: int = 0
    """Cases that neither policies nor deviations explain."""
    defects: int = 0
    """Cases that policies do not explain."""
    aliens: int = 0
    """Results that are no values of the result format, of an emulator that holds them in a wider type."""
    raised: int = 0
    """Operands on which an exception was raised instead of a result."""
    inaccurate: int = 0
    """Of a function: results that are finite steps away from the correctly rounded one."""
    kappa: int = 0
    """The greatest number of finite values stepped over between a result and the right one, under the policies found (P3109 section 4.4)."""
    kappa_class: str = ""
    """Where P3109's kappa is no number: ``nan`` or ``inf``, for a NaN or an infinity on one side only."""
    where: str = ""
    """What the operands of the defects, or of the unexplained ones among them, have in common."""
    layout_dependent: tuple[str, ...] = ()
    """Layouts in which results differ from those of the long array."""
    layout_where: str = ""
    """The positions at which they do, in words."""
    models: tuple[Accumulation, ...] = ()
    """Of a function that sums, the models of accumulation found, by layout and length."""
    counterexamples: tuple[Counterexample, ...] = ()
    """The simplest case first."""
    remarks: tuple[str, ...] = ()
    """What the emulator was seen to do beside its results, in words."""
    error: str = ""
    """Why the claim could not be checked, in a sentence."""
    seconds: float = field(default=0.0, compare=False)

    @property
    def title(self) -> str:
        """``binary32 -> ocp_e4m3``, ``add binary16``."""
        return claim_title(self.operation, self.operands, self.result)

    def as_json(self) -> dict[str, Any]:
        """As plain data; ``spec/report.md`` documents it."""
        data = asdict(self)
        data["status"] = self.status.value
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Verdict":
        """The verdict that ``as_json`` gave. ``KeyError``, ``TypeError`` or ``ValueError`` for what is none."""
        verdict: Verdict = _read(cls, data)
        return verdict


@cache
def _fields(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, data: Any) -> Any:
    """What a type says that plain data is: a data class from its fields, a tuple from a list, an enumeration from a value."""
    if is_dataclass(kind):
        return kind(**{name: _read(of, data[name]) for name, of in _fields(kind).items()})  # type: ignore[operator, arg-type]
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in data)
    if get_origin(kind) is UnionType:
        return None if data is None else _read(get_args(kind)[0], data)
    return kind(data) if isinstance(kind, type) and issubclass(kind, Enum) else data
