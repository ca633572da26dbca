"""Distances in steps, P3109's kappa of one case, counted on the line of all finite values."""

from itertools import product

import numpy as np
import pytest

from conformance.compare import SPECIAL, distances, mismatch_class
from formats.arrays import dtype
from formats.notation import parse
from refmath.datum import Finite

FORMATS = ("ocp_e4m3", "ocp_e5m2", "e4m3fnuz", "binary8p3se", "binary8p1uf", "e8m0", "e2m1", "int8")


@pytest.mark.parametrize("name", FORMATS)
def test_steps_are_counted_on_the_line_of_values(name: str) -> None:
    """Of every pair of codes: how many places their values are apart in the sorted list of values; no number where one is not finite or only a sign of zero differs."""
    fmt = parse(name)
    data = [fmt.decode(code) for code in fmt]
    line = sorted({datum.value for datum in data if isinstance(datum, Finite)})  # type: ignore[type-var]
    place = {value: at for at, value in enumerate(line)}
    pairs = list(product(fmt, fmt))
    got, expected = (np.array(codes, dtype(fmt)) for codes in zip(*pairs, strict=True))
    found = distances(fmt, got, expected).tolist()
    for (one, other), steps in zip(pairs, found, strict=True):
        x, y = data[one], data[other]
        if one == other:
            assert steps == 0
        elif not isinstance(x, Finite) or not isinstance(y, Finite) or x.value == y.value:
            assert steps == SPECIAL, (name, one, other, steps)
        else:
            assert steps == abs(place[x.value] - place[y.value]), (name, one, other, steps)


def test_kappa_is_no_number_where_only_one_side_is_nan_or_infinite() -> None:
    """A NaN on one side beats an infinity on one side; equal infinities and two NaNs are no mismatch."""
    fmt = parse("ocp_e5m2")

    def found(got: list[int], expected: list[int]) -> str:
        return mismatch_class(fmt, np.array(got, np.uint8), np.array(expected, np.uint8))

    assert found([0x7C, 0x7D], [0x7C, 0x7F]) == ""
    assert found([0x7B], [0x7C]) == "inf" and found([0xFC], [0x7C]) == "inf"
    assert found([0x7B, 0x7D], [0x7C, 0x00]) == "nan"
