"""The matrix units of GPUs, as literals: what each makes of a dot product of any length, group after group.

F and the sizes of groups are those of the published models (arXiv 2511.10909, arXiv 2512.07004), which reproduce recorded results of the units bit for bit. Where one unit
has several groups, by the type of its operands, each is named. ``_binary16`` marks results, and addends, in binary16; all others are binary32 (binary64 for ``binary64``).
"""

from refmath.accumulation.aligned import Aligned, NaNResult, When
from refmath.accumulation.blocked import Blocked
from refmath.accumulation.model import Model
from refmath.accumulation.ordered import Pairwise, Sequential
from refmath.rounding import Rounding

NEAREST = Rounding.NEAREST_EVEN

NVIDIA = (
    Aligned(name="v100", group=4, fraction=23),
    Aligned(name="v100_binary16", group=4, fraction=23, final=NEAREST, final_fraction=None),
    Aligned(name="turing", group=8, fraction=24),
    Aligned(name="turing_binary16", group=8, fraction=24, final=NEAREST, final_fraction=None),
    Aligned(name="a100", group=8, fraction=24),
    Aligned(name="a100_binary16", group=8, fraction=24, final=NEAREST, final_fraction=None),
    Aligned(name="a100_tf32", group=4, fraction=24),
    Aligned(name="ada", group=8, fraction=24),
    Aligned(name="ada_binary16", group=8, fraction=24, final=NEAREST, final_fraction=None),
    Aligned(name="ada_tf32", group=4, fraction=24),
    Aligned(name="ada_fp8", group=16, fraction=13, final_fraction=13),
    Aligned(name="ada_fp8_binary16", group=16, fraction=13, final=NEAREST, final_fraction=None),
    Aligned(name="h100", group=16, fraction=25),
    Aligned(name="h100_binary16", group=16, fraction=25, final=NEAREST, final_fraction=None),
    Aligned(name="h100_tf32", group=8, fraction=25),
    Aligned(name="h100_fp8", group=32, fraction=13, final_fraction=13),
    Aligned(name="h100_fp8_binary16", group=32, fraction=13, final=NEAREST, final_fraction=None),
    Aligned(name="b200", group=16, fraction=25),
    Aligned(name="b200_binary16", group=16, fraction=25, final=NEAREST, final_fraction=None),
    Aligned(name="b200_tf32", group=8, fraction=25),
    Aligned(name="b200_fp8", group=32, fraction=25),
    Aligned(name="b200_fp8_binary16", group=32, fraction=25, final=NEAREST, final_fraction=None),
    Aligned(name="b200_mx", group=32, fraction=25),
    Aligned(name="b200_nvfp4", group=64, fraction=35, presum=16),
)
"""NVIDIA's: c is one of the aligned terms; truncation to binary32, nearest even to binary16."""

AMD = (
    Blocked(name="cdna1", size=4, inner=Pairwise()),
    Blocked(name="cdna1_bfloat16", size=2, inner=Pairwise()),
    Blocked(name="cdna2", size=4, inner=Pairwise()),
    Blocked(name="cdna2_bfloat16", size=2, inner=Pairwise()),
    Aligned(name="cdna3", group=8, fraction=24, final=NEAREST, final_fraction=None, limit=128, c=When.LATE, nan=NaNResult.CANONICAL),
    Aligned(
        name="cdna3_fp8", group=16, fraction=24, final=NEAREST, final_fraction=None, interleave=2, limit=128, c=When.LATE, c_range=25, nan=NaNResult.CANONICAL
    ),
)
"""AMD's: nearest even throughout. That CDNA2 flushes subnormal numbers is a matter of its formats, not of its order."""

UNITS: dict[str, Model] = {model.name: model for model in (*NVIDIA, *AMD, Sequential(name="binary64", fma=True))}
"""Every named unit; ``binary64`` is what all of them do with binary64 operands."""

ALIASES = {
    "volta": "v100", "t4": "turing", "ampere": "a100", "a2": "a100", "a30": "a100", "l40s": "ada", "hopper": "h100", "h200": "h100", "blackwell": "b200",
    "hopper_fp8": "h100_fp8", "h200_fp8": "h100_fp8", "l40s_fp8": "ada_fp8", "nvfp4": "b200_nvfp4",
    "mi100": "cdna1", "mi210": "cdna2", "mi250": "cdna2", "mi250x": "cdna2", "mi300": "cdna3", "mi300a": "cdna3", "mi300x": "cdna3",
}  # fmt: skip
"""Other names for them."""
