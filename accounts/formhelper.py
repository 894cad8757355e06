"""How a form that does one thing is laid out: one verb on the button and a way back."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class ActionHelper(FormHelper):
    """Draws the form with one button that says what it does.

    Parameters
    ----------
    verb
        What pressing the button does, with its object: "Record answer".
    cancel_url, cancel_label
        The way back that changes nothing; without an address there is none.
    danger
        Only inside a confirmation of what cannot be undone.
    cards
        Names of fields whose few options are drawn as large cards.
    fields
        The layout; by default all fields of the form in their order.
    """

    def __init__(
        self,
        verb: Words,
        *fields: object,
        cancel_url: str = "",
        cancel_label: Words = "",
        danger: bool = False,
        cards: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.submit_label = verb
        self.cancel_url = cancel_url
        self.cancel_label = cancel_label or _("Cancel")
        self.danger = danger
        self.cards = cards
        self.form_class = "wt-form"
        if fields:
            self.layout = Layout(*fields)
