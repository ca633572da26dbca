"""Headers say what the format says: compiled by a C compiler and by a Verilog compiler, and asked about every code."""

import shutil
import subprocess
from pathlib import Path

import pytest
from command_line import is_one_sentence, refmath

from conformance.headers.c import header
from conformance.headers.facts import facts
from conformance.headers.systemverilog import package
from formats.catalogue import CATALOGUE
from formats.floats import Float
from formats.notation import parse
from refmath.datum import NaN, NotAReal

FORMATS = (
    "ocp_e4m3",
    "ocp_e5m2",
    "e4m3fnuz",
    "e8m0",
    "binary8p3se",
    "binary8p1uf",
    "binary16",
    "bfloat16",
    "posit16",
    "takum16",
    "q3.4",
    "int8",
    "nf4",
    "e2m1",
)
EVERY = [named.format for named in CATALOGUE]
COMPILER, SIMULATOR = shutil.which("cc") or shutil.which("gcc"), shutil.which("iverilog")


@pytest.mark.skipif(COMPILER is None, reason="no C compiler is installed")
@pytest.mark.parametrize("name", FORMATS)
def test_a_c_compiler_reads_fields_and_nans_of_every_code(name: str, tmp_path: Path) -> None:
    """What the functions of the header say of all codes is what the format says."""
    fmt = parse(name)
    known = facts(fmt)
    kind, fields = known.identifier, [field.name for field in known.fields]
    (tmp_path / "f.h").write_text(header(fmt))
    parts = [*(f"{kind}_{field}({kind}_c)" for field in fields), f"{kind}_is_nan({kind}_c)" if fmt.has_nan else "0 * x"]
    values = ", ".join(f"(unsigned long long){part}" for part in parts).replace(f"{kind}_c", "x")
    loop = (
        f'for (unsigned long i = 0; i < {fmt.codes}ul; i++) {{ {kind}_code_t x = ({kind}_code_t)i; printf("{" ".join(["%llu"] * len(parts))}\\n", {values}); }}'
    )
    (tmp_path / "f.c").write_text(f'#include <stdio.h>\n#include "f.h"\nint main(void) {{ {loop} return 0; }}\n')
    assert COMPILER is not None
    subprocess.run([COMPILER, "-std=c99", "-Wall", "-Wextra", "-Werror", "-o", str(tmp_path / "f"), str(tmp_path / "f.c")], check=True)
    lines = subprocess.run([str(tmp_path / "f")], check=True, capture_output=True, text=True).stdout.splitlines()
    assert len(lines) == fmt.codes
    for code, line in enumerate(lines):
        *found, nan = map(int, line.split())
        assert nan == isinstance(fmt.decode(code), NaN | NotAReal), (name, hex(code))
        if fields:
            assert found == [int(digits, 2) for _, digits in fmt.fields(code) if digits], (name, hex(code))


@pytest.mark.skipif(COMPILER is None, reason="no C compiler is installed")
def test_every_header_of_the_catalogue_compiles_together(tmp_path: Path) -> None:
    """All of them in one program, those of more than 64 bits too: no name is taken twice."""
    for at, fmt in enumerate(EVERY):
        (tmp_path / f"f{at}.h").write_text(header(fmt))
    includes = "".join(f'#include "f{at}.h"\n' for at in range(len(EVERY)))
    (tmp_path / "all.c").write_text(f"{includes}int main(void) {{ return 0; }}\n")
    assert COMPILER is not None
    subprocess.run([COMPILER, "-std=c99", "-Wall", "-Werror", "-Wno-unused-const-variable", "-o", str(tmp_path / "all"), str(tmp_path / "all.c")], check=True)


@pytest.mark.skipif(SIMULATOR is None, reason="Icarus Verilog is not installed; `make rtl` installs it")
def test_a_simulator_prints_the_named_codes_and_parameters(tmp_path: Path) -> None:
    """Every package of the catalogue compiles, and what it calls by a name is that code."""
    prints, expected = [], []
    for fmt in EVERY:
        known = facts(fmt)
        (tmp_path / f"{known.identifier}.sv").write_text(package(fmt))
        for code in known.codes:
            prints.append(f'$display("%h", {known.identifier}_pkg::{code.name});')
            expected.append(f"{code.code:0{-(-fmt.width // 4)}x}")
        for parameter in known.parameters:
            prints.append(f'$display("%0d", {known.identifier}_pkg::{parameter.name});')
            expected.append(str(parameter.value))
    (tmp_path / "top.sv").write_text("module top;\n  initial begin\n    " + "\n    ".join(prints) + "\n  end\nendmodule\n")
    sources = sorted({str(tmp_path / f"{facts(fmt).identifier}.sv") for fmt in EVERY})
    assert SIMULATOR is not None
    subprocess.run([SIMULATOR, "-g2012", "-o", str(tmp_path / "top.vvp"), *sources, str(tmp_path / "top.sv")], check=True)
    found = subprocess.run(["vvp", "-n", str(tmp_path / "top.vvp")], check=True, capture_output=True, text=True).stdout.split()
    assert found == expected


def test_parameters_of_a_float_are_those_of_its_standard() -> None:
    """binary16, by IEEE 754-2019 table 3.5, and E4M3, by OFP8."""
    values = {one.name: one.value for one in facts(parse("binary16")).parameters}
    assert {"PRECISION": 11, "BIAS": 15, "EMIN": -14, "EMAX": 15, "EXPONENT_BITS": 5, "TRAILING_BITS": 10, "WIDTH": 16}.items() <= values.items()
    values = {one.name: one.value for one in facts(parse("ocp_e4m3")).parameters}
    assert (values["EMIN"], values["EMAX"], values["BIAS"]) == (-6, 8, 7)
    codes = {one.name: (one.code, one.about) for one in facts(parse("ocp_e4m3")).codes}
    assert codes["MAX_FINITE"] == (0x7E, "448") and codes["ONE"] == (0x38, "1")


def test_the_greatest_exponent_is_that_of_the_greatest_value() -> None:
    """Of every float of the catalogue."""
    from refmath.reals import floor_log2

    for fmt in EVERY:
        if isinstance(fmt, Float):
            values = {one.name: one.value for one in facts(fmt).parameters}
            assert values["EMAX"] == floor_log2(fmt.exact(fmt.limit())), fmt.name


def test_the_suffix_names_the_language_and_bad_input_is_one_sentence(tmp_path: Path) -> None:
    """posit8.h is C; a folder that does not exist cannot be written to."""
    assert refmath("header", "posit8", "-o", str(tmp_path / "posit8.h")).status == 0
    assert "#ifndef POSIT8_H" in (tmp_path / "posit8.h").read_text()
    assert refmath("header", "posit8").out.startswith("// posit8, 8 bits.\npackage posit8_pkg;")
    for arguments in (("header", "posit8", "-o", str(tmp_path / "no" / "x.sv")), ("header", "nonsense"), ("header", "posit8", "--language", "vhdl")):
        ran = refmath(*arguments)
        assert ran.status == 2 and is_one_sentence(ran.err)
