"""The matcher on files: JSON in, JSON out, one sentence when the input is not valid."""

import json
import sys
from pathlib import Path
from typing import Any, TextIO

from housing.matching.advice_checking import check_advice
from housing.matching.advising import advise
from housing.matching.checking import check
from housing.matching.core import match
from housing.matching.errors import InstanceError

DONE, NOT_VALID = 0, 2


def run_file(
    instance_path: str,
    out_path: str,
    *,
    advice_path: str | None = None,
    errors: TextIO | None = None,
) -> int:
    """Match the instance in one file into another; return 0, or 2 with a sentence on ``errors``.

    With ``advice_path`` the advice beside the result is written too.
    """
    errors = errors or sys.stderr
    try:
        instance = _load(instance_path)
    except OSError as problem:
        return _refuse(f"{instance_path} cannot be read: {problem.strerror}.", errors)
    except RecursionError:
        return _refuse(f"{instance_path} is nested too deeply.", errors)
    except UnicodeDecodeError:
        return _refuse(f"{instance_path} is not encoded in UTF-8.", errors)
    except json.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        return _refuse(f"{instance_path} is not valid JSON: {problem.msg} ({place}).", errors)
    except InstanceError as problem:
        return _refuse(str(problem), errors)
    except ValueError:  # Python reads no whole number of more than some thousands of digits
        return _refuse(f"{instance_path} holds a number that is too long.", errors)
    try:
        result = match(instance)
    except InstanceError as problem:
        return _refuse(str(problem), errors)
    check(instance, result)
    written: list[tuple[str, dict[str, Any]]] = [(out_path, result)]
    if advice_path is not None:
        advice = advise(instance, result)
        check_advice(instance, result, advice, solve_again=False)
        written.append((advice_path, advice))
    for path, document in written:
        try:
            with Path(path).open("w", encoding="utf-8") as target:
                json.dump(document, target, indent=1)
                target.write("\n")
        except OSError as problem:
            return _refuse(f"{path} cannot be written: {problem.strerror}.", errors)
    return DONE


def _load(path: str) -> Any:
    with Path(path).open(encoding="utf-8-sig") as source:
        return json.load(source, object_pairs_hook=_without_doubles)


def _refuse(sentence: str, errors: TextIO) -> int:
    print(sentence, file=errors)
    return NOT_VALID


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that gives one key twice: nobody can know which one was meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InstanceError("key_twice", key=twice)
    return found
