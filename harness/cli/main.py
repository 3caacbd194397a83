"""The command line: arguments → plan; nothing else. What a command needs is imported when it runs."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    name="workbench",
    help="Celery or asyncio? Runs the same I/O-bound workloads on both sides and measures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class WorkersAre(StrEnum):
    """Whose workers a run uses."""

    embedded = "embedded"
    external = "external"


class Pool(StrEnum):
    """What executes a worker's tasks."""

    prefork = "prefork"
    threads = "threads"
    gevent = "gevent"
    solo = "solo"


class Kind(StrEnum):
    """What `workbench list` lists."""

    workloads = "workloads"
    contenders = "contenders"
    loads = "loads"
    plans = "plans"
    settings = "settings"
    ladders = "ladders"


@app.command()
def run(
    plan: Annotated[
        str,
        typer.Argument(metavar="[PLAN]", help="Plan: a name from `workbench list plans`, or the path of a TOML file."),
    ] = "quick",
    workload: Annotated[
        list[str] | None,
        typer.Option(
            "-w", "--workload", metavar="NAME", help="Workload; repeat for more. Default: the plan's first view's."
        ),
    ] = None,
    contender: Annotated[
        list[str] | None,
        typer.Option(
            "-c",
            "--contender",
            metavar="NAME[:SLOTS][@BROKER]",
            help="Contender, its slots (requests executed at once), its broker (redis, rabbitmq); repeat for more. "
            "Default: the plan's first view's.",
        ),
    ] = None,
    load: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LOAD",
            help="closed:N clients, open:R/s arrivals, drain:N, burst:N; repeat for more. Default: the plan's.",
        ),
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Length of each measured window, with its unit (5s, 500ms). Default: the plan's."
        ),
    ] = None,
    requests: Annotated[
        int | None,
        typer.Option(metavar="N", help="Measure N requests a trial instead of a duration.", show_default=False),
    ] = None,
    rounds: Annotated[
        str | None,
        typer.Option(
            metavar="N|auto",
            help="Rounds: trials of each cell; a verdict needs 5. auto: from 5 to 30, until each throughput's interval "
            "is within ±3 %. Default: the plan's.",
        ),
    ] = None,
    find_rate: Annotated[
        str | None,
        typer.Option(
            "--find-rate",
            metavar="LIMIT",
            help="Instead of loads: search the highest open rate that holds this limit, such as 'p99<250ms' (p50, p90, "
            "p99, p999), and confirm it in every round.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Seed of order, arrivals and payloads. Default: a new one, recorded."),
    ] = None,
    timeout: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="How long past its expected finish a request may take before it counts as lost."
        ),
    ] = "30s",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="WORKLOAD.PARAM=VALUE",
            help="A workload's parameter (see `workbench list workloads`); repeat.",
        ),
    ] = None,
    broker: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="Redis or RabbitMQ to use (redis://HOST:PORT/0, amqp://USER:PASSWORD@HOST:PORT//); one of each makes "
            "every Celery contender run on both. Default: a Redis of the run's own.",
            envvar="WORKBENCH_BROKER",
        ),
    ] = None,
    result_backend: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="What keeps the results of a RabbitMQ: a Redis, or rpc:// (they are messages). Default: the Redis of "
            "--broker, else one of the run's own; rpc:// with external workers.",
            envvar="WORKBENCH_RESULT_BACKEND",
        ),
    ] = None,
    workers: Annotated[
        WorkersAre,
        typer.Option(
            help="external: use the workers that wait on --broker (started with `workbench worker`), and take --origin "
            "for the workbench's own (python -m origin), wherever they are.",
            envvar="WORKBENCH_WORKERS",
        ),
    ] = WorkersAre.embedded,
    origin: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="HTTP service that http_date calls. Default: one of the run's own.",
            envvar="WORKBENCH_ORIGIN",
        ),
    ] = None,
    postgres: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="PostgreSQL that sql_query uses, in a schema of its own. Default: a server of the run's own, where "
            "there are binaries; else its cells are skipped. External workers find theirs in DATABASE_URL.",
            envvar="WORKBENCH_POSTGRES",
        ),
    ] = None,
    origin_processes: Annotated[
        int, typer.Option(metavar="N", help="Processes of the run's own origin.", min=1, max=64)
    ] = 1,
    drivers: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Processes that make the load of closed and open loads; on the asyncio side they also execute it. "
            "With external workers: those that were started with `workbench driver`, where there are any.",
            min=1,
            max=64,
            envvar="WORKBENCH_DRIVERS",
        ),
    ] = 1,
    allow_remote_origin: Annotated[
        bool,
        typer.Option("--allow-remote-origin", help="Let --origin be another machine; needs --requests of at most 60."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="The run's own folder. Default: results/TIME-PLAN."),
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the results document here too.", show_default=False),
    ] = None,
    stamps: Annotated[
        bool,
        typer.Option("--stamps", help="Keep every request's stamps, one NumPy file a trial, in stamps/ of the folder."),
    ] = False,
    last_word: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="What to print last.", envvar="WORKBENCH_LAST_WORD", hidden=True),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress and no tables: errors and the exit status only.")
    ] = False,
) -> None:
    """Run a plan and print its tables.

    With -w, -c or --load, one view is made of what they name; what they leave out comes from the plan's first view.
    Exit status: 0 done; 1 requests failed, were wrong or lost; 2 bad usage or plan; 3 no broker, origin or workers;
    130 interrupted, with what was measured saved.
    """
    from harness.cli.run import Asked, execute

    asked = Asked(
        plan=plan,
        workloads=workload or [],
        contenders=contender or [],
        loads=load or [],
        duration=duration,
        requests=requests,
        rounds=rounds,
        find_rate=find_rate,
        seed=seed,
        timeout=timeout,
        settings=set_ or [],
        brokers=broker or [],
        result_backend=result_backend,
        origin_url=origin,
        postgres_url=postgres,
        origin_processes=origin_processes,
        external=workers is WorkersAre.external,
        drivers=drivers,
        allow_remote_origin=allow_remote_origin,
        folder=output,
        json=json,
        stamps=stamps,
        last_word=last_word,
        quiet=quiet,
        arguments=sys.argv[1:],
    )
    raise typer.Exit(execute(asked))


