"""The specification: its generated parts are current, its links and its named theorems exist, its numbers are exact."""

import importlib
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest
from gmpy2 import mpq

from formats import CATALOGUE, Float, parse
from formats.block_notation import CHOICES
from formats.block_policies import Policy
from refmath.overflow import Overflow
from refmath.rounding import Rounding

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "spec").glob("*.md"))


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The generator, which is no installed package."""
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("spec.generate")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``python -m spec`` in a folder that holds ``spec``."""
    return subprocess.run([sys.executable, "-m", "spec", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_generated_parts_are_current() -> None:
    """``python -m spec --check`` finds every formula, table and worked case as the code has it; if not, run ``python -m spec``."""
    found = run(ROOT, "--check")
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_a_stale_part_is_named_and_rewritten(tmp_path: Path) -> None:
    """With one digit of one table changed, ``--check`` says which part of which page and exits with 1; a run restores the page to the byte."""
    shutil.copytree(ROOT / "spec", tmp_path / "spec")
    page = tmp_path / "spec" / "catalogue.md"
    original = page.read_text(encoding="utf-8")
    page.write_text(original.replace("| 448 `0x7e` |", "| 449 `0x7e` |", 1), encoding="utf-8")
    found = run(tmp_path, "--check")
    assert (found.returncode, found.stdout) == (1, "catalogue.md: catalogue-extremes out of date; run python -m spec\n")
    assert page.read_text(encoding="utf-8") != original
    assert run(tmp_path).returncode == 0
    assert page.read_text(encoding="utf-8") == original


def test_text_outside_the_markers_is_never_touched(generate: ModuleType) -> None:
    """Only what stands between the markers changes; a current part is not reported."""
    page = "before\n<!-- generated: a -->\nold\n<!-- end -->\nbetween `<!-- generated: x -->`\n<!-- generated: b -->\n\nsame\n\n<!-- end -->\nafter\n"
    new, shown, changed = generate.render(page, {"a": lambda: "new\n", "b": lambda: "same"}, "page")
    assert new == page.replace("\nold\n", "\n\nnew\n\n")
    assert (shown, changed) == ({"a", "b"}, ["a"])


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("<!-- generated: a -->\ntext\n", "do not pair"),
        ("text\n<!-- end -->\n", "do not pair"),
        ("<!-- generated: a -->\n<!-- generated: a -->\n<!-- end -->\n", "do not pair"),
        ("<!-- generated: b -->\n<!-- end -->\n", "b is not a generated part; the parts are a"),
        ("nothing\n", "no page shows a"),
    ],
)
def test_damaged_pages_are_refused(generate: ModuleType, tmp_path: Path, page: str, complaint: str) -> None:
    """Markers that do not pair, unknown parts and parts that no page shows are errors, and nothing is written."""
    path = tmp_path / "page.md"
    path.write_text(page, encoding="utf-8")
    with pytest.raises(generate.PageError, match=complaint):
        generate.regenerate([path], {"a": lambda: "new"}, write=True)
    assert path.read_text(encoding="utf-8") == page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_theorems_exist(page: Path) -> None:
    """Every relative link leads to a page and a heading of it, and every test that a page names is there."""
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
        other = page if not target else page.parent / target
        assert other.exists(), target
        if anchor:
            headings = [
                re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
                for line in other.read_text(encoding="utf-8").splitlines()
                if line[:1] == "#"
            ]
            assert anchor in headings
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+)`", text):
        assert f"def {name}(" in tests
    for path in re.findall(r"`((?:tests|formats|refmath)/[\w/]+\.py)`", text):
        assert (ROOT / path).exists()


def test_every_page_is_in_the_contents() -> None:
    """README.md links to every other page."""
    contents = (ROOT / "spec" / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if page.name != "README.md" and f"]({page.name})" not in contents] == []


def test_every_format_mode_and_policy_is_in_the_pages() -> None:
    """The catalogue lists every format by its canonical name, the page on rounding every mode and policy."""
    catalogue = (ROOT / "spec" / "catalogue.md").read_text(encoding="utf-8")
    rounding = (ROOT / "spec" / "rounding.md").read_text(encoding="utf-8")
    assert [named.format.name for named in CATALOGUE if f"| `{named.format.name}` |" not in catalogue] == []
    assert [item.value for item in [*Rounding, *Overflow] if f"| `{item.value}` |" not in rounding] == []


def read(number: str) -> Fraction:
    """A number as the tables write it, read as arithmetic."""
    text = number.replace("\N{MINUS SIGN}", "-").replace("\N{MULTIPLICATION SIGN}", "*")
    text = re.sub(r"2<sup>(-?\d+)</sup>", r"Fraction(2) ** (\1)", text)
    return Fraction(eval(re.sub(r"\d+\.\d+", lambda match: f"Fraction('{match[0]}')", text), {"Fraction": Fraction}))


def test_numbers_in_tables_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed for an extreme, and for values of every size and sign, is that number when it is read back."""
    monkeypatch.syspath_prepend(str(ROOT))
    number = importlib.import_module("spec.markdown").number
    floats = [named.format for named in CATALOGUE if isinstance(named.format, Float) and named.format.exponent_bits <= 11]
    values = [f.value(code) for f in floats for code in {f.least, f.least_normal or 0, f.greatest(), 1 + f.greatest() // 2}]
    values += [mpq(n) * mpq(2) ** e for n in (0, 1, -1, 3, 5, 9999, 10001, 2**31 - 1, -(2**40) + 3) for e in (-70, -5, -4, -1, 0, 1, 20, 70)]
    for x in values:
        assert read(number(x)) == Fraction(int(x.numerator), int(x.denominator)), number(x)
    assert len(values) > 100


def test_the_greatest_values_that_everyone_knows() -> None:
    """The catalogue page against the numbers in the standards, typed here."""
    page = (ROOT / "spec" / "catalogue.md").read_text(encoding="utf-8")
    known = {"binary16": "65504 `0x7bff`", "ocp_e4m3": "448 `0x7e`", "ocp_e5m2": "57344 `0x7b`", "e4m3fnuz": "240 `0x7f`", "e3m2": "28 `0x1f`", "e2m3": "7.5 `0x1f`", "e2m1": "6 `0x7`", "ue5m3": "61440 `0xf7`"}  # fmt: skip
    for name, greatest in known.items():
        assert f"| `{name}` | {greatest} |" in page


def test_every_choice_about_blocks_is_in_the_page() -> None:
    """blocks.md lists every axis of a policy with its default, and every choice of each axis that has its own."""
    page = (ROOT / "spec" / "blocks.md").read_text(encoding="utf-8")
    assert [item.name for item in fields(Policy) if f"\n| `{item.name}` | `" not in page] == []
    assert [(axis, item.value) for axis, kind in CHOICES.items() for item in kind if f"| `{axis}` | `{item.value}` |" not in page] == []


