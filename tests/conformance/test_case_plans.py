"""Plans of cases have the published sizes, are complete where they say so, and are the same bytes on every machine."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
from command_line import refmath

from conformance.cases import weighted
from conformance.cases.plan import Plan, applicable, plan
from conformance.cases.stream import Draws, wide, words
from conformance.cases.tables import input_fields, output_fields, patterns, weights
from conformance.claims import Codes
from formats.family import Format
from formats.notation import parse
from formats.projection import Projection
from refmath.errors import RefmathError
from refmath.rounding import Rounding

MASK = 2**64 - 1


def made(name: str, operation: str, *formats: str, to: str = "", how: Projection | None = None, budget: int | None = None, seed: int = 1) -> Plan:
    """A plan from names."""
    operands = tuple(parse(f) for f in formats)
    result = parse(to) if to else operands[0]
    return plan(name, operation, operands, result, how or result.default, budget, seed)


def columns(p: Plan) -> list[Codes]:
    """All cases of a plan, one array an operand, and R where there is one."""
    chunks = list(p.chunks())
    found = [np.concatenate([chunk.operands[i] for chunk in chunks]) for i in range(len(chunks[0].operands))]
    return [*found, np.concatenate([c.random for c in chunks if c.random is not None])] if chunks[0].random is not None else found


def digest(p: Plan) -> str:
    """The SHA-256 of a plan: its columns one after another, each code as text."""
    total = hashlib.sha256()
    for column in columns(p):
        total.update(" ".join(map(str, column.tolist())).encode())
    return total.hexdigest()


@pytest.mark.parametrize("name", ["exhaustive", "random", "testfloat 1", "testfloat 2"])
def test_formats_whose_codes_are_fewer_than_their_width_holds(name: str) -> None:
    """Three values in two bits: only their codes are tried, all nine pairs of them."""
    pairs = set(zip(*(column.tolist() for column in columns(made(name, "add", "codebook(1, 2, 3)", "codebook(1, 2, 3)"))), strict=True))
    assert pairs == {(a, b) for a in range(3) for b in range(3)}


def split_mix(state: int) -> int:
    """The generator as its authors wrote it, on Python integers."""
    z = state
    z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
    return z ^ z >> 31


def test_the_words_are_split_mix() -> None:
    """Words are those of SplitMix64, wherever the sequence is entered; the first of seed 0 is the value that everyone publishes."""
    assert int(words(0, 0, 1)[0]) == 0xE220A8397B1DCDAF
    key = 0xFEDCBA9876543210
    assert words(key, 5, 40).tolist() == [split_mix((key + (n + 1) * 0x9E3779B97F4A7C15) & MASK) for n in range(5, 45)]
    assert wide(key, 3, 2, 100).tolist() == [(int(words(key, n, 1)[0]) | int(words(key, n + 1, 1)[0]) << 64) & ((1 << 100) - 1) for n in (6, 8)]


def test_draws_are_within_bounds_and_reach_them() -> None:
    """A number below n is below n, and every such number comes up."""
    draws = Draws(1, "test")
    assert {draws.below(5) for _ in range(200)} == set(range(5))
    assert {draws.between(-1, 1) for _ in range(200)} == {-1, 0, 1}
    assert max(draws.getrandbits(130).bit_length() for _ in range(64)) > 120


@pytest.mark.parametrize(
    ("operation", "formats", "level_1", "level_2"),
    [
        ("add", ("binary16", "binary16"), 46464, 1254528),
        ("multiply", ("binary32", "binary32"), 46464, 7496192),
        ("divide", ("binary64", "binary64"), 46464, 2 * (22 * 204) ** 2),
        ("add", ("x87_extended", "x87_extended"), 46464, 2 * (22 * 248) ** 2),
        ("add", ("bfloat16", "bfloat16"), 46464, 2 * (22 * 24) ** 2),
        ("fma", ("binary16",) * 3, 6133248, 2 * (22 * 36) ** 3),
        ("fma", ("binary128",) * 3, 6133248, 2 * (22 * 444) ** 3),
        ("sqrt", ("binary16",), 408, 2448),
        ("sqrt", ("binary32",), 600, 8800),
        ("sqrt", ("binary64",), 768, 26112),
        ("sqrt", ("x87_extended",), 912, 37696),
        ("sqrt", ("binary128",), 936, 2 * 78 * 444),
        ("convert", ("int32",), 372, 15500),
        ("convert", ("uint64",), 756, 63756),
    ],
)
def test_testfloat_has_its_published_sizes(operation: str, formats: tuple[str, ...], level_1: int, level_2: int) -> None:
    """Both levels have as many cases as TestFloat 3e, whose quadruple P2 alone lacks an entry."""
    assert made("testfloat 1", operation, *formats).count == level_1
    assert made("testfloat 2", operation, *formats).count == level_2


def test_the_tables_are_those_of_half_precision() -> None:
    """Exponent fields and significands of binary16, as published."""
    f = parse("binary16")
    assert [field << 10 for field in input_fields(f)] == [0, 0x400, 0x1000, 0x3400, 0x3800, 0x3C00, 0x4000, 0x4400, 0x6800, 0x7800, 0x7C00]  # type: ignore[arg-type]
    assert len(output_fields(f)) == 17  # type: ignore[arg-type]
    published = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 0x300, 0x380, 0x3C0, 0x3E0, 0x3F0, 0x3F8, 0x3FC, 0x3FE, 0x3FF, 0x3FD, 0x3FB, 0x3F7, 0x3EF, 0x3DF]
    assert patterns(10) == [*published, 0x3BF, 0x37F, 0x2FF, 0x1FF, 0xFF, 0x7F, 0x3F, 0x1F, 0xF, 7, 3]
    assert list(zip(weights(f).masks, weights(f).offsets, strict=True)) == [(31, 0), (31, 0), (15, 8), (7, 12)]


def test_table_entries_come_in_all_combinations() -> None:
    """Level 1 of a binary operation has every pair of table entries, beside random operands."""
    x, y = columns(made("testfloat 1", "add", "ocp_e4m3", "ocp_e4m3"))
    both = set(zip(x[5::6].tolist(), y[5::6].tolist(), strict=True))
    assert len(both) == 80**2
    assert len(x) == 6 * 80**2


@pytest.mark.parametrize("name", ["binary16", "bfloat16", "binary64", "e2m1", "e8m0", "uint8", "int64", "posit16", "e4m3fnuz", "binary8p3se"])
def test_the_kernel_draws_as_the_definition_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled weighted distribution equals the one on Python integers."""
    f: Format = parse(name)
    monkeypatch.setattr(weighted, "wide", lambda key, start, count, bits: words(key ^ 1, 2 * start, 2 * count)[1::2])
    assert weighted.weighted(f, 77, 9, 500).tolist() == weighted._of_any_width(f, 77, 9, 500).tolist()


