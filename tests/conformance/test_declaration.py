"""The declaration of P3109 says what an implementation does exactly, approximately or not, and on what evidence."""

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import refmath

from conformance.report.declaration import NAMES, names


def declared(folder: Path, maker: str, *options: str) -> list[dict[str, Any]]:
    file = folder / "declaration.yaml"
    refmath("check", f"planted:{maker}", "--budget", "quick", "--declaration", str(file), *options)
    document = yaml.safe_load(file.read_text())
    assert document["schema"] == "refmath-declaration/1" and "must not be used for conformance" in document["basis"]
    (implementation,) = document["implementations"]
    assert implementation["implementation"] == "planted 1.0, cpu"
    return list(implementation["operations"])


def test_a_right_implementation_is_exact(tmp_path: Path) -> None:
    """Kappa 0, and the cases that were tried."""
    for entry in declared(tmp_path, "right"):
        assert (entry["operation"], entry["implements"], entry["kappa"]) == ("Convert", "exactly", 0)
        assert entry["projection"] == ["NearestTiesToEven", "ieee"] and entry["evidence"]["cases"] > 1000
    assert entry["evidence"]["exhaustive"] is True


@pytest.mark.parametrize(
    ("maker", "implements", "kappas"), [("truncating", "not", (math.nan, 1)), ("early_overflow", "not", (math.nan, 0)), ("saturating", "exactly", (0, 0))]
)
def test_kappa_is_the_greatest_distance_under_the_policies_found(tmp_path: Path, maker: str, implements: str, kappas: tuple[float, float]) -> None:
    """Truncation is one step off, and 448 where E4M3 has NaN; an early overflow is NaN where a number belongs; saturation is a policy and no distance."""
    wide, narrow = declared(tmp_path, maker)
    assert wide["implements"] == implements
    assert (str(wide["kappa"]), narrow["kappa"]) == (str(kappas[0]), kappas[1])
    assert wide.get("policies") == (["overflow and infinity saturate to +-448"] if maker == "saturating" else None)


def test_every_operation_of_p3109_has_a_name_here() -> None:
    """No two of them are the same operation."""
    assert len(names()) == len(NAMES)
