"""Two questions that parties of the example ask: what if more homes came, or people were faster."""

from typing import Any

from accounts.access import Role, Viewer
from accounts.context import acting_as
from example.loading.frame import Frame
from outflow.operations.scenarios import make_scenario, share_scenario


def load_scenarios(frame: Frame) -> int:
    """One of the coordinator, shared with everybody, and one of a municipality; how many."""
    next_year = frame.world.as_of.year + 1
    more_homes = {"what": "contingent", "how": "times", "value": 1.2, "from": f"{next_year}Q1"}
    faster = {"what": "readiness", "how": "times", "value": 1.2}
    office = frame.world.organisations_of("municipality")[0].key
    bureau = frame.organisations[frame.world.organisations_of("regional_bureau")[0].key]
    _load(frame.coordinator, f"20 % meer woningen vanaf {next_year}", more_homes, None)
    officer = frame.viewer(office, Role.ACCESS_OFFICER)
    _load(officer, "20 % sneller klaar", faster, [bureau])
    return 2


def _load(by: Viewer, name: str, change: dict[str, Any], share_with: list[Any] | None) -> None:
    with acting_as(by):
        made = make_scenario(name=name, changes=[change], by=by)
        share_scenario(scenario=made, organisations=share_with, by=by)
