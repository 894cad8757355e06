"""The command reads a list as the screen does, by the rights of the person it is told."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.context import acting_as
from housing.models import Dwelling
from tests.databases import Database
from tests.factories import world
from tests.lists.files import xlsx
from tests.lists.test_bringing import OFFERS, offer


def test_a_list_comes_in_from_the_command_line_only_with_confirm(
    committing: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world()
    file = tmp_path / "aanbod.xlsx"
    file.write_bytes(xlsx([OFFERS, offer("Meidoornlaan 1", owner="Corporation")]))
    call_command("import_list", file, by="allocator@voorbeeld.nl")
    assert "1 rows: 1 new" in capsys.readouterr().out.replace("nieuw", "new")
    with acting_as(made.allocator):
        assert not Dwelling.objects.exists()
    call_command("import_list", file, by="allocator@voorbeeld.nl", confirm=True)
    with acting_as(made.allocator):
        assert Dwelling.objects.count() == 1
    with pytest.raises(CommandError):
        call_command("import_list", file, by="team_leader@voorbeeld.nl")
    with pytest.raises(CommandError):
        call_command("import_list", tmp_path / "weg.xlsx", by="allocator@voorbeeld.nl")
