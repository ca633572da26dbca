"""Dot products recorded on two GPUs are reproduced, bit for bit."""

from functools import lru_cache
from pathlib import Path

import pytest

from formats import Format, parse
from formats.units import unit

TRUTH = Path(__file__).resolve().parents[3] / "shared" / "truth" / "tensorcore"
needs_truth = pytest.mark.skipif(not TRUTH.is_dir(), reason="the recorded dot products of ../shared/truth/tensorcore are not here")

BINARY32 = parse("binary32")


def read(name: str, base: int) -> list[list[int]]:
    """The codes of a file, a list for each line."""
    return [[int(word, base) for word in line.split()] for line in (TRUTH / name).read_text().splitlines()]


@lru_cache(maxsize=1 << 16)
def narrowed(code: int, name: str) -> int:
    """A binary32 code as the code of the same number in a format that has it."""
    return parse(name).encode(BINARY32.decode(code))


def narrow(codes: list[int], fmt: Format) -> list[int]:
    """As ``narrowed``, for a list."""
    return [narrowed(code, fmt.name) for code in codes]


@needs_truth
@pytest.mark.parametrize(("gpu", "operands", "suffix"), [("V100", "binary16", "fp16"), ("A100", "bfloat16", "bf16")])
def test_binary32_results(gpu: str, operands: str, suffix: str) -> None:
    """All 2,000 of V100 (binary16, k = 4) and of A100 (bfloat16, k = 8), each with its addend c, have the recorded binary32 result."""
    a, b = (read(f"{which}_{gpu}_{suffix}.txt", 16) for which in "ab")
    c, d = (read(f"{which}_{gpu}_fp32.txt", 2) for which in "cd")
    fmt, matrix = parse(operands), unit(gpu)
    got = [matrix.dot(narrow(xs, fmt), narrow(ys, fmt), z, of=operands).code for xs, ys, (z,) in zip(a, b, c, strict=True)]
    assert len(got) == 2000
    assert got == [result for (result,) in d]


@needs_truth
def test_binary16_results() -> None:
    """All 2,000 of V100 with results in binary16: the addend in binary16 too, the nearest one to that of the binary32 run."""
    a, b = (read(f"{which}_V100_fp16.txt", 16) for which in "ab")
    c, d = read("c_V100_fp32.txt", 2), read("d_V100_fp16.txt", 2)
    half, matrix = parse("binary16"), unit("v100_binary16")
    addends = [half.round(BINARY32.decode(z)) for (z,) in c]
    got = [matrix.dot(narrow(xs, half), narrow(ys, half), z).code for xs, ys, z in zip(a, b, addends, strict=True)]
    assert len(got) == 2000
    assert got == narrow([result for (result,) in d], half)


@needs_truth
@pytest.mark.parametrize(
    ("gpu", "operands", "suffix", "others"), [("V100", "binary16", "fp16", ("turing", "h100", "cdna3")), ("A100", "bfloat16", "bf16", ("h100", "cdna3"))]
)
def test_other_units_give_other_results(gpu: str, operands: str, suffix: str, others: tuple[str, ...]) -> None:
    """The recorded results tell the units apart: by the parameters of any other one, more than 2 % of them come out differently."""
    a, b = (read(f"{which}_{gpu}_{suffix}.txt", 16) for which in "ab")
    c, d = (read(f"{which}_{gpu}_fp32.txt", 2) for which in "cd")
    fmt = parse(operands)
    for other in others:
        matrix = unit(other)
        rows = list(zip(a, b, c, d, strict=True))[:500]
        wrong = sum(matrix.dot(narrow(xs, fmt), narrow(ys, fmt), z, of=operands).code != result for xs, ys, (z,), (result,) in rows)
        assert wrong > 10, other
