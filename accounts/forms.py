"""One form for each thing a person does with accounts and organisations."""

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.access import OrganisationKind, Role, Viewer
from accounts.formhelper import ActionHelper
from accounts.models import Organisation, User
from regions.clock import today
from regions.models import Municipality


class SignInForm(AuthenticationForm):
    """Small and capital letters in the e-mail address make no difference."""

    error_messages = {
        "invalid_login": _(
            "This e-mail address and this password do not belong together. Check both; in a"
            " password small and capital letters differ."
        ),
        "inactive": _("This account is closed."),
    }

    def clean_username(self) -> str:
        return self.cleaned_data["username"].lower()


class AccountForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(
        label=_("Colours"),
        required=False,
        choices=[("", _("as the device")), ("light", _("light")), ("dark", _("dark"))],
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(_("Save account"))


class PasswordForm(forms.Form):
    current = forms.CharField(
        label=_("Current password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. A short sentence is easy to remember."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.helper = ActionHelper(_("Change password"))

    def clean_current(self) -> str:
        if not self.user.check_password(self.cleaned_data["current"]):
            raise forms.ValidationError(_("This is not the current password."))
        return self.cleaned_data["current"]

    def clean_new(self) -> str:
        validate_password(self.cleaned_data["new"], self.user)
        return self.cleaned_data["new"]


class OrganisationForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=OrganisationKind.choices)
    municipality = forms.ModelChoiceField(
        label=_("Municipality"),
        queryset=Municipality.objects.none(),
        required=False,
        empty_label=_("choose"),
        help_text=_("Only for a municipality."),
    )
    other_names = forms.CharField(
        label=_("Names in lists"),
        required=False,
        help_text=_("Other names that lists use for this organisation, with commas between."),
    )
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)

    def __init__(self, *args: object, viewer: Viewer, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = Municipality.objects.filter(
            region_id=viewer.region_id
        )
        self.helper = ActionHelper(
            _("Save organisation"), cancel_url=reverse_lazy("accounts:organisations")
        )

    def clean_other_names(self) -> list[str]:
        return [
            part.strip() for part in self.cleaned_data["other_names"].split(",") if part.strip()
        ]

    def clean(self) -> dict[str, object]:
        facts = super().clean() or self.cleaned_data
        is_municipality = facts.get("kind") == OrganisationKind.MUNICIPALITY
        if is_municipality and not facts.get("municipality"):
            self.add_error("municipality", _("Choose which municipality this is."))
        if not is_municipality:
            facts["municipality"] = None
        return facts


class MembershipForm(forms.Form):
    """A new account, or a new role for somebody who already has one."""

    email = forms.EmailField(label=_("Work e-mail address"))
    name = forms.CharField(label=_("Name"), max_length=120)
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        empty_label=_("choose"),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    from_on = forms.DateField(
        label=_("From"), initial=today, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: object, viewer: Viewer, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(regions=viewer.region_id)
        self.helper = ActionHelper(_("Add account"), cancel_url=reverse_lazy("accounts:accounts"))
