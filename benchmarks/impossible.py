"""Figures against bounds that are known by other means: each is right within 2 %, or refused, or `impossible`.

`python -m benchmarks.impossible [PART…]`: `pools` (connections, threads and event loops within the work), `slots` (and
what a request of several steps, pages or attempts takes), `estimators` (drain, burst, open at and beyond what is
served, percentiles, CPU), `services` (a given origin, a search for a rate, an interval, a broker that drops keys, a
bottleneck, a CPU quota) and `settings` (those that could not be in effect). Before the window waited for rest,
three of the pools were reported at 267, 53.5 and 85.3 requests/s, each with a narrow interval. A figure that is not
right while others use the machine is measured up to twice more, and is then `disturbed`.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence

from benchmarks.bounds import cases, services, settings
from benchmarks.bounds.row import Row
from benchmarks.bounds.running import rows_of

TRIALS = {"pools": cases.POOLS, "slots": cases.SLOTS, "estimators": cases.ESTIMATORS}
COMMANDS = {"services": services.rows, "settings": settings.rows}


async def rows_of_part(part: str) -> list[Row]:
    """Run it; each row is printed as soon as it is known."""
    made = []
    if part in TRIALS:
        async for row in rows_of(TRIALS[part]):
            row.show()
            made.append(row)
    else:
        for row in COMMANDS[part]():
            row.show()
            made.append(row)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit 1 if a row is wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.impossible", description=__doc__)
    parser.add_argument("parts", nargs="*", default=[*TRIALS, *COMMANDS], help="parts to run (default: all)")
    wrong = 0
    for part in parser.parse_args(arguments).parts:
        began = time.monotonic()
        made = asyncio.run(rows_of_part(part))
        wrong += sum(row.verdict == "WRONG" for row in made)
        print(f"{part}: {len(made)} rows in {time.monotonic() - began:.0f} s", flush=True)
    print("demanded: no row WRONG")
    sys.exit(int(wrong > 0))


if __name__ == "__main__":
    main()
