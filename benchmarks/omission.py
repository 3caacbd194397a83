"""Whether a stall shows in the latency of an open load, whoever stalls, and to whom it would not show.

`python -m benchmarks.omission`: 100 requests a second to Celery threads, for 20 s, three times: with nothing stopped,
with Redis stopped for 2 s (SIGSTOP), and with the worker stopped likewise. Corrected latency counts from when a request
was due, uncorrected from when the driver really began it. While Redis stands still, so does the driver in its own
`apply_async`, and begins no requests. Those that it should have begun are late, but uncorrected they look fast: that is
coordinated omission (Gil Tene). While the worker stands still, the driver goes on publishing, so that both show it.

A tenth of the requests fall due in the stall, so p99 is how long the request waited that fell due after a tenth of
it: 1.8 s. Arrivals are even by default. Of Poisson arrivals, 20 are expected in that tenth but 15 may come, and then
p99 falls below 1.8 s by chance.
"""

import argparse
import asyncio
import sys

import psutil

from benchmarks.bench import Bench, bench
from harness.results.model import Latency, Trial

RATE_PER_S, WINDOW_S, WARMUP_S, STALL_S = 100, 20.0, 1.0, 2.0
STALL_AT_S = WARMUP_S + 0.4 * WINDOW_S
SHOWS_MS, SMALL_MS = 1800.0, 500.0
STALLED = {"nothing": None, "Redis": "-server 127.0.0.1", "the worker": "harness.contenders.celery.worker"}
"""What is stopped, and what is in its command line."""


async def stalled(process: psutil.Process | None) -> None:
    """Stop a process, some seconds into the window, and let it go on; nothing where there is none."""
    await asyncio.sleep(STALL_AT_S)
    if process is None:
        return
    process.suspend()
    try:
        await asyncio.sleep(STALL_S)
    finally:
        process.resume()


async def trial_with_stall(running: Bench, cell: str, words: str | None) -> Trial:
    """One trial, in which the process with `words` in its command line is stopped."""
    stall = asyncio.create_task(stalled(running.process(words) if words else None))
    try:
        return await running.trial(cell)
    finally:
        stall.cancel()
        await asyncio.wait({stall})


def p99_ms(latency: Latency | None) -> float:
    """The 99th percentile; there are requests enough for it."""
    assert latency is not None
    assert latency.p99 is not None
    return latency.p99


def meets(name: str, trial: Trial) -> bool:
    """Whether every request was answered well, and the stall shows where it must, and only there."""
    corrected, uncorrected = p99_ms(trial.latency_ms), p99_ms(trial.uncorrected_ms)
    return (
        trial.ok == trial.submitted
        and {
            "nothing": corrected <= SMALL_MS and uncorrected <= SMALL_MS,
            "Redis": corrected >= SHOWS_MS and uncorrected <= SMALL_MS,
            "the worker": corrected >= SHOWS_MS and uncorrected >= SHOWS_MS,
        }[name]
    )


def shown(latency: Latency | None) -> str:
    """Median, 99th percentile and maximum."""
    assert latency is not None
    return f"{latency.p50:7.1f} / {p99_ms(latency):7.1f} / {latency.max:7.1f}"


async def compare(options: argparse.Namespace) -> bool:
    """Run the three trials, print them; whether all are as demanded."""
    contender = f"celery-threads:{options.slots}"
    arrivals = "" if options.arrivals == "poisson" else f":{options.arrivals}"
    load = f"open:{RATE_PER_S}/s{arrivals}"
    print(f"{contender}, noop, {load}, {WINDOW_S:g} s, one of them stopped for {STALL_S:g} s")
    print(f"  {'stopped':12} {'good':>12} {'corrected p50 / p99 / max':>29} {'uncorrected p50 / p99 / max':>29}   ms")
    good = []
    async with bench(contenders=[contender], loads=[load], duration=f"{WINDOW_S}s", warmup=f"{WARMUP_S}s") as running:
        for name, words in STALLED.items():
            trial = await trial_with_stall(running, f"noop/{contender}/{load}", words)
            count = f"{trial.ok} of {trial.submitted}"
            figures = f"{shown(trial.latency_ms):>29} {shown(trial.uncorrected_ms):>29}"
            good.append(meets(name, trial))
            print(f"  {name:12} {count:>12} {figures}   {'as demanded' if good[-1] else 'MISSED'}", flush=True)
    print(
        f"demanded of p99, in ms: nothing stopped, both at most {SMALL_MS:g}; Redis stopped, corrected at least ",
        end="",
    )
    print(f"{SHOWS_MS:g} and uncorrected at most {SMALL_MS:g}; the worker stopped, both at least {SHOWS_MS:g}")
    return all(good)


def main() -> None:
    """Exit 1 where a stall does not show as it must."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.omission", description=__doc__)
    parser.add_argument("--slots", type=int, default=8, help="threads of the worker (default: %(default)s)")
    parser.add_argument(
        "--arrivals", choices=("uniform", "poisson"), default="uniform", help="of the load (default: %(default)s)"
    )
    sys.exit(int(not asyncio.run(compare(parser.parse_args()))))


if __name__ == "__main__":
    main()
