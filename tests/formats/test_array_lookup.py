"""Look-ups of the runs of a conversion: cells lead to the run of every code, and tables are made once and kept on disk."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from formats import array_lookup, runs
from formats import cache as disk
from formats.array_lookup import SEARCH, Lookup, cells_of, lookup_for, run_lookup
from formats.arrays import convert, convert_codes, dtype
from formats.notation import parse
from formats.projection import AbsentNaN
from refmath.errors import RefmathError
from refmath.rounding import DETERMINISTIC


@pytest.mark.parametrize("width", [17, 19, 24, 32])
@pytest.mark.parametrize("crowded", [False, True])
def test_cells_lead_to_the_run_of_every_code(width: int, crowded: bool) -> None:
    """Random runs, spread evenly or so crowded that cells have to be searched: what a plain search finds, beside every start and at random codes."""
    rng = np.random.default_rng(width + crowded)
    spread = rng.integers(1, 1 << width, 3000, np.uint64)
    starts = np.unique(np.concatenate(([0], spread >> rng.integers(0, width, 3000, np.uint64) if crowded else spread, spread[:500] + 1))).astype(np.uint64)
    starts = starts[starts < 1 << width].astype(np.uint32)
    results, flags = rng.integers(0, 1 << 16, len(starts), np.uint16, endpoint=False), rng.integers(0, 3, len(starts), np.uint8)
    near = (starts.astype(np.int64)[:, None] + np.arange(-2, 3)).reshape(-1) % (1 << width)
    codes = np.concatenate((near, rng.integers(0, 1 << width, 100_000))).astype(np.uint32)
    at = np.searchsorted(starts, codes, "right") - 1
    table = Lookup(cells_of(starts, results, width, False), cells_of(starts, flags, width, True))
    assert not crowded or (table.codes.cells == SEARCH).any()
    out, raised = np.empty(len(codes), np.uint16), np.empty(len(codes), np.uint8)
    run_lookup(table, codes, out, raised)
    assert np.array_equal(out, results[at]) and np.array_equal(raised, flags[at])


@pytest.mark.parametrize("target", ["lns4.4", "takum_log9", "e8m0", "nf4", "ue4m3", "codebook(0, 1/3, 7/5, -2)", "binary9p3uf"])
@pytest.mark.parametrize("source", ["binary32", "posit32", "q8.12", "takum24"])
def test_conversions_into_tabulated_targets(source: str, target: str) -> None:
    """Codes beside every threshold, and random ones: codes and flags of the reference, in a mode that changes with the pair."""
    s, t = parse(source), parse(target)
    mode = DETERMINISTIC[(len(source) + len(target) * 3) % len(DETERMINISTIC)]
    how = replace(t.default, rounding=mode, absent_nan=AbsentNaN.GREATEST)
    table = lookup_for(s, t, how, 1 << 24, "reference")
    assert table is not None
    rng = np.random.default_rng(7)
    starts = rng.choice(table.flags.starts.astype(np.int64), 150)
    codes = np.concatenate(((starts[:, None] + [-1, 0, 1]).reshape(-1) % s.codes, rng.integers(0, s.codes, 150))).astype(dtype(s))
    out, flags = np.empty(len(codes), dtype(t)), np.empty(len(codes), np.uint8)
    run_lookup(table, codes, out, flags)
    expected, expected_flags = convert(codes, s, t, how, engine="reference")
    assert np.array_equal(out, expected) and np.array_equal(flags, expected_flags)


def test_runs_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second process, whose memory is empty, reads them from disk; a damaged file means that they are made again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    disk.folder.cache_clear()
    array_lookup._lookup.cache_clear()
    try:
        source, target = parse("binary32"), parse("lns3.3")
        codes = np.random.default_rng(1).integers(0, 1 << 32, 5000, np.uint32)
        how = replace(target.default, absent_nan=AbsentNaN.ZERO)
        expected = convert_codes(codes, source, target, how)
        made = list((tmp_path / "refmath" / "runs").iterdir())
        assert len(made) == 1
        array_lookup._lookup.cache_clear()
        asked: list[object] = []
        inner = runs.runs
        monkeypatch.setattr(runs, "runs", lambda *arguments: asked.append(arguments) or inner(*arguments))
        assert np.array_equal(convert_codes(codes, source, target, how), expected) and not asked
        made[0].write_bytes(made[0].read_bytes()[:-1])
        array_lookup._lookup.cache_clear()
        assert np.array_equal(convert_codes(codes, source, target, how), expected) and len(asked) == 1
    finally:
        disk.folder.cache_clear()
        array_lookup._lookup.cache_clear()


def test_a_nan_without_a_place_to_go_is_refused_where_it_occurs() -> None:
    """5,000 numbers into a grid without a NaN are looked up; with a NaN among them they are refused."""
    source, target = parse("binary32"), parse("lns3.3")
    codes = np.random.default_rng(2).normal(size=5000).astype(np.float32).view(np.uint32)
    expected, flags = convert(codes, source, target, replace(target.default, absent_nan=AbsentNaN.ZERO))
    got, got_flags = convert(codes, source, target)
    assert np.array_equal(got, expected) and np.array_equal(got_flags, flags) and np.array_equal(convert_codes(codes, source, target), expected)
    codes[4321] = 0x7FC00000
    for run in (convert, convert_codes):
        with pytest.raises(RefmathError, match="has no NaN to deliver"):
            run(codes, source, target)
