"""``python -m housing.matching``: the file command where no settings have been made yet."""

import argparse
import sys

from housing.matching.files import run_file


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m housing.matching", description=__doc__)
    parser.add_argument("--instance", required=True, help="instance, JSON")
    parser.add_argument("--out", required=True, help="where to write the result, JSON")
    parser.add_argument("--advice", help="where to write the advice beside it, JSON")
    given = parser.parse_args()
    return run_file(given.instance, given.out, advice_path=given.advice)


if __name__ == "__main__":
    sys.exit(main())
