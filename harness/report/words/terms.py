"""The words of tables, loads and statuses: what each means, with an example."""

from harness.report.words.word import Kind, Word


def _word(name: str, kind: Kind, means: str, do: str = "", example: str = "", also: tuple[str, ...] = ()) -> Word:
    return Word(name, kind, means, do, example, also=also)


FIGURES = (
    _word(
        "throughput",
        "figure",
        "Good replies a second in the steady window. ±: how far the ends of the 95 % interval lie from it; "
        "beyond 25 %, the ends themselves in brackets.",
        example="302.5 ±1.8 % requests/s",
        also=("requests/s", "rate"),
    ),
    _word(
        "ceiling",
        "figure",
        "Throughput as a share of slots ÷ service time. Clocks and a window's edges may add half a percent to 100 %.",
        example="16 slots of 50 ms serve 302.5 of 320/s: 94.5 %.",
    ),
    _word(
        "percentile",
        "figure",
        "p50, p90, p99: so many percent of requests took this long or less. Blank where fewer than 10 lie beyond it.",
        "Compare latencies in an open load: in a closed one, they are clients ÷ throughput.",
        also=("p50", "p90", "p99", "latency"),
    ),
    _word(
        "CPU a request",
        "figure",
        "CPU time of driver, workers and broker for a good reply, in ms; in seconds, for 1,000.",
        example="8.4 ms: a core serves 119 requests/s at most.",
        also=("cpu",),
    ),
    _word(
        "memory",
        "figure",
        "Of driver and workers at the end of the window; shared pages count once (PSS).",
        example="celery-prefork:16 534 MB",
    ),
    _word(
        "floor",
        "figure",
        "Latency of a no-op alone on the same contender in the same run: its cost without any work.",
        "A task of ten times the floor hardly feels it.",
        "celery-prefork:16 5.51 ms, asyncio:16 0.004 ms.",
    ),
    _word(
        "slot overhead",
        "figure",
        "How long a request keeps a slot beyond its execution: throughput is at most slots ÷ (work + overhead).",
        example="50 ms and 4.5 ms of overhead: 16 slots serve 294/s.",
    ),
    _word(
        "loop lag",
        "figure",
        "How long what is ready waits for the event loop (p99), in which asyncio rows execute.",
        "Move what computes or blocks out of it.",
        "1.7 ms at rest; 800 ms with a blocking call.",
    ),
    _word(
        "p99 from send",
        "figure",
        "From when a request was sent, not due, as most tools measure latency: without its wait to be sent "
        "(coordinated omission).",
        example="p99 900 ms, from send 60 ms",
        also=("uncorrected",),
    ),
)
ROWS = (
    _word(
        "workload", "row", "What is done in a request, implemented once on each side.", example="http_date: one page."
    ),
    _word("side", "row", "asyncio, in your process, or Celery, in workers; references show what a layer costs."),
    _word(
        "contender",
        "row",
        "A side in one configuration: NAME:SLOTS, with settings NAME+SETTING and a broker @rabbitmq.",
        example="celery-threads+lean-producer:16",
    ),
    _word(
        "slots",
        "row",
        "How many requests it executes at once: processes, threads, greenlets, or a semaphore for coroutines.",
        "Compare rows with the same number.",
        "celery-prefork:16 has 16 processes; asyncio without slots is unbounded.",
    ),
    _word("row", "row", "Workload × contender × load, in a table; a cell of the plan.", also=("rows", "cell")),
    _word("trial", "row", "One repetition of a cell, in a driver process of its own."),
    _word("round", "row", "One pass over all cells, in shuffled order. A verdict needs 5.", "Use --rounds 5."),
    _word(
        "boot",
        "row",
        "One start of workers, broker and origin, for some of the rounds. A verdict needs 2.",
        "Use --boots 3.",
    ),
    _word("driver", "row", "The process that makes the load and takes the times."),
    _word("origin", "row", "The slow service that both sides call: HTTP or PostgreSQL."),
    _word("plan", "row", "A TOML file that names workloads, contenders, loads and rounds.", "workbench list plans"),
    _word("+tuned", "row", "With the settings that helped in the side's ladder and lose no work.", also=("tuned",)),
)
COMPARISONS = (
    _word(
        "matched slots",
        "comparison",
        "Both sides have the same slots. Compared by rate, with two clients a slot or more and more work "
        "than a no-op; else by CPU a request.",
        example="asyncio:16 against celery-prefork:16",
    ),
    _word(
        "matched resources",
        "comparison",
        "Both sides have one process with one thread. Compared by CPU a request and the highest rate that "
        "holds a limit: clients would decide a ratio of rates.",
        example="asyncio against celery-solo:1",
    ),
    _word(
        "interval",
        "comparison",
        "95 % interval over boots and rounds, never over requests: where the mean of many such runs lies.",
        also=("95 % interval", "ci95"),
    ),
    _word(
        "no difference",
        "comparison",
        "The whole interval of the ratio lies within ±5 %.",
        example="ratio 1.01 (0.98–1.03)",
        also=("equal",),
    ),
    _word(
        "undecided",
        "comparison",
        "The interval of the ratio includes 1, and more than ±5 %.",
        "Use more rounds and boots, or a longer --duration.",
        "ratio 1.41 (0.77–2.58)",
    ),
    _word(
        "indicative", "comparison", "Of too few rounds or boots for a verdict: a size, not a proof.", "Use --rounds 5."
    ),
    _word(
        "not compared",
        "comparison",
        "The set-up would decide the ratio: the latency of a closed load is clients ÷ throughput.",
        "Compare latencies in an open load.",
    ),
    _word(
        "seen once",
        "comparison",
        "Measured in a single round: who was ahead is known, not how much that varies.",
        "Use --rounds 5.",
        "asyncio took less CPU in all 13 workloads (seen once)",
    ),
    _word(
        "crossover",
        "comparison",
        "The slots, latency, size or rate at which one side overtakes the other.",
        example="celery-prefork overtakes asyncio at about 12 % (10–18) of the time spent computing.",
    ),
    _word(
        "★", "comparison", "Better than every other row of its load. ☆: seen so in too few rounds.", also=("☆", "star")
    ),
)
LOADS = (
    _word(
        "closed",
        "load",
        "N clients, each of which waits for its reply before it sends again: the system sets the pace.",
        example="closed:64",
    ),
    _word(
        "open",
        "load",
        "Requests arrive at a rate, whatever the replies; latency runs from when each was due.",
        "Compare latencies at a rate that both sides sustain.",
        "open:100/s",
    ),
    _word("drain", "load", "A backlog is published first and then worked off.", example="drain:5000"),
    _word("burst", "load", "N requests at once; the time until half, 99 % and all are done.", example="burst:1000"),
    _word(
        "surge",
        "load",
        "Arrivals at a rate, F times as many for a time (2 s), then the rate again: how much waits, and until when.",
        "Choose a sustained rate, and a factor that is not.",
        "surge:50/s*4:5s",
    ),
    _word(
        "replay",
        "load",
        "Requests are due at the timestamps of a file, SPEED times as fast.",
        "See late-pacing and unsustainable.",
        "replay:requests.csv*60",
    ),
    _word(
        "crash",
        "load",
        "A fault strikes once N requests have been accepted, at a rate (twice N in all) or of a burst; what "
        "died is started again. What was lost and repeated is counted by id.",
        "workbench list faults",
        "crash:kill-worker@20:open:50/s",
        also=("fault",),
    ),
)
CRASHES = (
    _word(
        "promise",
        "crash",
        "What a contender says of a request that it has accepted: at most once, at least once, none. Broken "
        "once is broken.",
        "See docs/crashes.md.",
        "celery-prefork+acks-late says at least once.",
        also=("at most once", "at least once"),
    ),
    _word("accepted", "crash", "Its caller was told that it would be done: it was published, written down or begun."),
    _word("waiting", "crash", "Not done, and still in the broker: in the queue, or held for a worker that has gone."),
    _word(
        "visibility timeout",
        "crash",
        "After which Redis gives out again what was not acknowledged: 3,600 s by default.",
        "Set it above the longest task, which runs again otherwise.",
    ),
    _word("repeated", "crash", "Begun more than once, by what the origin saw, or else workers noted."),
)
LIMITS = (
    _word(
        "limited by",
        "limit",
        "The part that was used up, and how far. --why tests it by changing one thing at a time.",
        also=("bottleneck",),
    ),
    _word("clients", "limit", "The load was too small to fill the contender.", "Use more clients."),
    _word("machine", "limit", "All its cores were busy.", "Compare CPU a request."),
    _word("others", "limit", "Other processes used the machine.", "Stop them, and run it again."),
    _word(
        "the service's limit",
        "limit",
        "The rate that the called service allows all its callers together.",
        "Compare how much of it is used; more slots only wait.",
    ),
    _word(
        "cores of workers",
        "limit",
        "The cores that workers have elsewhere, or on CPUs of their own. Also `cores of driver`.",
        "Give them more, or compare CPU a request.",
    ),
    _word(
        "worker main",
        "limit",
        "The worker's main process, which hands messages to the pool: one core.",
        "Start several workers, or see --why.",
    ),
)
STATUSES = (
    _word("measured", "status", "It has figures."),
    _word(
        "impossible",
        "status",
        "Its figures contradict others, such as slots ÷ service time or the origin's count. Shown, never "
        "ranked; exit status 1.",
        "Report this defect.",
    ),
    _word("disqualified", "status", "Its reply was wrong before anything was measured.", "Look at the reason."),
    _word("disturbed", "status", "A trial that others disturbed: it is measured again, and does not count."),
    _word("failed", "status", "It could not be measured, for the reason beside it."),
    _word("skipped", "status", "What it needs was not available.", "See workbench doctor."),
    _word("not_supported", "status", "This contender cannot do this work.", also=("not supported",)),
    _word("pending", "status", "It has not been measured yet."),
    _word(
        "lost",
        "status",
        "No answer by the deadline (--timeout). Under a crash: accepted, not done, and nothing is left of it.",
    ),
)
TERMS = (*FIGURES, *ROWS, *COMPARISONS, *LOADS, *CRASHES, *LIMITS, *STATUSES)
