"""Emulators that are described in TOML or by options: programs and functions, right, wrong and misbehaving; and the guide, followed to the letter."""

import re
import shlex
import sys
from pathlib import Path

import pytest
from command_line import is_one_sentence, refmath

from conformance.budget import QUICK
from conformance.checker import check
from conformance.outside.description import confirm, described
from conformance.verdict import Status, Verdict
from refmath.errors import RefmathError

GUIDE = Path(__file__).parents[2] / "spec" / "emulators.md"
PYTHON = shlex.quote(sys.executable)
CLAIM = '[[claim]]\noperands = "binary16"\nresult = "ocp_e4m3"\n'
FUNCTIONS = """
import numpy as np
import ml_dtypes


def right(codes):
    with np.errstate(all="ignore"):
        return codes.view(np.float16).astype(ml_dtypes.float8_e4m3fn).view(np.uint8)


def values(x):
    return np.asarray(x, np.float16).astype(ml_dtypes.float8_e4m3fn).astype(np.float32)


def native(x):
    return x.astype(ml_dtypes.float8_e4m3fn)


def truncating(x, mode="nearest"):
    out = right(x)
    return out - (out > 0) if mode == "down" else out


def tensor(x):
    import torch

    return x.to(torch.float8_e5m2)


def tensor_values(x):
    import torch

    return x.to(torch.float32).to(torch.float8_e5m2).to(torch.float32)


def through_jax(x):
    import jax.numpy as jnp

    return x.astype(jnp.float8_e4m3fn)


def raises(x):
    raise KeyError("planted")


def no_array(x):
    return [1, 2]


def wrong_type(x):
    return x.astype(np.float64)


def text(x):
    return np.array(["a"] * x.size).reshape(x.shape)


def wrong_shape(x):
    return np.zeros(3, np.uint8)


def no_codes(x):
    return np.full(x.shape, 300)


def no_values(x):
    return x.astype(np.float32)


def native_code(code):
    return int(native(np.array([code], np.uint16).view(np.float16)).view(np.uint8)[0])


def careful(x):
    if 464 < abs(x):
        raise OverflowError("too far")
    return float(native(np.float16(x)))


def added(x, y):
    return x + y


number = 7
"""


