"""The options of `workbench run`, some of which `workbench ladder` shares."""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from harness.cli import urls
from harness.cli.options import (
    BootsOption,
    DocumentFile,
    MaxTimeOption,
    PathOption,
    ProfileOption,
    QuietOption,
    RepeatsOption,
    RunFolder,
    Seed,
    SettingsOption,
    VerboseOption,
)
from harness.plan.asked import REPEATS_MOST, Asked, WorkersAre
from harness.services.url import Url


@dataclass(frozen=True, kw_only=True)
class RunOptions(Asked):
    """All options of a run."""

    plan: Annotated[
        str,
        typer.Argument(metavar="PLAN", help="Plan: a name from `workbench list plans`, or the path of a TOML file."),
    ] = "quick"
    workloads: Annotated[
        list[str],
        typer.Option(
            "-w",
            "--workload",
            metavar="NAME|FILE|PACKAGE.MODULE:NAME",
            help="Workload, or a job of your own (docs/your-own-job.md); can be repeated. "
            "Default: those of the plan's first view.",
        ),
    ] = field(default_factory=list)
    contenders: Annotated[
        list[str],
        typer.Option(
            "-c",
            "--contender",
            metavar="NAME[:SLOTS][@BROKER]",
            help="Contender, its slots (requests executed at once), its broker (redis, rabbitmq); can be repeated. "
            "Default: those of the plan's first view.",
        ),
    ] = field(default_factory=list)
    loads: Annotated[
        list[str],
        typer.Option(
            "--load",
            metavar="LOAD",
            help="closed:N clients, open:R/s arrivals, drain:N, burst:N, replay:FILE… (`workbench list loads`); "
            "can be repeated. Default: the plan's.",
        ),
    ] = field(default_factory=list)
    duration: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Length of each measured window, with its unit (5s, 500ms). Default: the plan's."
        ),
    ] = None
    warmup: Annotated[
        str | None,
        typer.Option(
            metavar="TIME|N",
            help="Least warm-up of each trial: a time (2s), or a number of requests. It goes on until the load is seen "
            "to be at rest, and processes and connections of the work have been used. Default: the plan's.",
        ),
    ] = None
    requests: Annotated[
        int | None,
        typer.Option(metavar="N", help="Measure N requests in each trial instead of a duration.", show_default=False),
    ] = None
    rounds: Annotated[
        str | None,
        typer.Option(
            metavar="N|auto",
            help="Rounds: trials of each cell; a verdict needs 5. auto: from 5 to 30, until the interval of each "
            "throughput is within ±3 %. Default: the plan's.",
        ),
    ] = None
    boots: BootsOption = None
    repeats: RepeatsOption = REPEATS_MOST
    find_rate: Annotated[
        str | None,
        typer.Option(
            "--find-rate",
            metavar="LIMIT",
            help="Instead of loads: search for the highest open rate that holds this limit, such as 'p99<250ms' (p50, "
            "p90, p99, p999), and confirm it in every round.",
        ),
    ] = None
    why: Annotated[
        bool,
        typer.Option(
            "--why",
            help="After the run, change one thing at a time of each row (slots, clients, drivers, processes of the "
            "origin, settings), in at least 5 rounds, and name what limits its rate by what moves it. "
            "Its cost is said before.",
        ),
    ] = False
    time_scale: Annotated[
        int | None,
        typer.Option(
            "--time-scale",
            metavar="N",
            help="Let work wait N times as fast, and shorten settings that are times (visibility timeout, limits, "
            "expiry) as much: jobs of minutes in seconds. Refused where that would not be true. Default: the plan's.",
            show_default=False,
        ),
    ] = None
    profile: ProfileOption = False
    seed: Seed = None
    path: PathOption = field(default_factory=list)
    allow_remote: Annotated[
        bool,
        typer.Option(
            "--allow-remote", help="Allow a job of your own to call other machines; needs --at-most and --requests."
        ),
    ] = False
    at_most: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="How often a job of your own may be called, before and during the run: a run that could call it more "
            "often is not started. Without warm-up.",
            min=1,
            show_default=False,
        ),
    ] = None
    timeout: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="How long past its expected finish a request may take before it counts as lost."
        ),
    ] = "30s"
    max_time: MaxTimeOption = None
    settings: SettingsOption = field(default_factory=list)
    brokers: Annotated[
        list[Url],
        typer.Option(
            "--broker",
            metavar="URL|KIND",
            parser=urls.run_broker,
            help="Redis or RabbitMQ to use (redis://HOST:PORT/0, amqp://USER:PASSWORD@HOST:PORT//); redis or rabbitmq: "
            "one that the run starts. With one of each, every Celery contender runs on both; several of one kind are "
            "shards, which share workers' slots and requests. Default: redis.",
            envvar="WORKBENCH_BROKER",
        ),
    ] = field(default_factory=list)
    shards: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Redis servers that the run starts, which share workers' slots and requests; one driver or more each.",
            min=1,
            max=64,
            envvar="WORKBENCH_SHARDS",
        ),
    ] = 1
    result_backend: Annotated[
        Url | None,
        typer.Option(
            metavar="URL",
            parser=urls.result_backend,
            help="Result backend with RabbitMQ: a Redis, or rpc:// (results as messages). Default: the Redis of "
            "--broker, else one that the run starts; rpc:// with external workers.",
            envvar="WORKBENCH_RESULT_BACKEND",
        ),
    ] = None
    workers: Annotated[
        WorkersAre,
        typer.Option(
            help="embedded: the run starts its workers. external: use the workers that wait on --broker (started with "
            "`workbench worker`), and the workbench's origin (python -m origin) at --origin.",
            envvar="WORKBENCH_WORKERS",
        ),
    ] = "embedded"
    wait: Annotated[
        str | None,
        typer.Option(
            "--wait",
            metavar="TIME",
            help="With --workers external: how long to wait for those that another run has leased (5min). "
            "By default, the run ends at once with exit status 3, and names that run.",
            envvar="WORKBENCH_WAIT",
            show_default=False,
        ),
    ] = None
    workers_at_most: Annotated[
        int | None,
        typer.Option(
            "--workers-at-most",
            metavar="N",
            help="With --workers external: how many workers of each pool to lease, so that others stay free. "
            "Default: all that wait.",
            min=1,
            show_default=False,
        ),
    ] = None
    origin: Annotated[
        Url | None,
        typer.Option(
            metavar="URL",
            parser=urls.origin,
            help="HTTP service that the workloads call: the workbench's origin (python -m origin), or another one, "
            "which takes no parameters. Default: an origin that the run starts.",
            envvar="WORKBENCH_ORIGIN",
        ),
    ] = None
    postgres: Annotated[
        Url | None,
        typer.Option(
            metavar="URL",
            parser=urls.postgres,
            help="PostgreSQL that sql_query uses, in a separate schema. Default: a server that the run starts, if "
            "PostgreSQL is installed; else those cells are skipped. External workers read its URL from DATABASE_URL.",
            envvar="WORKBENCH_POSTGRES",
        ),
    ] = None
    origin_processes: Annotated[
        int, typer.Option(metavar="N", help="Processes of the origin that the run starts.", min=1, max=64)
    ] = 1
    drivers: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Number of processes that generate closed and open loads; on the asyncio side they also execute them. "
            "With external workers: those started with `workbench driver`, if any.",
            min=1,
            max=1000,
            envvar="WORKBENCH_DRIVERS",
        ),
    ] = 1
    allow_remote_origin: Annotated[
        bool,
        typer.Option(
            "--allow-remote-origin", help="Allow an --origin on another machine; needs --requests of at most 60."
        ),
    ] = False
    output: RunFolder = None
    json: DocumentFile = None
    stamps: Annotated[
        bool,
        typer.Option(
            "--stamps", help="Keep the stamps of every request, one NumPy file per trial, in the run's folder stamps/."
        ),
    ] = False
    last_word: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What to print last.", envvar="WORKBENCH_LAST_WORD", hidden=True),
    ] = None
    verbose: VerboseOption = False
    quiet: QuietOption = False

    def is_typed(self, option: str) -> bool:
        """Whether it is on the command line."""
        return urls.is_typed(option)
