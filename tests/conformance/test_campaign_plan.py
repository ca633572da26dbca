"""Plans: every slip is one sentence with the place and the remedy; every spelling of the same plan is the same plan."""

from pathlib import Path

import pytest
from command_line import is_one_sentence, refmath

from conformance.campaign.plan import read_plan
from conformance.limits import Limits
from refmath.errors import RefmathError

GOOD = '[[check]]\nemulators = ["numpy"]\n'


def complaint(tmp_path: Path, text: str | bytes) -> str:
    """What is said about a plan, seen from the command line as one sentence with status 2."""
    path = tmp_path / "p.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = refmath("campaign", "start", str(path))
    assert ran.status == 2 and is_one_sentence(ran.err) and not ran.out
    assert not path.with_suffix(".ledger").exists()
    with pytest.raises(RefmathError) as caught:
        read_plan(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "place", "remedy"),
    [
        ("seed = ", "no TOML", "end of document"),
        ("a = 1\na = 2", "no TOML", "mend that place"),
        ('[[check]\nemulators = ["numpy"]', "no TOML", "line 1"),
        (b"\xff\xfe", "byte 0", "UTF-8"),
        (b"title = '\x00'", "no TOML", "line 1"),
        ("a = " + "[" * 5000, "p.toml", "deep"),
        ("", "[[check]]", "add one"),
        ("[check]\nemulators = ['numpy']", "[[check]]", "double brackets"),
        ("check = 3", "[[check]]", "double brackets"),
        ("check = [1]", "[[check]]", "double brackets"),
        ("sede = 1\n" + GOOD, "'sede'", "did you mean 'seed'"),
        ("zzz = 1\n" + GOOD, "'zzz'", "the keys here are title, seed"),
        (GOOD + "operation = ['add']", "check 1", "did you mean 'operations'"),
        (GOOD + GOOD + "target = ['add']", "check 2", "did you mean 'targets'"),
        ("[limits]\ntimes = 1\n" + GOOD, "limits", "did you mean 'time'"),
        ("limits = 3\n" + GOOD, "key 'limits'", "write a table, [limits]"),
        ("[limits]\ntime = 0\n" + GOOD, "limits, key 'time'", "an integer from 1"),
        ("[limits]\ntime = 1.5\n" + GOOD, "limits, key 'time'", "an integer from 1"),
        ("[limits]\nmemory = '1 parsec'\n" + GOOD, "limits, key 'memory'", "write it like 4G"),
        ("[limits]\nmemory = '1K'\n" + GOOD, "limits, key 'memory'", "give more memory"),
        ("[limits]\nmemory = 4\n" + GOOD, "limits, key 'memory'", "a text in quotes"),
        ("seed = -1\n" + GOOD, "key 'seed'", "-1 is no value for it; write an integer from 0"),
        ("seed = true\n" + GOOD, "key 'seed'", "true or false is no value"),
        ("seed = 1e3\n" + GOOD, "key 'seed'", "a number is no value"),
        ("seed = 18446744073709551616\n" + GOOD, "key 'seed'", "18,446,744,073,709,551,616 is no value"),
        ("seed = 1979-05-27\n" + GOOD, "key 'seed'", "a date or a time is no value"),
        ("counterexamples = 0\n" + GOOD, "key 'counterexamples'", "from 1 to 1,000"),
        ("title = 3\n" + GOOD, "key 'title'", "a text in quotes"),
        ("budget = 'fast'\n" + GOOD, "key 'budget'", "write quick, standard, exhaustive, or a table"),
        ("budget = 3\n" + GOOD, "key 'budget'", "text"),
        (GOOD + "budget = { sample = 3 }", "check 1, budget", "did you mean 'samples'"),
        (GOOD + "budget = { samples = 0 }", "check 1, budget, key 'samples'", "from 1"),
        (GOOD + "budget = { layouts = 'some' }", "check 1, budget, key 'layouts'", "write all or few"),
        ("[[check]]\noperations = ['add']", "check 1, key 'emulators'", "it is missing"),
        ("[[check]]\nemulators = []", "check 1, key 'emulators'", "an empty array"),
        ("[[check]]\nemulators = [3]", "check 1, key 'emulators'", "an integer stands in the array"),
        ("[[check]]\nemulators = { a = 1 }", "check 1, key 'emulators'", "an array of texts"),
        ("[[check]]\nemulators = ['pytorch']", "check 1, key 'emulators'", "use one of torch"),
        ("[[check]]\nemulators = ['a b:c']", "check 1, key 'emulators'", "write module:function"),
        (GOOD + "devices = ['']", "check 1, key 'devices'", "write one such as cpu"),
        (GOOD + "operations = ['ad']", "check 1, key 'operations'", "'ad'"),
        (GOOD + "sources = ['binry32']", "check 1, key 'sources'", "'binry32'"),
        (GOOD + "targets = ['e4m3']", "check 1, key 'targets'", "say which"),
    ],
)
def test_a_slip_is_named_with_its_place_and_the_remedy(tmp_path: Path, text: str | bytes, place: str, remedy: str) -> None:
    """Syntax, unknown keys, wrong types, values out of range, names that do not exist."""
    said = complaint(tmp_path, text)
    assert place in said and remedy in said and "p.toml" in said


def test_a_plan_that_is_no_file(tmp_path: Path) -> None:
    """Missing, a folder, far too large."""
    for path, word in ((tmp_path / "none.toml", "There is no plan"), (tmp_path, "is a folder")):
        ran = refmath("campaign", "status", str(path))
        assert ran.status == 2 and is_one_sentence(ran.err) and word in ran.err
    assert "larger than" in complaint(tmp_path, "# " + "x" * (1 << 20))


def test_spellings_of_one_plan_are_one_plan(tmp_path: Path) -> None:
    """Aliases, a single text for an array, order of keys, comments, defaults written out."""
    plain, other = tmp_path / "a.toml", tmp_path / "b.toml"
    plain.write_text("seed = 2\n[[check]]\nemulators = ['numpy']\noperations = ['add']\nsources = ['binary16']\n")
    other.write_text(
        "# the same\nbudget = 'standard'\nseed = 0x2\n[limits]\nmemory = '8 GiB'\ntime = 120\n"
        "[[check]]\nsources = 'float16'\noperations = 'addition'\nemulators = 'numpy'\ndevices = 'cpu'\n"
    )
    assert read_plan(plain) == read_plan(other)


def test_budgets_come_from_the_plan_and_from_each_check(tmp_path: Path) -> None:
    """The check's own budget goes first; the seed and the cap are the plan's throughout."""
    path = tmp_path / "p.toml"
    path.write_text("seed = 9\ncounterexamples = 3\nbudget = 'quick'\n[limits]\ntime = 7\nmemory = 'none'\n" + GOOD + GOOD + "budget = { samples = 5 }\n")
    plan = read_plan(path)
    first, second = plan.checks
    assert plan.limits == Limits(7.0, 0)
    assert (first.budget.samples, first.budget.seed, first.budget.kept, first.budget.thorough_layouts) == (2048, 9, 3, False)
    assert (second.budget.samples, second.budget.seed, second.budget.kept) == (5, 9, 3)