@pytest.fixture(scope="module", autouse=True)
def functions(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A module that Python finds."""
    folder = tmp_path_factory.mktemp("functions")
    (folder / "outside_functions.py").write_text(FUNCTIONS)
    sys.path.append(str(folder))


def verdicts(document: str) -> list[Verdict]:
    adapter = described(document + "\n")
    return [check(claim, adapter, QUICK) for claim in adapter.claims()]


def by_function(name: str, more: str = "", claim: str = CLAIM) -> Verdict:
    return verdicts(f'python = "outside_functions:{name}"\n{more}\n{claim}')[0]


def by_program(body: str, claim: str = CLAIM) -> Verdict:
    """The verdict on a program in Python, which has the lines of its standard input in ``lines``."""
    code = f"import sys\nlines = sys.stdin.read().split(chr(10))[:-1]\n{body}"
    command = f"{PYTHON} -c {shlex.quote(code)}"
    escaped = command.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return verdicts(f'command = "{escaped}"\n{claim}')[0]


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("right", ""),
        ("values", 'arrays = "values"'),
        ("values", 'arrays = "float64"'),
        ("native", 'arrays = "values"'),
        ("tensor", 'library = "torch"\narrays = "values"'),
        ("tensor_values", 'library = "torch"\narrays = "float32"'),
        ("through_jax", 'library = "jax"\narrays = "values"'),
    ],
)
def test_a_right_function_agrees_whatever_arrays_it_takes(name: str, more: str) -> None:
    """Codes, values of the library's own types, values in wider ones; NumPy, torch, jax; shapes of every kind."""
    found = by_function(name, more, CLAIM.replace("ocp_e4m3", "ocp_e5m2") if "torch" in more else CLAIM)
    assert found.status is Status.AGREES, found
    assert found.exhaustive and found.cases == 65536


def test_keyword_arguments_reach_the_function_and_the_call() -> None:
    """What is right by default is wrong with another mode."""
    found = by_function("truncating", 'arguments = { mode = "down" }')
    assert found.status is Status.DIFFERS and found.call == "outside_functions:truncating(x, mode='down')"
    assert by_function("truncating").status is Status.AGREES


def test_a_claim_may_differ_from_the_rest_of_the_file() -> None:
    """Its own function, arrays and policies."""
    document = f'python = "outside_functions:right"\n{CLAIM}{CLAIM}python = "outside_functions:native"\narrays = "values"\nvariant = "own"\n'
    assert [found.status for found in verdicts(document)] == [Status.AGREES, Status.AGREES]
    wrong = CLAIM + 'rounding = "rtz"\noverflow = "saturate_finite"\n'
    assert by_function("right", claim=wrong).status is Status.DIFFERS


def test_a_function_of_numbers_is_judged_where_it_does_not_raise() -> None:
    """Python numbers, one at a time: integers for codes, floats for values; what raises is a finding, and the other results agree."""
    assert by_function("native_code", 'library = "python"').status is Status.AGREES
    found = by_function("careful", 'library = "python"\narrays = "float64"')
    assert (found.status, found.deviations, found.unexplained) == (Status.DIFFERS, ("raises OverflowError: too far",), 0)
    assert found.raised == found.defects == 2 * (0x7C00 - 0x5F40)  # from 464, whose code is 0x5f40, to infinity; abs(nan) > 464 is false


def test_a_program_says_where_it_has_no_result() -> None:
    """A line with an exclamation mark, and why; the other lines are codes."""
    claim = '[[claim]]\noperands = "binary16"\nresult = "ocp_e5m2"\nrounding = "toward_zero"\n'
    found = by_program("print(*('! NaN' if int(l, 16) & 0x7fff > 0x7c00 else l[:2] for l in lines), sep=chr(10))", claim)
    assert (found.raised, found.defects, found.deviations, found.layout_dependent) == (2 * 1023, 2 * 1023, ("raises NaN",), ())
    assert by_program("print(*('!' for l in lines), sep=chr(10))", claim).error.endswith("raised an error")


def test_an_operation_of_two_operands() -> None:
    """Addition on arrays of values, held in a wider type that rounds nothing."""
    claim = '[[claim]]\noperation = "add"\noperands = "e2m1"\nresult = "binary32"\n'
    assert by_function("added", 'arrays = "float32"', claim).status is Status.AGREES


def test_an_operation_of_a_program() -> None:
    """Two codes a line."""
    body = "for line in lines:\n    a, b = (int(word, 16) for word in line.split())\n    print(hex(a if (a ^ 8 if a < 8 else 7 - a) == 0 else max(a, b, key=lambda c: c if c < 8 else 7 - c)))"
    claim = '[[claim]]\noperation = "maximum"\noperands = ["e2m1", "e2m1"]\n'
    assert by_program(body, claim).status is Status.AGREES


def test_a_right_program_agrees_and_a_wrong_one_is_explained() -> None:
    """binary16 to an 8-bit format that is its head."""
    claim = '[[claim]]\noperands = "binary16"\nresult = "ocp_e5m2"\nrounding = "toward_zero"\n'
    truncate = "print(*(line[:2] for line in lines), sep=chr(10))"
    found = by_program(truncate, claim)
    assert found.status is Status.DIFFERS and found.deviations == ("NaNs are cut or rounded as if they were numbers",) and not found.unexplained
    nearest = by_program(truncate, claim.replace("toward_zero", "nearest_even"))
    assert "truncates" in nearest.deviations and not nearest.unexplained
    quiet = "print(*(hex(int(l[:2], 16) | (2 if int(l, 16) & 0x7fff > 0x7c00 else 0)) for l in lines), sep=chr(10))"
    assert by_program(quiet, claim).status is Status.AGREES


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("raises", "", "raised KeyError: 'planted'"),
        ("no_array", "", "returned list, not an array."),
        ("wrong_type", "", "returned float64, where codes of ocp_e4m3 are uint8."),
        ("wrong_shape", "", "returned shape (3,) for operands of shape (65536,)."),
        ("no_codes", "", "returned 0x12c, which is no code of ocp_e4m3 (8 bits)."),
        ("text", 'arrays = "float32"', "which holds no values of ocp_e4m3."),
        ("native", 'library = "torch"\narrays = "float32"', "raised AttributeError: 'Tensor' object has no attribute 'astype'"),
        ("right", "arguments = { mode = 1 }", "raised TypeError: right() got an unexpected keyword argument 'mode'"),
    ],
)
def test_a_misbehaving_function_is_one_sentence(name: str, more: str, words: str) -> None:
    """It failed to run, and why."""
    found = by_function(name, more)
    assert found.status is Status.FAILED and words in found.error and found.error.startswith(f"outside_functions:{name}(x")
    assert "\n" not in found.error


