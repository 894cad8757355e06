"""A form in our look: what is wrong comes first, each control has its words, one verb."""

import re

import pytest
from crispy_forms.layout import Fieldset
from crispy_forms.utils import render_crispy_form
from django import forms
from django.utils import translation

from accounts.formhelper import ActionHelper


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label="Zwaluwhof 18 aanbieden?",
        choices=[("yes", "Ja"), ("no", "Nee <nooit>")],
        widget=forms.RadioSelect,
    )
    on = forms.DateField(label="Klaar vanaf", help_text="De dag van verhuizen.")
    note = forms.CharField(label="Toelichting", required=False)
    reason = forms.ChoiceField(label="Reden", choices=[("a", "A")], required=False)
    sure = forms.BooleanField(label="De cliënt weet dit")


def drawn(form, helper=None):
    if helper is None:  # a helper without a layout of its own counts as empty
        helper = ActionHelper("Antwoord vastleggen", cancel_url="/back")
    form.helper = helper
    with translation.override("nl"):
        return render_crispy_form(form, context={"csrf_token": "token"})


def test_one_button_with_its_verb_and_a_way_back():
    html = drawn(AnswerForm())
    assert html.count('type="submit"') == 1
    assert ">Antwoord vastleggen</button>" in html
    assert '<a class="btn btn-outline-primary" href="/back">Annuleren</a>' in html


def test_what_is_not_required_says_so_in_words():
    html = drawn(AnswerForm())
    assert html.count("niet verplicht") == 2
    assert "*" not in html


def test_a_new_form_shows_no_error():
    assert "wt-errors" not in drawn(AnswerForm())


def test_a_failed_form_starts_with_a_summary_that_leads_to_each_control():
    html = drawn(AnswerForm({}))
    summary = html[: html.index("</ul>")]
    assert 'role="alert"' in summary
    assert "data-focus" in summary
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets == ["id_answer_0", "id_on", "id_sure"]
    for target in targets:
        assert f'id="{target}"' in html


def test_help_and_error_are_tied_to_their_control():
    html = drawn(AnswerForm({}))
    control = re.search(r'<input[^>]*id="id_on"[^>]*>', html).group()
    (described,) = re.findall(r'aria-describedby="([^"]+)"', control)
    assert described.split() == ["id_on_helptext", "id_on_error"]
    for part in described.split():
        assert html.count(f'id="{part}"') == 1
    assert 'aria-invalid="true"' in control


def test_every_control_has_a_label():
    html = drawn(AnswerForm())
    for control in re.findall(r"<(?:input|select|textarea)[^>]*>", html):
        if 'type="hidden"' not in control:
            (identity,) = re.findall(r'\sid="([^"]+)"', control)
            assert f'for="{identity}"' in html


def test_no_id_stands_twice():
    identities = re.findall(r'\sid="([^"]+)"', drawn(AnswerForm({})))
    assert len(identities) == len(set(identities))


def test_options_become_cards_where_asked():
    card = 'class="wt-option"'
    assert drawn(AnswerForm()).count(card) == 0
    assert drawn(AnswerForm(), ActionHelper("Vastleggen", cards=("answer",))).count(card) == 2


def test_words_in_options_stay_words():
    assert "Nee &lt;nooit&gt;" in drawn(AnswerForm())


def test_a_layout_groups_fields():
    html = drawn(AnswerForm(), ActionHelper("Vastleggen", Fieldset("Wanneer", "on", "note")))
    assert "<legend>Wanneer</legend>" in html
    assert "id_reason" not in html


def test_a_dangerous_verb_is_never_the_primary_one():
    html = drawn(AnswerForm(), ActionHelper("Intrekken", danger=True))
    assert "btn-danger" in html
    assert "btn-primary" not in html


@pytest.mark.parametrize("data", [None, {}])
def test_the_form_carries_its_tokens(data):
    html = drawn(AnswerForm(data))
    assert 'name="csrfmiddlewaretoken"' in html
    assert 'name="submission"' in html
