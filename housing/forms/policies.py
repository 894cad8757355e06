"""Writing a version of the policy, and letting it count."""

from dataclasses import replace
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.formhelper import ActionHelper
from housing.forms.fields import DayField
from housing.lifecycle import ReadmissionReason
from housing.matching.policy import FIELD, URGENCY_LEVELS, FitWeights, Policy
from housing.policies import (
    LANGUAGES,
    LONGEST_NAME,
    MOST_OFFERS,
    AfterRefusal,
    Appropriate,
    RegionPolicy,
)
from housing.policy_words import FIT_FIELDS, FIT_WORDS, KILOMETRES
from regions import formats
from regions.clock import today

CLASSES = range(URGENCY_LEVELS)
LANGUAGE_NAMES = {"nl": _("in Dutch"), "en": _("in English")}
DEFAULT = RegionPolicy()


def _is_loss(name: str) -> bool:
    return FIT_FIELDS[name].most == 0


def _label(name: str) -> str:
    words = str(FIT_WORDS[name]).capitalize()
    is_distance = FIT_FIELDS[name].unit == KILOMETRES
    return _("%(what)s, in km") % {"what": words} if is_distance else words


def _default(count: int, unit: str) -> str:
    """The default as it stands beside a field."""
    number = formats.number(count)
    if unit == KILOMETRES:
        return _("Default: %(count)s km.") % {"count": number}
    if unit == "days":
        return ngettext("Default: %(count)s day.", "Default: %(count)s days.", count) % {
            "count": number
        }
    return ngettext("Default: %(count)s point.", "Default: %(count)s points.", count) % {
        "count": number
    }