def test_what_others_say_of_blocks_is_in_the_page() -> None:
    """The scales of E2M1 for amax 4.1, 6.1 and 7 by floor, ceil, even and rceil, its ties both ways, and the UE5M3 scale 40960, as they are known elsewhere."""
    page = (ROOT / "spec" / "blocks.md").read_text(encoding="utf-8")
    exponents = {amax: re.findall(r"2<sup>(\d)</sup>:", line) for amax, line in re.findall(r"^\| (4\.1|6\.1|7) (\|.*)$", page, re.MULTILINE)}
    assert exponents == {"4.1": ["0", "1", "0", "0"], "6.1": ["0", "1", "0", "1"], "7": ["0", "1", "1", "1"]}
    assert "| `nearest_even` | 0 | 1 | 1 | 2 | 2 | 4 | 4 |" in page and "| `nearest_away` | 0.5 | 1 | 1.5 | 2 | 3 | 4 | 6 |" in page
    assert re.search(r"Graphcore \| 38912 \| 40960 `0xf2` \|", page) and re.search(r"\(amax_b G\) / 6 \| [\d.]+ \| 36864 `0xf1` \|", page)


def test_the_example_of_the_overflow_rule() -> None:
    """The sentence of rounding.md: 464 rounds to 448 in OCP E4M3 and is in range, 465 is not."""
    fmt = parse("ocp_e4m3")
    assert fmt.project(mpq(464))[0] == 0x7E
    assert fmt.project(mpq(465))[0] == fmt.nan()
