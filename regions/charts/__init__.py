"""Pictures drawn on the server as SVG: no browser script, no inline style, colours from the tokens.

Every picture stands beside a table with the same numbers; docs/adr/0003-charts.md says why these
are drawn by hand.
"""
