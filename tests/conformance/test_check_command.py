"""``refmath check``: statuses, reports, and emulators that misbehave."""

import json
import xml.etree.ElementTree as Tree
from pathlib import Path

import pytest
from command_line import is_one_sentence, refmath

from conformance.limits import parse_memory


def check(name: str, *options: str) -> tuple[int, dict, str]:
    """Status, report and errors of checking a planted emulator."""
    ran = refmath("check", f"planted:{name}", "--budget", "quick", "--jobs", "1", "--json", "-", *options)
    assert "Traceback" not in ran.err
    return ran.status, ran.data, ran.err


def test_agreement_ends_with_status_0() -> None:
    """A right emulator."""
    status, report, errors = check("right")
    assert status == 0 and not errors
    assert [verdict["status"] for verdict in report["emulators"][0]["verdicts"]] == ["agrees", "agrees"]


def test_difference_ends_with_status_1_and_zero_on_request() -> None:
    """A wrong emulator, and --exit-zero."""
    assert check("truncating")[0] == 1
    assert check("truncating", "--exit-zero")[0] == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raising", "planted.convert raised OverflowError: planted trouble"),
        ("wrong_shape", "planted.convert returned shape (3,) for operands of shape"),
        ("wrong_type", "planted.convert returned float64, where codes of ocp_e4m3 are uint8."),
        ("not_an_array", "planted.convert returned NoneType, not an array of codes."),
        ("crashing", "planted.convert crashed: its process was ended by SIGSEGV."),
        ("leaving", "planted.convert crashed: its process ended with exit status 7."),
        ("interrupted", "planted.convert crashed: its process was ended by SIGINT, 3 times over."),
        ("killed", "planted.convert crashed: its process was ended by SIGKILL, 3 times over, as the kernel does when memory runs out."),
    ],
)
def test_a_misbehaving_emulator_is_a_verdict_and_loses_nothing(name: str, words: str) -> None:
    """The first claim fails with one sentence and status 3; the second is checked as if nothing had happened."""
    status, report, _ = check(name)
    first, second = sorted(report["emulators"][0]["verdicts"], key=lambda verdict: verdict["result"] != "ocp_e4m3")
    assert status == 3
    assert first["status"] == "failed to run" and words in first["error"]
    assert second["status"] == "agrees" and second["cases"] == 65536


def test_a_hanging_emulator_meets_the_time_limit() -> None:
    """The worker is ended after the limit, the other claim is checked."""
    from conformance import pool

    pool_limit, pool.START_LIMIT = pool.START_LIMIT, 60.0
    try:
        status, report, _ = check("hanging", "--time-limit", "10")
    finally:
        pool.START_LIMIT = pool_limit
    by_result = {verdict["result"]: verdict for verdict in report["emulators"][0]["verdicts"]}
    assert status == 3
    assert by_result["ocp_e4m3"]["error"] == "planted.convert did not answer within 10 s."
    assert by_result["bfloat16"]["status"] == "agrees"


@pytest.mark.parametrize("name", ["hungry", "hungry_child"])
def test_a_hungry_emulator_meets_the_memory_limit(name: str) -> None:
    """Its own memory counts, and that of what it starts; the other claim is checked."""
    status, report, _ = check(name, "--memory-limit", "768M")
    by_result = {verdict["result"]: verdict for verdict in report["emulators"][0]["verdicts"]}
    assert status == 3
    assert by_result["ocp_e4m3"]["error"] == "planted.convert took more than 768 MiB of memory."
    assert by_result["bfloat16"]["status"] == "agrees"


@pytest.mark.parametrize("given", ["4 X", "1M", "G", "", "1" * 99, "-1G", "4GG", "1.G"])
def test_memory_limits_that_are_none(given: str) -> None:
    """Bad input: one sentence that shows how it is written."""
    ran = refmath("check", "planted:right", "--memory-limit", given)
    assert ran.status == 2 and is_one_sentence(ran.err) and "memory" in ran.err


