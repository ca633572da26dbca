"""Verdicts as JUnit XML, for continuous integration: a suite an emulator, a test case a claim."""

import xml.etree.ElementTree as Tree
from collections.abc import Mapping, Sequence

from conformance.verdict import Status, Verdict


def junit(pages: Mapping[str, Sequence[Verdict]]) -> str:
    """The XML text; a claim that differs is a failure, one that could not be run an error."""
    root = Tree.Element("testsuites", name="refmath check")
    for description, verdicts in pages.items():
        failures = sum(verdict.status is Status.DIFFERS for verdict in verdicts)
        errors = sum(verdict.status is Status.FAILED for verdict in verdicts)
        suite = Tree.SubElement(root, "testsuite", name=description, tests=str(len(verdicts)), failures=str(failures), errors=str(errors), skipped="0")
        for verdict in verdicts:
            name = f"{verdict.call if verdict.models else verdict.operation} {verdict.title} ({verdict.variant}, {verdict.device})"
            case = Tree.SubElement(suite, "testcase", classname=verdict.emulator, name=name, time=f"{verdict.seconds:.3f}")
            if verdict.status is Status.FAILED:
                Tree.SubElement(case, "error", message=_printable(verdict.error))
            elif verdict.status is Status.DIFFERS:
                why = (
                    "; ".join((*verdict.deviations, *verdict.layout_dependent, *(verdict.policies if verdict.models else ())))
                    or "no known deviation explains it"
                )
                Tree.SubElement(case, "failure", message=_printable(f"{verdict.defects:,} of {verdict.cases:,} cases: {why}")).text = _cases(verdict)
            policies = () if verdict.status in (Status.FAILED, Status.DIFFERS) else verdict.policies
            if told := (*policies, *verdict.remarks):
                Tree.SubElement(case, "system-out").text = _printable("; ".join(told))
    Tree.indent(root)
    return Tree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _cases(verdict: Verdict) -> str:
    rows = (
        f"{' '.join(n.code for n in case.operands)}: got {case.got.code or case.got.value}, expected {case.expected.code}" for case in verdict.counterexamples
    )
    return _printable("\n".join(rows))


def _printable(text: str) -> str:
    """XML 1.0 has no place for most control characters."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
