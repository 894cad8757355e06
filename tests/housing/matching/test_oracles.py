"""Against integer programs of scipy on whole regions, by the numbers they once gave.

How the numbers were made, and how to make them again, stands in oracle_cases.py.
"""

import pytest

from housing.matching import check, match
from tests.housing.matching import oracle, oracle_cases
from tests.housing.matching.instances import region
from tests.scale import n


@pytest.mark.parametrize("seed", oracle_cases.SEEDS[: n(3, 6)])
def test_a_region_is_solved_as_well_as_by_an_independent_program_at_every_level(seed):
    given = region(oracle_cases.CLIENTS, oracle_cases.DWELLINGS, seed=seed)
    told = oracle_cases.stored().loc[seed]
    assert told["input"] == oracle_cases.digest(given)
    result = match(given)
    check(given, result)
    assert result["status"] == "optimal"
    assert (result["placements"], result["priority"]) == (told["placements"], told["priority"])
    assert oracle.fit(oracle.chosen(result, given), given) == told["fit"]


def test_the_pairs_asked_of_the_oracle_are_those_of_the_contract():
    """Negative control: one more rule broken by everybody leaves nothing to ask."""
    given = region(20, 10, seed=3)
    table, options = oracle_cases.asked(given)
    assert len(table)
    assert len(options["limits"]) > 10
    for home in given["dwellings"]:
        home["form"] = "unknown"
    assert not len(oracle_cases.asked(given)[0])
