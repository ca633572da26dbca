"""Another module that bears the name of one of our packages is named, before anything breaks far from its cause."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{root}"}
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, cwd=folder, check=False)


@pytest.mark.parametrize("name", ["formats", "conformance"])
def test_importing_refmath_names_the_file_that_shadows_a_package(tmp_path: Path, name: str) -> None:
    """One sentence with the file's path and the remedy."""
    shadow = tmp_path / f"{name}.py"
    shadow.write_text("")
    ran = run(tmp_path, "-c", "import refmath")
    assert ran.stderr.splitlines()[-1].startswith(f"ImportError: refmath needs its own package '{name}', but {shadow} comes first on the path")


def test_the_command_ends_with_the_sentence_and_no_traceback(tmp_path: Path) -> None:
    """Exit status 3, one line."""
    (tmp_path / "formats.py").write_text("")
    ran = run(tmp_path, "-m", "refmath", "formats")
    assert ran.returncode == 3 and ran.stderr.count("\n") == 1 and ran.stderr.startswith("refmath: refmath needs its own package 'formats'")


def test_our_own_packages_are_found(tmp_path: Path) -> None:
    """Without a shadow nothing is said."""
    assert run(tmp_path, "-c", "import refmath, formats, conformance").stderr == ""
