"""`workbench ab`: two checkouts or environments, measured in turns, and compared pair by pair."""

import random
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import Seed
from harness.cli.signals import uninterrupted

if TYPE_CHECKING:
    from harness.cli.sides import Side


@dataclass(frozen=True, kw_only=True)
class AbOptions:
    """All options of an interleaved comparison."""

    base: Annotated[Path, typer.Argument(metavar="BASE_DIR", help="A checkout with its .venv, or an environment.")]
    new: Annotated[Path, typer.Argument(metavar="NEW_DIR", help="What is compared with it.")]
    run_options: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- RUN_OPTIONS]", help="Plan and options of `workbench run`, the same for both."),
    ] = None
    pairs: Annotated[
        int, typer.Option(metavar="N", help="Pairs: each side is started and measured once in each.", min=2, max=200)
    ] = 6
    rounds: Annotated[int, typer.Option(metavar="N", help="Rounds with each start.", min=1, max=100)] = 1
    fail_on: Annotated[
        list[str],
        typer.Option("--fail-on", metavar="GATE", help="A gate, as of `workbench compare`; can be repeated."),
    ] = field(default_factory=list)
    seed: Seed = None
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder of all runs. Default: results/ab-SEED.")
    ] = None


def ab(options: AbOptions) -> int:
    """Measure two checkouts or environments in turns, each with services of its own, and compare them.

    Exit status: 0; 1 a gate failed; 2 a folder that is no checkout, or bad options; 3 a run failed; 130 interrupted.
    """
    import asyncio

    from harness.cli.sides import side_of
    from harness.errors import INTERRUPTED
    from harness.statistics.gates import parse

    gates = [parse(text) for text in options.fail_on]
    sides = (side_of("BASE_DIR", options.base), side_of("NEW_DIR", options.new))
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(2**31)
    folder = (options.output or Path("results") / f"ab-{seed}").absolute()
    try:
        (folder / "base").mkdir(parents=True)
        (folder / "new").mkdir()
    except OSError as error:
        from harness.errors import UsageError

        raise UsageError(f"-o {folder}: {error.strerror}.") from None
    if not asyncio.run(uninterrupted(_pairs(options, sides, folder, seed))):
        print(f"workbench: interrupted. What was measured is in {folder}.", file=sys.stderr)
        return INTERRUPTED
    from harness import registry
    from harness.report import two_runs
    from harness.results import store
    from harness.statistics.gates import judge
    from harness.statistics.interleaved import merged
    from harness.statistics.two_runs import changes

    base, new = (
        merged([store.read(folder / name / str(pair)) for pair in range(1, options.pairs + 1)], name)
        for name in ("base", "new")
    )
    every = list(changes(base, new, paired=True))
    results = [result for gate in gates for result in judge(gate, every)]
    print(registry.load("format", "terminal").show(two_runs.build(base, new, results, paired=True)))
    return 0 if all(result.outcome != "failed" for result in results) else 1


async def _pairs(options: AbOptions, sides: "tuple[Side, Side]", folder: Path, seed: int) -> None:
    """Each pair in an order of its own, with a seed of its own."""
    shuffler = random.Random(seed)  # an order is no secret
    for pair in range(1, options.pairs + 1):
        for side in shuffler.sample(sides, 2):
            name = "base" if side is sides[0] else "new"
            print(f"pair {pair} of {options.pairs}: {name}", file=sys.stderr)
            given = [*(options.run_options or []), "--rounds", str(options.rounds), "--boots", "1", "--quiet"]
            place = folder / name / str(pair)
            await side.run([*given, "--seed", str(seed + pair), "-o", str(place)], folder / f"{name}.log")
