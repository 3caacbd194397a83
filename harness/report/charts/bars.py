"""Stacked bars, one for each cell: how a whole is made up."""

from harness.report.chart import ROW_PX, Chart, Datum, axis, by_name, category, layered, shown


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
    totals: dict[str, float] = {}
    for row in rows:
        totals[row["name"]] = totals.get(row["name"], 0.0) + row["amount"]
    sums = [{"name": name, "total": total} for name, total in totals.items()]
    total = {
        "data": {"values": sums},
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11},
        "encoding": {
            "y": by_name(),
            "x": {"field": "total", "type": "quantitative"},
            "text": {"field": "total", "format": ",.3~r"},
        },
    }
    return Chart(
        key=key,
        title=title,
        about=about,
        spec=layered(rows, [{"mark": {"type": "bar", "cornerRadius": 1}, "encoding": encoding}, total]),
        height=ROW_PX * len({row["name"] for row in rows}),
    )