@pytest.mark.parametrize(("name", "operation", "formats"), [("random", "add", ("binary128",) * 2), ("testfloat 1", "fma", ("binary16",) * 3)])
def test_chunks_do_not_depend_on_where_they_start(name: str, operation: str, formats: tuple[str, ...]) -> None:
    """Any part of a plan, made by itself, is that part of the whole."""
    p = made(name, operation, *formats, budget=1000)
    whole, part = p.chunk(0, 1000), p.chunk(313, 200)  # type: ignore[attr-defined]
    for a, b in zip(whole.operands, part.operands, strict=True):
        assert a[313:513].tolist() == b.tolist()


def test_exhaustive_is_every_operand_once() -> None:
    """Every pair of codes, and every random operand with each."""
    x, y = columns(made("exhaustive", "add", "e2m1", "ocp_e4m3"))
    assert len(x) == len(set(zip(x.tolist(), y.tolist(), strict=True))) == 16 * 256
    how = Projection(Rounding.STOCHASTIC_A, bits=3)
    x, random = columns(made("exhaustive", "convert", "ocp_e4m3", to="e2m1", how=how))
    assert set(zip(x.tolist(), random.tolist(), strict=True)) == {(code, r) for code in range(256) for r in range(8)}


def test_exhaustive_streams_up_to_two_to_the_32() -> None:
    """2^32 cases are counted at once and made one chunk at a time; more are refused with a way out."""
    p = made("exhaustive", "add", "binary16", "binary16")
    assert p.count == 2**32
    assert len(next(p.chunks())) == 65536
    assert p.chunk(2**32 - 1, 1).operands[1].tolist() == [0xFFFF]  # type: ignore[attr-defined]
    with pytest.raises(RefmathError, match=r"are 2\^64 cases"):
        made("exhaustive", "add", "binary32", "binary32")
    with pytest.raises(RefmathError, match="tries all 256 cases, not 10"):
        made("exhaustive", "sqrt", "ocp_e4m3", budget=10)


def test_stochastic_modes_have_their_random_operand() -> None:
    """R is within its bits, 0 and the greatest come up often, and a mode without a number of bits is refused."""
    how = Projection(Rounding.STOCHASTIC_B, bits=100)
    random = columns(made("random", "add", "binary16", "binary16", how=how, budget=4000))[2].tolist()
    assert all(0 <= r < 1 << 100 for r in random)
    assert 400 < random.count(0) < 600 and 400 < random.count((1 << 100) - 1) < 600
    with pytest.raises(RefmathError, match="without a number of random bits"):
        made("random", "add", "binary16", "binary16", how=Projection(Rounding.STOCHASTIC))