@app.command()
def ladder(
    name: Annotated[
        str,
        typer.Argument(metavar="LADDER", help="`celery`, `asyncio`, or the path of a TOML file."),
    ],
    rounds: Annotated[
        int | None, typer.Option(metavar="N", help="Rounds of each stage. Default: the ladder's.", min=1, max=1000)
    ] = None,
    duration: Annotated[
        str | None, typer.Option(metavar="TIME", help="Measured window of a trial, such as 2s. Default: the ladder's.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Seed of a run. Default: a new one.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="The run's own folder.", show_default=False)
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the results document here too.", show_default=False),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="No progress and no tables: errors and the exit status only.")
    ] = False,
) -> None:
    """Change one setting of a side at a time: what each buys, and what it gives up; then all that helped, together."""
    from harness.cli.ladder import execute
    from harness.cli.run import Asked

    asked = Asked(
        plan=name, duration=duration, seed=seed, folder=output, json=json, quiet=quiet, arguments=sys.argv[1:]
    )
    raise typer.Exit(execute(asked, rounds))


@app.command()
def worker(
    pool: Annotated[Pool, typer.Option(help="What executes its tasks.")] = Pool.prefork,
    slots: Annotated[int, typer.Option(metavar="N", help="Tasks executed at once.", min=1, max=10_000)] = 16,
    broker: Annotated[
        str, typer.Option(metavar="URL", help="Broker on which it waits for runs.", envvar="WORKBENCH_BROKER")
    ] = "redis://127.0.0.1:6379/0",
    result_backend: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="What keeps the results of a RabbitMQ: as the run says. Default: rpc://.",
            envvar="WORKBENCH_RESULT_BACKEND",
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Its name, unique on its host. Default: pool and process id.", show_default=False
        ),
    ] = None,
) -> None:
    """Start a Celery worker that waits for runs (`workbench run --workers external`), on any machine, until SIGTERM."""
    from harness.cli.worker import become

    become(pool.value, slots, name, broker, result_backend)


