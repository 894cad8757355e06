"""Asks axe about the page that a browser shows."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "preload": False,
}


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, one line per place."""
    page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(
        "options => axe.run(document, options).then(found => found.violations)", OPTIONS
    )
    return [
        f"{rule['id']} at {' '.join(map(str, node['target']))}: {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """What sticks out to the right, when the page can be scrolled sideways."""
    found: list[str] = page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return [];
            const out = [...document.body.querySelectorAll("*")].filter(
                element => element.getBoundingClientRect().right > root.clientWidth + 0.5);
            return [`${root.scrollWidth} > ${root.clientWidth}`,
                    ...out.slice(0, 8).map(element => element.outerHTML.slice(0, 160))];
        }"""
    )
    return found
