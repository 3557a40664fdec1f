"""
Charts as SVG, written by hand: bars and lines on a logarithmic scale, for light and dark pages.

Colours follow the reader's setting (prefers-color-scheme) inside the picture itself.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
STYLE = f"""
text {{ font-family: {FONT}; font-size: 12px; fill: #1f2328; }}
.title {{ font-size: 15px; font-weight: 600; }}
.faint {{ fill: #59636e; }}
.page {{ fill: #ffffff; }}
.grid {{ stroke: #d1d9e0; stroke-width: 1; }}
.bar0, .dot0 {{ fill: #0969da; }} .line0 {{ stroke: #0969da; }}
.bar1, .dot1 {{ fill: #bc4c00; }} .line1 {{ stroke: #bc4c00; }}
.bar2, .dot2 {{ fill: #6e7781; }} .line2 {{ stroke: #6e7781; }}
.line0, .line1, .line2 {{ fill: none; stroke-width: 2; }}
@media (prefers-color-scheme: dark) {{
  text {{ fill: #f0f6fc; }}
  .faint {{ fill: #9198a1; }}
  .page {{ fill: #0d1117; }}
  .grid {{ stroke: #3d444d; }}
  .bar0, .dot0 {{ fill: #4493f8; }} .line0 {{ stroke: #4493f8; }}
  .bar1, .dot1 {{ fill: #f0883e; }} .line1 {{ stroke: #f0883e; }}
  .bar2, .dot2 {{ fill: #9198a1; }} .line2 {{ stroke: #9198a1; }}
}}
"""

WIDTH = 760
MARGIN = 16
LABELS = 232  # room for the names of groups of bars
VALUES = 64  # room behind a bar for its figure
BAR = 13
ROOM = 0.05  # of a decade left of the least value, so that it is seen
GAP = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Bars that belong together; None where a series has no value."""

    label: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One small chart of lines: for each series its points (x, y), both above 0."""

    label: str
    lines: Sequence[Sequence[tuple[float, float]]]


def bars(
    title: str,
    *,
    series: Sequence[str],
    groups: Sequence[Group],
    colours: Sequence[int] = (0, 1, 2),
) -> str:
    """Horizontal bars on a logarithmic scale, one group under the other."""
    values = [value for group in groups for value in group.values if value]
    scale = _Scale.over(values, WIDTH - 2 * MARGIN - LABELS - VALUES, room=ROOM)
    parts = list(_heading(title, series, colours))
    top = 64.0
    bottom = top + sum(BAR * len(group.values) + GAP for group in groups)
    for tick in scale.ticks():
        x = MARGIN + LABELS + scale.place(tick)
        parts.append(_line(x, top - 4, x, bottom))
        parts.append(_text(x, bottom + 14, figure(tick), anchor="middle", kind="faint"))
    y = top
    for group in groups:
        middle = y + BAR * len(group.values) / 2 + 4
        parts.append(_text(MARGIN + LABELS - 8, middle, group.label, anchor="end"))
        for colour, value in zip(colours, group.values, strict=False):
            x = MARGIN + LABELS
            if value is None:
                parts.append(_text(x + 4, y + BAR - 3, "none", kind="faint"))
            else:
                length = max(scale.place(value), 1.0)
                parts.append(
                    f'<rect class="bar{colour}" x="{x}" y="{y:.1f}" width="{length:.1f}"'
                    f' height="{BAR - 2}" rx="2"/>'
                )
                parts.append(_text(x + length + 4, y + BAR - 3, figure(value)))
            y += BAR
        y += GAP
    return _document(parts, height=bottom + 28)


def panels(title: str, *, series: Sequence[str], across: str, charts: Sequence[Panel]) -> str:
    """Small charts side by side with common scales, both logarithmic."""
    columns, height, top = 4, 120.0, 84.0
    width = (WIDTH - 2 * MARGIN) / columns
    inner = width - 52
    points = [point for chart in charts for line in chart.lines for point in line]
    over = _Scale.over([x for x, _ in points], inner)
    up = _Scale.over([y for _, y in points], height)
    parts = list(_heading(title, series, range(len(series))))
    rows = -(-len(charts) // columns)
    for number, chart in enumerate(charts):
        left = MARGIN + (number % columns) * width + 44
        base = top + (number // columns) * (height + 58) + height
        parts.append(_text(left, base - height - 8, chart.label))
        for tick in up.ticks():
            y = base - up.place(tick)
            parts.append(_line(left, y, left + inner, y))
            if number % columns == 0:
                parts.append(_text(left - 5, y + 4, figure(tick), anchor="end", kind="faint"))
        for tick in over.ticks():
            x = left + over.place(tick)
            parts.append(_text(x, base + 15, figure(tick), anchor="middle", kind="faint"))
        for index, line in enumerate(chart.lines):
            placed = [(left + over.place(x), base - up.place(y)) for x, y in line]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
            if len(placed) > 1:
                parts.append(f'<polyline class="line{index}" points="{path}"/>')
            parts += [
                f'<circle class="dot{index}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in placed
            ]
    bottom = top + rows * (height + 58)
    parts.append(_text(WIDTH / 2, bottom - 12, across, anchor="middle", kind="faint"))
    return _document(parts, height=bottom)


def figure(value: float) -> str:
    """Three significant digits, thousands as k and millions as M."""
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class _Scale:
    """Logarithmic, from one power of ten to another."""

    low: int
    high: int
    length: float

    @classmethod
    def over(cls, values: Sequence[float], length: float, *, room: float = 0.0) -> "_Scale":
        positive = [value for value in values if value > 0] or [1.0]
        low = math.floor(math.log10(min(positive)) - room)
        high = math.ceil(math.log10(max(positive)))
        return cls(low, max(high, low + 1), length)

    def place(self, value: float) -> float:
        return (math.log10(value) - self.low) / (self.high - self.low) * self.length

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def _heading(title: str, series: Sequence[str], colours: Sequence[int]) -> Iterator[str]:
    yield _text(MARGIN, 24, title, kind="title")
    x = float(MARGIN)
    for colour, name in zip(colours, series, strict=False):
        yield f'<rect class="bar{colour}" x="{x:.0f}" y="36" width="11" height="11" rx="2"/>'
        yield _text(x + 16, 46, name)
        x += 34 + 7 * len(name)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    css = f' class="{kind}"' if kind else ""
    return f'<text{css} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _document(parts: Sequence[str], *, height: float) -> str:
    whole = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}"'
        f' width="{WIDTH}" height="{height:.0f}" role="img">\n<style>{STYLE}</style>\n'
        f'<rect class="page" width="100%" height="100%"/>\n{whole}\n</svg>\n'
    )