class PolicyForm(forms.Form):
    """All that a region decides for the matching, each value with its default beside it."""

    longest_counted_wait_days = forms.IntegerField(label=_("Days of waiting that count, at most"))
    guard_days = forms.IntegerField(
        label=_("Guard: nobody waits longer than, in days"), required=False
    )
    offers = forms.IntegerField(
        label=_("Fitting offers a client gets"), min_value=1, max_value=MOST_OFFERS
    )
    after_refusal = forms.ChoiceField(
        label=_("Whoever refuses them all"),
        choices=AfterRefusal.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "A refusal for safety never counts, nor one of a home that does not fit by the rules."
        ),
    )
    appropriate_allocation = forms.ChoiceField(
        label=_("A rent above the limit of appropriate allocation"),
        choices=Appropriate.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "The law asks for 95 percent over a year: one home above the limit breaks no law."
        ),
    )
    reason = forms.CharField(
        label=_("Why this version"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self, *args: Any, policy: RegionPolicy, reason: str, cancel_url: str, **kwargs: Any
    ) -> None:
        kwargs["initial"] = _initial(policy, reason)
        super().__init__(*args, **kwargs)
        for name in ("longest_counted_wait_days", "guard_days"):
            bounds = FIELD[name]
            self._bound(name, bounds.least, bounds.most)
        self.fields["longest_counted_wait_days"].help_text = _default(
            DEFAULT.matcher.longest_counted_wait_days, "days"
        )
        self.fields["guard_days"].help_text = _(
            "While later comers with an equal need go first. Left empty there is no guard, which"
            " is the default."
        )
        self.fields["offers"].help_text = _("Default: %(count)s.") % {"count": DEFAULT.offers}
        names = self._add_classes()
        rewards, losses = self._add_weights()
        self.helper = ActionHelper(
            _("Save draft"),
            Fieldset(_("Urgency"), *(Div(*row, css_class="wt-fields is-three") for row in names)),
            Fieldset(
                _("Waiting"),
                Div("longest_counted_wait_days", "guard_days", css_class="wt-fields"),
            ),
            Fieldset(_("Refusing an offer"), "offers", "after_refusal"),
            Fieldset(_("Appropriate allocation"), "appropriate_allocation"),
            Fieldset(
                _("Which home suits best: points for"),
                Div(*rewards, css_class="wt-fields"),
            ),
            Fieldset(
                _("Which home suits best: points off for"), Div(*losses, css_class="wt-fields")
            ),
            Fieldset(_("Reason"), "reason"),
            cancel_url=cancel_url,
        )

    def _bound(self, name: str, least: int, most: int) -> None:
        """Bounds come from the matcher, so that there is one list of them."""
        self.fields[name] = forms.IntegerField(
            label=self.fields[name].label,
            required=self.fields[name].required,
            help_text=self.fields[name].help_text,
            min_value=least,
            max_value=most,
        )

    def _add_classes(self) -> list[list[str]]:
        """Per class its two names and its points; the lowest has none."""
        rows = []
        bounds, points = FIELD["urgency_points"], DEFAULT.matcher.urgency_points
        for urgency in CLASSES:
            row = []
            for language in LANGUAGES:
                name = f"name_{language}_{urgency}"
                self.fields[name] = forms.CharField(
                    label=_("Class %(number)s %(language)s")
                    % {"number": urgency, "language": LANGUAGE_NAMES[language]},
                    max_length=LONGEST_NAME,
                )
                row.append(name)
            if urgency:
                name = f"points_{urgency}"
                self.fields[name] = forms.IntegerField(
                    label=_("Class %(number)s, points") % {"number": urgency},
                    min_value=bounds.least,
                    max_value=bounds.most,
                    help_text=_default(points[urgency], "points"),
                )
                row.append(name)
            rows.append(row)
        return rows

    def _add_weights(self) -> tuple[list[str], list[str]]:
        """A loss is filled in as what it costs: a number without a sign."""
        rewards: list[str] = []
        losses: list[str] = []
        for name, bounds in FIT_FIELDS.items():
            least, most = sorted((abs(bounds.least), abs(bounds.most)))
            self.fields[name] = forms.IntegerField(
                label=_label(name),
                min_value=least,
                max_value=most,
                help_text=_default(abs(bounds.default), bounds.unit),
            )
            (losses if _is_loss(name) else rewards).append(name)
        return rewards, losses

    def clean(self) -> dict[str, Any]:
        super().clean()
        facts = self.cleaned_data
        points = [facts.get(f"points_{urgency}") for urgency in CLASSES[1:]]
        for urgency in CLASSES[2:]:
            lower, higher = points[urgency - 2], points[urgency - 1]
            if lower is not None and higher is not None and higher < lower:
                self.add_error(
                    f"points_{urgency}", _("A higher class has at least the points of a lower one.")
                )
        for language in LANGUAGES:
            seen: set[str] = set()
            for urgency in CLASSES:
                name = f"name_{language}_{urgency}"
                word = (facts.get(name) or "").casefold()
                if word and word in seen:
                    self.add_error(name, _("Two classes cannot have the same name."))
                seen.add(word)
        return facts

    def policy(self) -> RegionPolicy:
        """What was filled in."""
        facts = self.cleaned_data
        weights = {name: (-1 if _is_loss(name) else 1) * facts[name] for name in FIT_FIELDS}
        return RegionPolicy(
            matcher=Policy(
                urgency_points=(0, *(facts[f"points_{urgency}"] for urgency in CLASSES[1:])),
                longest_counted_wait_days=facts["longest_counted_wait_days"],
                guard_days=facts["guard_days"],
                fit=replace(FitWeights(), **weights),
            ),
            urgency_names={
                language: tuple(facts[f"name_{language}_{urgency}"] for urgency in CLASSES)
                for language in LANGUAGES
            },
            offers=facts["offers"],
            after_refusal=facts["after_refusal"],
            appropriate_allocation=facts["appropriate_allocation"],
        )


def _initial(policy: RegionPolicy, reason: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "longest_counted_wait_days": policy.matcher.longest_counted_wait_days,
        "guard_days": policy.matcher.guard_days,
        "offers": policy.offers,
        "after_refusal": policy.after_refusal,
        "appropriate_allocation": policy.appropriate_allocation,
        "reason": reason,
    }
    for urgency in CLASSES:
        facts[f"points_{urgency}"] = policy.matcher.urgency_points[urgency]
        for language in LANGUAGES:
            facts[f"name_{language}_{urgency}"] = policy.urgency_names[language][urgency]
    for name in FIT_FIELDS:
        facts[name] = abs(getattr(policy.matcher.fit, name))
    return facts


class AdoptForm(forms.Form):
    """From when a version counts, who decided and why."""

    valid_from = DayField(label=_("Counts from"), initial=today)
    owner = forms.CharField(
        label=_("Decided by"),
        max_length=120,
        help_text=_("The meeting or the person that decided it. It stands on the page."),
    )
    reason = forms.CharField(
        label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, reason: str, cancel_url: str, **kwargs: Any) -> None:
        kwargs["initial"] = {"reason": reason}
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(_("Adopt version"), cancel_url=cancel_url)


class ReadmitForm(forms.Form):
    """Why the table lets somebody in again."""

    reason = forms.ChoiceField(
        label=_("Why"), choices=ReadmissionReason.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, cancel_url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ActionHelper(_("Let in again"), cancel_url=cancel_url)
