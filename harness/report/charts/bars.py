"""Stacked bars, one for each cell: how a whole is made up."""

from harness.report.chart import ROW_PX, Chart, Datum, axis, by_name, category, layered, shown
from harness.report.table import number


def stacked(
    rows: list[Datum],
    colours: dict[str, str],
    *,
    key: str,
    title: str,
    about: str,
    part: str,
    amount: str,
) -> Chart:
    """Bars of `rows` (name, part, amount, order); `colours` in the order of the parts, `amount` with its unit."""
    used = [name for name in colours if any(row["part"] == name for row in rows)]
    encoding = {
        "y": by_name(),
        "x": {"field": "amount", "type": "quantitative", "stack": "zero", "axis": axis(amount)},
        "color": category("part", {"domain": used, "range": [colours[name] for name in used]}),
        "order": {"field": "order", "type": "ordinal"},
        "tooltip": [shown("name", "contender"), shown("part", part), shown("amount", amount, ",.3~r")],
    }
    total = {
        "data": {"values": _sums(rows)},
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11},
        "encoding": {
            "y": by_name(),
            "x": {"field": "end", "type": "quantitative"},
            "text": {"field": "label", "type": "nominal"},
        },
    }
    return Chart(
        key=key,
        title=title,
        about=about,
        spec=layered(rows, [{"mark": {"type": "bar", "cornerRadius": 1}, "encoding": encoding}, total]),
        height=ROW_PX * len({row["name"] for row in rows}),
    )


def _sums(rows: list[Datum]) -> list[Datum]:
    """What the parts of each bar add up to, and where it ends on the right."""
    amounts: dict[str, list[float]] = {}
    for row in rows:
        amounts.setdefault(row["name"], []).append(row["amount"])
    made: list[Datum] = []
    for name, of_bar in amounts.items():
        total, end = sum(of_bar), sum(each for each in of_bar if each > 0)
        made.append({"name": name, "total": total, "label": f"total {number(total, 3)}", "end": end})
    return made
