"""docs/access.md, made from the access table itself so that the two cannot differ."""

from accounts.access import GRANTS, Grant, Permission, Relation, Role, Stage

RELATIONS = {
    Relation.ANY: "no record is involved",
    Relation.REGION: "the record lies in the viewer's region",
    Relation.ASSIGNED: "the client is assigned to the viewer today",
    Relation.OWN_TEAM: "the client is registered with the viewer's provider",
    Relation.TASK: "the viewer's municipality is the client's origin or pays for the client",
    Relation.OWN_PROPOSAL: "the proposal is about a dwelling of the viewer's corporation",
    Relation.OWN_ORGANISATION: "the record belongs to the viewer's organisation",
    Relation.SHARED: "the record was shared with the viewer's organisation",
}
STAGES = {
    Stage.REGISTERED: "S0 registered",
    Stage.READY: "S1 ready",
    Stage.IN_MATCHING: "S2 in matching",
    Stage.PROPOSED: "S3 proposal made",
    Stage.RELEASED: "S4 client said yes and release recorded",
    Stage.VIEWING: "S5 viewing",
    Stage.CONTRACT: "S6 contract",
    Stage.AFTERCARE: "S7 lives there, with aftercare",
    Stage.CLOSED: "S8 closed",
}

HEAD = """# Who may do and see what

Made from `accounts/access.py` by `manage.py access_page`; a test compares the two. What does not
stand here is not allowed, and whoever may not gets "not found", for the record and for the page.
A second, independent lock in PostgreSQL (row-level security) repeats which rows each role reaches.

Relations: how the viewer stands to the record.

"""


def render() -> str:
    """The whole page as Markdown."""
    lines = [HEAD + "| relation | holds when |", "|---|---|"]
    lines += [f"| {relation.value} | {words} |" for relation, words in RELATIONS.items()]
    lines += ["", "Stages: how far the way home is.", ""]
    lines += ["| stage | |", "|---|---|"]
    lines += [f"| S{stage.value} | {words[3:]} |" for stage, words in STAGES.items()]
    for role in Role:
        lines += ["", f"## {role.value.replace('_', ' ').capitalize()}", ""]
        lines += ["| may | relation | from | until |", "|---|---|---|---|"]
        lines += [_row(grant) for grant in GRANTS if grant.role == role]
    return "\n".join(lines) + "\n"


def _row(grant: Grant) -> str:
    words = Permission(grant.permission).value
    what = f"see {words[6:].replace('_', ' ')}" if words.startswith("field_") else words
    return (
        f"| {what.replace('_', ' ')} | {grant.relation.value.replace('_', ' ')}"
        f" | S{grant.from_stage.value} | S{grant.until_stage.value} |"
    )