def test_results_that_are_no_values_are_counted() -> None:
    """binary32 numbers that no E4M3 code means: 65,536 less the values and NaNs."""
    found = by_function("no_values", 'arrays = "float32"')
    assert found.status is Status.DIFFERS and found.aliens == 65536 - 2 * 127 - 2 * 1023
    assert found.counterexamples[0].got.code.startswith("0x") and "none of ocp_e4m3" in found.counterexamples[0].remark


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("print('hello')", "answered 1 lines to 65,536 lines of operands."),
        ("print(*lines, 'more', sep=chr(10))", "answered 65,537 lines to 65,536 lines of operands."),
        ("print(*('maybe' for _ in lines), sep=chr(10))", "answered 'maybe' to '0000', which is no hexadecimal code."),
        ("print(*('100' for _ in lines), sep=chr(10))", "answered '100' to '0000', which is no code of ocp_e4m3 (8 bits)."),
        ("print(*('' for _ in lines), sep=chr(10))", "answered '' to '0000', which is no hexadecimal code."),
        ("print('3c'); sys.exit('out of luck')", "ended with exit status 1 after 1 of 65,536 lines, with 'out of luck' on its standard error."),
        ("import os; os.kill(os.getpid(), 11)", "was ended by SIGSEGV after 0 of 65,536 lines."),
        ("while True: print('3c' * 100)", "for 65,536 lines of operands."),
    ],
)
def test_a_misbehaving_program_is_one_sentence(body: str, words: str) -> None:
    """Too few lines, too many, nonsense, a bad end, no end of output."""
    found = by_program(body)
    assert found.status is Status.FAILED and words in found.error and "\n" not in found.error


