"""What a page is put together with: captured blocks, the trail of crumbs, the form's own token."""

import uuid
from typing import Any

from django import template
from django.template.base import NodeList, Parser, Token
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


class CaptureNode(template.Node):
    """Renders what it holds into a variable, so that a page states its heading once."""

    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist = nodelist
        self.name = name

    def render(self, context: template.Context) -> SafeString:
        context[self.name] = SafeString(self.nodelist.render(context).strip())
        return SafeString("")


@register.tag
def capture(parser: Parser, token: Token) -> CaptureNode:
    """`{% capture as name %}..{% endcapture %}`; blocks inside may be filled by a page."""
    words = token.split_contents()
    if len(words) != 3 or words[1] != "as":
        raise template.TemplateSyntaxError("capture is written {% capture as name %}")
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return CaptureNode(nodelist, words[2])


@register.inclusion_tag("components/breadcrumb.html")
def crumbs(*parts: Any) -> dict[str, Any]:
    """`{% crumbs label url label url label %}`: the last label is the page itself."""
    labels, addresses = parts[0::2], parts[1::2]
    if len(labels) != len(addresses) + 1:
        raise template.TemplateSyntaxError("crumbs end with the label of the page itself")
    return {"steps": list(zip(labels, addresses, strict=False)), "here": labels[-1]}


@register.simple_tag
def submission() -> SafeString:
    """A token that is new each time a form is drawn: the same token twice is the same press."""
    return format_html('<input type="hidden" name="submission" value="{}">', uuid.uuid4())
