"""`workbench size`: how many slots, processes and machines a rate takes."""

from harness.cli.size_options import SizeOptions


def size(options: SizeOptions) -> int:
    """How many do I need? Slots, processes, machines and memory for a rate, on asyncio and on each pool.

    Measures what a request costs here, in about a minute, and computes the rest (docs/size.md). --verify proves it.
    """
    from harness.cli.measuring import measure
    from harness.cli.sizing import prepared
    from harness.schedule.size import Size

    preparation = prepared(options)
    schedule = Size(preparation.asked, preparation.sizing)
    return measure(preparation.options, preparation.plan, schedule, "workbench size")