@app.command()
def driver(
    broker: Annotated[
        str, typer.Option(metavar="URL", help="Broker on which it waits for runs.", envvar="WORKBENCH_BROKER")
    ] = "redis://127.0.0.1:6379/0",
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Its name, unique on its host. Default: its process id.", show_default=False),
    ] = None,
) -> None:
    """Start a driver that waits for runs (`--workers external --drivers N`), on any machine, until SIGTERM."""
    from harness.cli.driver import become

    become(name, broker)


@app.command(name="list")
def list_(
    kind: Annotated[Kind | None, typer.Argument(help="What to list. Default: everything.", show_default=False)] = None,
) -> None:
    """List workloads with their parameters, contenders with their settings, loads, plans and ladders."""
    from harness.cli.listing import listing

    typer.echo(listing(kind.value if kind else None))


@app.command()
def report(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, or its results.json.")],
    format_: Annotated[
        str,
        typer.Option("--format", metavar="NAME", help="Format: terminal, markdown, html, csv or json."),
    ] = "terminal",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write. Default: standard output.")
    ] = None,
    charts: Annotated[
        Path | None,
        typer.Option(
            "--charts", metavar="DIR", help="Draw every chart into this folder too, as SVG and PNG.", show_default=False
        ),
    ] = None,
) -> None:
    """Show a run's report again, in any format; draw its charts."""
    from harness import registry
    from harness.results import store

    results = store.read(run_folder)
    if charts is not None:
        from harness.report.chart_files import draw_all

        for file in draw_all(results, charts):
            typer.echo(file, err=True)
        if output is None and format_ == "terminal":
            return
    text = registry.load("format", format_, "--format").render(results)
    if output is None:
        typer.echo(text)
    else:
        store.write_text(output, text)


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder that holds runs.")] = Path("results"),
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Address to listen on; 0.0.0.0 lets other machines read.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", help="Port; 0 takes a free one.", min=0, max=65535)] = 8080,
) -> None:
    """Serve the reports of a folder as pages, live while a run goes on, until Ctrl-C."""
    from harness.cli.serve import execute

    raise typer.Exit(execute(folder, host, port))


@app.command()
def compare(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="A run's folder, or its results.json.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The run to compare with it.")],
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="GATE",
            help="Exit 1 where a metric is worse by more than this, with its whole interval: p99:10%, "
            "http_date/asyncio:throughput:5%; metrics throughput, p50, p99, cpu, memory; repeat.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Compare unlike environments or plans all the same.")] = False,
    format_: Annotated[
        str, typer.Option("--format", metavar="NAME", help="Format: terminal, markdown or html.")
    ] = "terminal",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write. Default: standard output.")
    ] = None,
) -> None:
    """Compare two runs cell by cell. Exit status: 0; 1 a gate failed; 2 unlike runs, or a gate that matched nothing."""
    from harness.cli.compare import execute

    text, status = execute(base, new, fail_on or [], force=force, format_=format_, output=output)
    typer.echo(text)
    raise typer.Exit(status)


@app.command()
def doctor(
    broker: Annotated[
        str | None, typer.Option(metavar="URL", help="Look at this Redis too. Default: what a run would start itself.")
    ] = None,
) -> None:
    """Say what is there, what is missing and what to do about it: Python, Redis, cores, governor, load from others."""
    from harness.cli.doctor import examine

    findings = examine(broker)
    for finding in findings:
        typer.echo(f"{finding.state:8}{finding.subject:18}{finding.text}")
        if finding.advice:
            typer.echo(f"{'':26}→ {finding.advice}")
    raise typer.Exit(3 if any(finding.state == "missing" for finding in findings) else 0)


def main() -> NoReturn:
    """Entry point of `workbench`: an expected error is one message and its exit status, never a traceback."""
    from harness.errors import WorkbenchError, exit_when_interrupted

    exit_when_interrupted()
    try:
        app()
    except WorkbenchError as error:
        typer.echo(f"workbench: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(0)


if __name__ == "__main__":
    main()