def test_random_x87_operands_have_their_integer_bit() -> None:
    """No random code of x87 is an unnormal."""
    f = parse("x87_extended")
    for code in columns(made("random", "sqrt", "x87_extended", budget=300))[0].tolist():
        assert f.magnitude(code) is not None or (code >> 64) & 0x7FFF == 0x7FFF


def test_a_stream_goes_round_again() -> None:
    """A budget beyond the tables repeats their entries with other random operands."""
    p = made("testfloat 1", "sqrt", "binary16", budget=816)
    (x,) = columns(p)
    assert x[2:408:3].tolist() == x[410::3].tolist()
    assert x[0:408:3].tolist() != x[408::3].tolist()


def test_every_choice_changes_the_random_operands() -> None:
    """Seed, operation, formats and operand position have random words of their own."""
    first = [c.tolist() for c in columns(made("random", "add", "binary16", "binary16", budget=50))]
    assert first[0] != first[1]
    for other in (made("random", "add", "binary16", "binary16", budget=50, seed=2), made("random", "multiply", "binary16", "binary16", budget=50)):
        assert columns(other)[0].tolist() != first[0]


def test_an_unknown_model_is_named() -> None:
    """An unknown name, and an impossible budget, are one sentence with the remedy."""
    with pytest.raises(RefmathError, match="'B77' is not a model of cases; use one of exhaustive"):
        made("B77", "add", "binary16", "binary16")
    with pytest.raises(RefmathError, match="give at least 1"):
        made("random", "add", "binary16", "binary16", budget=0)


def test_models_that_do_not_apply_say_why() -> None:
    """``applicable`` lists every model, with the reason where it cannot be had."""
    f = parse("binary32")
    found = dict(applicable("add", (f, f), f))
    assert found["testfloat 1"] is None
    assert "2^64 cases" in (found["exhaustive"] or "")
    assert dict(applicable("sqrt", (f,), f))["exhaustive"] is None


PINNED = {
    ("testfloat 1", "add", ("binary16", "binary16"), 5000): "4b6b21d8f4166055c5ff4fe6c418f798bc8073e4550610cffb18482ccb15ac53",
    ("testfloat 2", "fma", ("binary64",) * 3, 999): "6c8c602fa96d33be09479d843cb3e188c4d88bf4e7cee2403297b46945f52979",
    ("testfloat 1", "add", ("binary128", "binary128"), 500): "16ae71c260c6a147820ce72ba6b5afc10e77162c0bf74444fc283e54eee4f4bf",
    ("testfloat 1", "multiply", ("posit16", "posit16"), 2000): "7e39e6b231f460f8157ea3338d207eb28b8486a0eec8e9f70b8353bc1778046d",
    ("testfloat 1", "add", ("int8", "int8"), 2000): "25d891cb9ca87438bbbfdedcaef36db35cac502d73ec72d81f1b2a0f6ba33e3d",
    ("random", "multiply", ("bfloat16", "bfloat16"), 3000): "9783c6f2f438a9a86fe9d8152897a98aa6e0cbd76a8d097dfa22565900b764ed",
}


@pytest.mark.parametrize("case", PINNED, ids=lambda case: f"{case[0]} {case[1]} {case[2][0]}")
def test_plans_are_the_same_bytes_everywhere(case: tuple[str, str, tuple[str, ...], int]) -> None:
    """The SHA-256 of several plans is pinned."""
    name, operation, formats, budget = case
    assert digest(made(name, operation, *formats, budget=budget)) == PINNED[case]


def test_stochastic_plans_are_the_same_bytes_everywhere() -> None:
    """So is that of one with random bits."""
    how = replace(parse("ocp_e4m3").default, rounding=Rounding.STOCHASTIC_A, bits=12)
    assert (
        digest(made("testfloat 1", "add", "ocp_e4m3", "ocp_e4m3", how=how, budget=1000)) == "502fe194c81cc5fee87c153663955af57b35e16ec0758f68acda219bcebdae90"
    )


def test_plans_of_wide_formats_are_listed_without_a_search() -> None:
    """Tasks that a theorem excludes are counted, those that a search might miss are marked; small formats have exact counts, which the plans have too."""
    wide = refmath("vectors", "fma", "--models", "binary128")
    (line,) = [line for line in wide.lines if line.startswith("B15 ")]
    assert wide.status == 0 and line.split()[-1] == "?" and "--tasks" in wide.lines[-1]
    small = refmath("vectors", "add", "--models", "e2m1")
    (line,) = [line for line in small.lines if line.startswith("B10 ")]
    p = made("B10", "add", "e2m1", "e2m1")
    assert line.split()[1:4] == [str(p.count), str(len(p.tasks)), str(len(p.impossible))] and "?" not in small.out
