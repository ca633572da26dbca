"""``python -m spec`` rewrites the generated parts of the pages beside it; ``--check`` only says whether they are current."""

import argparse
import sys
from pathlib import Path

from spec.generate import BLOCKS, PageError, regenerate

HERE = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0: current, or rewritten; 1: stale, with ``--check``; 2: a page is damaged."""
    parser = argparse.ArgumentParser(prog="python -m spec", description="Rewrite the generated parts of the specification.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a page is stale")
    check = parser.parse_args(arguments).check
    try:
        stale = regenerate(sorted(HERE.glob("*.md")), BLOCKS, write=not check)
    except PageError as error:
        print(f"spec: {error}", file=sys.stderr)
        return 2
    for page, names in stale.items():
        print(f"{page.name}: {', '.join(names)} {'out of date; run python -m spec' if check else 'rewritten'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
