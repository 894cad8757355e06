"""Bars in a row of a table: a promise and what became of it, a part and its whole."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from regions.charts import svg

WIDTH = 320
THICK = 14
EDGE = 2.0
BAR_TOP = 3
BRACKET = 26


def balance_bar(
    *,
    name: str,
    agreed: int,
    let: int,
    accepted: int,
    offered: int,
    largest: int,
    low: int | None = None,
    likely: int | None = None,
    high: int | None = None,
) -> SafeString:
    """One ledger row: let, accepted, offered (does not count yet) and open, within what was agreed.

    All bars of a table share `largest`, the greatest number that any of them shows, so that they
    can be compared. Under the bar stands where the year will end, if it is known.
    """
    unit = (WIDTH - 2 * EDGE) / max(largest, agreed, let + accepted + offered, high or 0, 1)
    parts = [_bar("g-open", EDGE, agreed * unit)] if agreed else []
    x = EDGE
    for css_class, count in (("g-solid", let), ("g-mid", accepted), (None, offered)):
        if count:
            parts.append(_bar(css_class, x, count * unit))
        x += count * unit
    if agreed:
        parts.append(_bar("g-frame", EDGE, agreed * unit))
    words = gettext(
        "%(name)s: %(let)d let, %(accepted)d accepted, %(offered)d offered of %(agreed)d"
    )
    values: dict[str, object] = {
        "name": name,
        "let": let,
        "accepted": accepted,
        "offered": offered,
        "agreed": agreed,
    }
    said = words % values
    if low is not None and high is not None:
        parts += _bracket(EDGE + low * unit, EDGE + high * unit)
        if likely is not None:
            at = EDGE + likely * unit
            parts.append(svg.element("circle", css_class="g-dot", cx=at, cy=float(BRACKET), r=3.5))
        expected = gettext("expected at the end of the year: %(low)d to %(high)d")
        said += "; " + expected % {"low": low, "high": high}
    return svg.picture(svg.joined(parts), width=WIDTH, height=34, css_class="wt-balance", name=said)


def share_bar(*, name: str, part: int, whole: int, largest: int) -> SafeString:
    """A part of a whole; bars of one table share `largest`."""
    unit = (WIDTH - 2 * EDGE) / max(largest, whole, part, 1)
    parts = [_bar("g-open", EDGE, whole * unit)] if whole else []
    if part:
        parts.append(_bar("g-solid", EDGE, part * unit))
    said = gettext("%(name)s: %(part)d of %(whole)d") % {"name": name, "part": part, "whole": whole}
    return svg.picture(svg.joined(parts), width=WIDTH, height=20, css_class="wt-balance", name=said)


def _bar(css_class: str | None, x: float, width: float) -> SafeString:
    """A piece of the bar; without a class it is hatched with the pattern that every page holds."""
    return svg.element(
        "rect",
        css_class=css_class,
        fill=None if css_class else "url(#hatch)",
        x=x,
        y=float(BAR_TOP),
        width=width,
        height=float(THICK),
    )


def _bracket(low: float, high: float) -> list[SafeString]:
    stroke = (
        f"M{svg.rounded(low)} {BRACKET - 4}v8"
        f"M{svg.rounded(low)} {BRACKET}H{svg.rounded(high)}"
        f"M{svg.rounded(high)} {BRACKET - 4}v8"
    )
    return [svg.element("path", css_class="g-bracket", d=stroke)]
