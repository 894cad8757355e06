"""Fields as people fill them in: amounts with a comma or a point, days, a place in the region."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from regions.models import Municipality, Neighbourhood

Place = tuple[Municipality, Neighbourhood | None]


class EuroField(forms.DecimalField):
    """712,50 and 712.50 and € 1.712,50: what people type for the same kind of amount."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal(0))
        kwargs.setdefault("max_digits", 8)
        super().__init__(
            decimal_places=2, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **kwargs
        )

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str):
            value = re.sub(r"[\s€]", "", value)
            if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?", value):
                value = value.replace(".", "")
            value = value.replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value


class PlaceField(forms.ChoiceField):
    """A neighbourhood of the region, or only its municipality: one choice gives both."""

    def __init__(
        self,
        *,
        municipalities: Sequence[Municipality],
        only_neighbourhoods: bool = False,
        **kwargs: Any,
    ) -> None:
        self.places: dict[str, Place] = {}
        groups = []
        for municipality in municipalities:
            choices = []
            for part in municipality.neighbourhoods.all():
                key = f"n:{part.ref}"
                self.places[key] = (municipality, part)
                choices.append((key, part.name))
            if not only_neighbourhoods:
                key = f"m:{municipality.code}"
                self.places[key] = (municipality, None)
                choices.append((key, _("neighbourhood not known yet")))
            groups.append((municipality.name, choices))
        super().__init__(choices=[("", _("Choose")), *groups], **kwargs)

    def clean(self, value: Any) -> Place | None:
        key = super().clean(value)
        return self.places[key] if key else None

    @staticmethod
    def key_of(municipality: Municipality, part: Neighbourhood | None) -> str:
        return f"n:{part.ref}" if part else f"m:{municipality.code}"
