"""The example of the interpreter runs and prints what it says."""

import subprocess
import sys
from pathlib import Path

LINES = [
    "x * x - 1.015625      0    fused: 0.000061",
    "y                     bfloat16('0.1') 0x3dcd exactly 205/2048   equals 1/10: False",
    "1.5 of two formats    True",
    "exp(x) / y, upwards   binary32('1.026739')   flags: inexact",
    "                      exp 1.1 -> 3.080217 (inexact)",
    "                      divide 3.080217 3 -> 1.026739 (inexact)",
    "240 * 2 of e4m3fn     nan   saturating: 448",
    "fma on codes          0x40580000 3.375   flags: inexact",
]


def test_the_example_prints_what_it_says() -> None:
    """examples/interpreter.py: numbers, contexts, codes. 1.125 * 3 + (2^-24 + 2^-47) rounds to 3.375."""
    example = Path(__file__).resolve().parents[2] / "examples" / "interpreter.py"
    run = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, timeout=120, check=True)
    assert run.stdout.splitlines() == LINES
    assert not run.stderr
