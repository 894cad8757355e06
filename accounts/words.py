"""What an operation is called on screen; the log itself keeps the code."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OPERATIONS: dict[str, str | Promise] = {
    "organisation.added": _("organisation added"),
    "organisation.changed": _("organisation changed"),
    "account.added": _("account made"),
    "account.changed": _("account changed"),
    "account.password_changed": _("password changed"),
    "membership.added": _("role given"),
    "membership.ended": _("role ended"),
    "client.registered": _("client registered"),
    "client.changed": _("client's data changed"),
    "client.readiness_recorded": _("readiness recorded"),
    "client.readiness_confirmed": _("readiness confirmed"),
    "client.need_recorded": _("housing need recorded"),
    "client.assigned": _("client assigned"),
    "dwelling.entered": _("dwelling entered"),
    "dwelling.changed": _("dwelling changed"),
    "dwelling.withdrawn": _("dwelling withdrawn"),
    "contingent.agreed": _("contingent agreed"),
    "contingent.raised": _("contingent raised with authority"),
    "support.entered": _("support offer entered"),
    "support.changed": _("support offer changed"),
    "contingent.corrected": _("contingent corrected"),
    "region_year.agreed": _("agreement of the region recorded"),
    "neighbourhood.capacity_set": _("capacity of a neighbourhood recorded"),
    "guidance.hours_set": _("hours of guidance recorded"),
    "client.sharing_ground_recorded": _("ground for sharing recorded"),
    "proposal.proposed": _("proposal made"),
    "proposal.corporation_yes": _("corporation said yes"),
    "proposal.client_yes": _("client said yes, name released"),
    "proposal.viewing": _("viewing planned"),
    "proposal.contract": _("contract signed"),
    "proposal.key": _("key handed over"),
    "proposal.guided": _("guidance plan recorded"),
    "proposal.evaluated": _("evaluation recorded"),
    "proposal.own_contract": _("contract in own name recorded"),
    "proposal.watched": _("light-touch aftercare recorded"),
    "proposal.closed": _("follow-up closed"),
    "proposal.declined": _("no said to a proposal"),
    "proposal.withdrawn": _("proposal withdrawn"),
    "proposal.expired": _("proposal expired"),
    "placement.ended": _("dwelling left"),
    "import.confirmed": _("list put in"),
    "match.requested": _("matching requested"),
    "estimate.requested": _("estimate requested"),
}


def operation_words(operation: str) -> str:
    """The words of a known operation, else its code made readable."""
    words = OPERATIONS.get(operation)
    return str(words) if words else operation.replace(".", ": ").replace("_", " ")