def test_a_program_that_never_answers_meets_the_time_limit(tmp_path: Path) -> None:
    """It is ended, and so is what it started."""
    ran = refmath("check", "--command", "sleep 1000", "--source", "binary16", "--target", "ocp_e4m3", "--budget", "quick", "--time-limit", "1", "--json", "-")
    (found,) = ran.data["emulators"][0]["verdicts"]
    assert ran.status == 3 and found["error"] == "sleep 1000 did not answer within 1 s."


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("python = \n", "it is no TOML"),
        ('python = "a:b"', "it has no claim; write [[claim]]"),
        (f'pyton = "a:b"\n{CLAIM}', "'pyton' is no key of the file; use name, version, command, python"),
        (f'python = "a:b"\n{CLAIM}roundng = "rne"', "'roundng' is no key of a claim; use operation, operands, result, rounding"),
        (CLAIM, "say what to call: either command"),
        (f'python = "a:b"\ncommand = "cat"\n{CLAIM}', "say what to call: either command"),
        (f'command = "cat"\narrays = "codes"\n{CLAIM}', "arrays belongs to python = ...; a program takes lines of codes."),
        (
            f'command = "no-such-program"\n{CLAIM}',
            "'no-such-program' is no program here; name an installed one, or an executable file with its path: ./no-such-program.",
        ),
        (f'command = "./no-such-program"\n{CLAIM}', "'./no-such-program' is no program here; name an executable file."),
        (f'command = "cat \'"\n{CLAIM}', "is no command line: No closing quotation."),
        (f'python = "a"\n{CLAIM}', "'a' names no function; write module:function."),
        (f'python = "a:b"\nlibrary = "cupy"\n{CLAIM}', "library = 'cupy' is not known; use one of numpy, torch, jax, python."),
        (f'python = "a:b"\narrays = "float"\n{CLAIM}', "arrays = 'float' is no kind of arrays; use one of codes, values, float16, float32, float64"),
        ('python = "a:b"\narrays = "values"\n[[claim]]\noperands = "posit8"\nresult = "binary16"', "NumPy has no type for posit8"),
        (f'python = "a:b"\narguments = 3\n{CLAIM}', "arguments = '3' is no table"),
        (f"python = 3\n{CLAIM}", "python = '3' is no text; write it in quotes."),
        ('python = "a:b"\n[[claim]]\nresult = "binary16"', "it has no operands; write their formats"),
        ('python = "a:b"\n[[claim]]\noperands = "binary16"', "it has no result; write the format of the results"),
        ('python = "a:b"\n[[claim]]\noperands = "e4m3"\nresult = "binary16"', "'e4m3' may mean ocp_e4m3"),
        ('python = "a:b"\n[[claim]]\noperands = ["binary16", "binary16"]\nresult = "binary16"', "convert takes 1 operand, and operands has 2."),
        (f'python = "a:b"\n{CLAIM}operation = "addd"', "'addd'"),
        (f'python = "a:b"\n{CLAIM}rounding = "up"', "'up' is not a rounding mode"),
        (f'python = "a:b"\n{CLAIM}rounding = "stochastic_a"', "draws random bits"),
        (f'python = "a:b"\n{CLAIM}nans = "none"', "nans = 'none' is no choice; use one of canonical, propagate"),
        (f'python = "a:b"\n{CLAIM}refuses = ["NaN"]', "refuses = \"['NaN']\" is no list of kinds of operands; use nan, infinity"),
        (f'python = "a:b"\n{CLAIM}variant = 3', "variant = '3' is no text"),
        (f'python = "a:b"\n{CLAIM}{CLAIM}', "two claims are the same"),
    ],
)
def test_a_description_at_fault_is_one_sentence(document: str, words: str, tmp_path: Path) -> None:
    """Before anything is run, with the name of the file."""
    file = tmp_path / "claims.toml"
    file.write_text(document)
    with pytest.raises(RefmathError) as caught:
        confirm(str(file))
    message = str(caught.value)
    assert message.startswith(str(file)) and words in message and "\n" not in message and message[-1] in ".?"


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("no_such_module:f", "there is no module 'no_such_module' in this folder or among the installed ones."),
        ("outside_functions:no_such_function", "the module 'outside_functions' has no 'no_such_function'."),
        ("outside_functions:number", "'outside_functions:number' is no function, but a value of type int."),
        ("outside_broken:f", "the module 'outside_broken' needs 'no_such_package', which is not installed."),
        ("outside_raising:f", "importing 'outside_raising' raised ZeroDivisionError: division by zero"),
    ],
)
def test_a_function_that_is_not_there_is_one_sentence(python: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing module, a missing function, what is none, a module that fails."""
    (tmp_path / "outside_broken.py").write_text("import no_such_package\n")
    (tmp_path / "outside_raising.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RefmathError) as caught:
        described(f'python = "{python}"\n{CLAIM}')
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--command", "cat"], "--source FORMAT of the operands, --target FORMAT of the results"),
        (["--arrays", "codes"], "--arrays belongs to --python"),
        (["--rounding", "rtz", "torch"], "--rounding belongs to --command and --python"),
        (["--command", "no-such-program", "--source", "binary16", "--target", "bfloat16"], "is no program here"),
        (["--python", "a:b", "--arrays", "bits", "--source", "binary16", "--target", "bfloat16"], "arrays = 'bits' is no kind of arrays"),
        (["--python", "a:b", "--operation", "all", "--source", "binary16"], "--operation all is not for"),
        (["--claims", "claims"], "'claims' is no file of claims; name one that ends with .toml."),
        (["--claims", "no-such-file.toml"], "Cannot read 'no-such-file.toml': No such file or directory."),
        (["no-such-emulator"], "or a file of claims that ends with .toml."),
    ],
)
def test_options_at_fault_are_bad_input(arguments: list[str], words: str) -> None:
    """One sentence, status 2, nothing run."""
    ran = refmath("check", *arguments)
    assert ran.status == 2 and is_one_sentence(ran.err) and words in ran.err


def test_the_guide_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files, written as they stand, checked by its own commands."""
    page = GUIDE.read_text()
    blocks = {kind + str(at): body for at, (kind, body) in enumerate(re.findall(r"```(\w*)\n(.*?)```", page, re.DOTALL))}
    (tmp_path / "truncate.py").write_text(blocks["python0"])
    (tmp_path / "my_formats.py").write_text(blocks["python2"])
    (tmp_path / "my_formats.toml").write_text(blocks["toml4"])
    monkeypatch.chdir(tmp_path)
    ran = {at: refmath(*shlex.split(blocks[at])[1:], "--budget", "quick") for at in ("1", "3", "5")}
    assert all(one.status == 1 and not one.err for one in ran.values())
    assert "truncates; NaNs are cut or rounded as if they were numbers" in ran["1"].out
    assert "NaNs are cut or rounded as if they were numbers" in ran["3"].out and "truncates" not in ran["3"].out
    assert "my formats 1.0, cpu   2 claims" in ran["5"].out and "truncates" not in ran["5"].out