@pytest.mark.parametrize(
    ("given", "size"), [("4G", 1 << 32), ("512 MiB", 1 << 29), ("1.5gb", 3 << 29), ("1t", 1 << 40), ("none", 0), (" 300M ", 300 << 20), ("536870912", 1 << 29)]
)
def test_memory_in_every_notation(given: str, size: int) -> None:
    """Powers of two by suffix, decimals exact, none."""
    assert parse_memory(given) == size


@pytest.mark.parametrize("name", ["printing", "mutating"])
def test_noise_and_mutation_do_no_harm(name: str) -> None:
    """An emulator that prints, or overwrites its operands, is judged by what it returns; the report stays valid JSON."""
    status, report, _ = check(name)
    assert status == 0 and len(report["emulators"][0]["verdicts"]) == 2


def test_an_emulator_that_cannot_start_is_named() -> None:
    """One sentence, status 3."""
    ran = refmath("check", "planted:unstartable")
    assert ran.status == 3 and "planted:unstartable cannot be checked: RuntimeError: planted refusal to start." in ran.err


@pytest.mark.parametrize("name", ["no_such_module:adapter", "planted:no_such_function"])
def test_an_adapter_that_cannot_be_found_is_named(name: str) -> None:
    """One sentence, status 3."""
    ran = refmath("check", name)
    assert ran.status == 3 and f"{name} cannot be checked: " in ran.err and "Traceback" not in ran.err


def test_an_unknown_emulator_is_bad_input() -> None:
    """The sentence lists the known ones."""
    ran = refmath("check", "pytorch")
    assert ran.status == 2 and is_one_sentence(ran.err) and "torch, jax, ml_dtypes, numpy" in ran.err


def test_an_emulator_that_is_not_installed_is_named_and_the_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the extra to install; status 3 says that something was left out."""
    from conformance import emulators

    monkeypatch.setitem(emulators.KNOWN, "absent", ("conformance.emulators.absent", "no_such_package"))
    ran = refmath("check", "absent", "planted:right", "--budget", "quick")
    assert ran.status == 3
    assert "refmath: absent is not installed: pip install 'refmath[absent]'." in ran.err
    assert "2 agree" in ran.out


def test_an_unwritable_report_is_refused_before_any_work(tmp_path: Path) -> None:
    """A missing folder, a folder in place of a file."""
    for target in (tmp_path / "missing" / "report.json", tmp_path):
        ran = refmath("check", "planted:right", "--json", str(target))
        assert ran.status == 2 and is_one_sentence(ran.err) and "cannot be written" in ran.err


def test_json_and_junit_say_the_same(tmp_path: Path) -> None:
    """Counts in both reports; the JUnit file is well-formed XML with a failure for each claim that differs."""
    json_file, junit_file = tmp_path / "report.json", tmp_path / "report.xml"
    ran = refmath("check", "planted:ties_away", "--budget", "quick", "--json", str(json_file), "--junit", str(junit_file))
    report, suite = json.loads(json_file.read_text()), Tree.parse(junit_file).getroot()[0]
    assert ran.status == 1 and report["schema"] == "refmath-check/1"
    assert suite.get("tests") == "2" and suite.get("failures") == "2" and suite.get("errors") == "0"
    assert all("ties go away from zero" in failure.get("message", "") for failure in suite.iter("failure"))


def test_claims_can_be_chosen_by_source_and_target() -> None:
    """--target leaves one claim; a filter that fits none is bad input."""
    assert len(check("right", "--target", "bfloat16")[1]["emulators"][0]["verdicts"]) == 1
    ran = refmath("check", "planted:right", "--source", "binary128")
    assert ran.status == 2 and is_one_sentence(ran.err)


def test_the_page_answers_at_first_sight() -> None:
    """Every conversion in a table, the finding in words, the simplest case, the tally."""
    ran = refmath("check", "planted:ties_away", "--budget", "quick")
    assert "planted 1.0, cpu   2 claims: 0 agree · 0 agree under a named policy · 2 differ · 0 failed to run" in ran.out
    assert "ties go away from zero" in ran.out and "simplest" in ran.out and "expected" in ran.out and "explains all of them" in ran.out
