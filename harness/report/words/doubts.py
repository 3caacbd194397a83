"""Every kind of doubt: what it means, what to do, an example. A test holds them against the code."""

from harness.report.words.word import Word

NOT_RANKED = "The row is shown and not ranked."


def _doubt(name: str, means: str, do: str, example: str, *, weighs: bool = False) -> Word:
    return Word(name, "doubt", means, do, example, weighs)


DOUBTS = (
    _doubt(
        "foreign-work",
        "Workers executed tasks of others during the trial, or messages of others waited in its queue.",
        "Let no one else use this run's workers and queues; workbench fleet shows who has leased what.",
        "Another program publishes to the same queue: the workers' slots are its slots too.",
        weighs=True,
    ),
    _doubt(
        "other-slots",
        "The trial was measured with other slots than those of the row, because workers came or went between trials.",
        "Measure again with workers that stay.",
        "One of four workers was ended: the row says 64 slots, this trial had 48.",
        weighs=True,
    ),
    _doubt(
        "other-processors",
        "Workers ran on other processors than driver and asyncio.",
        "Compare rows that were executed on the same processors.",
        "A worker on a newer machine executes the same body in less time.",
    ),
    _doubt(
        "other-system",
        "The system lacks something of Linux that runs measure with, such as its exact timers. The row says what, and "
        "what stood in for it.",
        "Compare with rows of the same system only, or measure in a container: docker compose up.",
        "On macOS there is no timerfd: requests of an open load start up to a millisecond late.",
    ),
    _doubt(
        "noisy-machine",
        "Other processes used more than 10 % of the machine, or the hypervisor took more than 2 % of it.",
        "Stop other processes. Ratios of interleaved rows suffer less than single figures.",
        "A build runs beside the measurement.",
        weighs=True,
    ),
    _doubt(
        "frozen",
        "The machine, the driver or what answers it stood still for a good part of the window.",
        "Stop other processes. On a virtual machine, look for pauses and snapshots.",
        "A virtual machine is paused for 300 ms.",
        weighs=True,
    ),
    _doubt(
        "throttled",
        "A CPU quota was used up, and processes stood still for the rest of its period.",
        "Raise the quota (docker run --cpus, resources.limits.cpu) or the number of cores.",
        "A container with --cpus 1 and two busy workers.",
        weighs=True,
    ),
    _doubt(
        "out-of-memory",
        "Memory was used up, and the kernel killed processes.",
        "Raise the memory limit, or use fewer slots.",
        "64 prefork processes in 1 GB.",
        weighs=True,
    ),
    _doubt(
        "loop-blocked",
        "A call blocked the event loop in which the work runs, and all other requests waited: the row shows what "
        "blocks rather than asyncio.",
        "Call what blocks in a thread (asyncio.to_thread) or, if it computes, in a process.",
        "requests.get() in a coroutine.",
        weighs=True,
    ),
    _doubt(
        "debug-mode",
        "Python's development mode or asyncio's debug mode was on, which slows both sides down unequally.",
        "Unset PYTHONDEVMODE and PYTHONASYNCIODEBUG.",
        "PYTHONASYNCIODEBUG=1 in the environment of the shell.",
        weighs=True,
    ),
    _doubt(
        "too-few-rounds",
        "There were fewer than 5 rounds, so intervals and ratios are indicative and there is no verdict.",
        "Use --rounds 5 or more.",
        "quick has 2 rounds: it shows the size of a difference, not whether there is one.",
    ),
    _doubt(
        "one-boot",
        "All rounds ran with one start of the workers. What varies from start to start is in no interval.",
        "Use --boots 3 or more.",
        "A pool that happened to place its processes well stays well placed for all rounds of that boot.",
    ),
    _doubt(
        "short-window",
        "The window held fewer than 10 response times, so that a wave more or less changes the rate.",
        "Measure longer: --duration.",
        "Requests of 400 ms in a window of 2 s: five response times.",
    ),
    _doubt(
        "not-stationary",
        f"The window opened before the load was at rest. The figures are those of a start. {NOT_RANKED}",
        "Give it more time (--timeout), a lower rate, or a longer warm-up.",
        "A backlog from the ramp is still being worked off.",
        weighs=True,
    ),
    _doubt(
        "unsustainable",
        "Requests came faster than they were served: the backlog grew, and latency shows how long the trial ran.",
        "Lower the rate. --find-rate looks for the highest one that holds.",
        "open:400/s at 16 slots of 50 ms, which serve 320/s.",
        weighs=True,
    ),
    _doubt(
        "late-pacing",
        "The driver started requests late by more than a tenth of the latency. The delay is part of the latency.",
        "Lower the rate, or use more --drivers.",
        "One driver at 5,000 requests/s.",
    ),
    _doubt(
        "machine-bound",
        "Driver, workers, broker, origin and others used nearly all cores: with more cores the rates would differ.",
        "Compare CPU per request, or measure on a machine with more cores.",
        "16 prefork processes and their driver on 2 cores.",
        weighs=True,
    ),
    _doubt(
        "driver-bound",
        "The driver used nearly all of its core and may have been the limit, not the contender.",
        "Compare CPU per request, or use more --drivers.",
        "No-ops on asyncio, which executes in the driver.",
        weighs=True,
    ),
    _doubt(
        "origin-bound",
        "The origin, which both sides call, used nearly all of its cores and may have been the limit.",
        "Use more --origin-processes, or less work for it.",
        "2,000 pages/s from one origin process.",
        weighs=True,
    ),
    _doubt(
        "driver-heavy",
        "The driver used more than half as much CPU to publish and to receive as the workers to execute: the rate is "
        "that of both together.",
        "Compare with the same contender and +lean-producer, whose driver costs less.",
        "apply_async and waiting for a result cost about as much as executing a no-op.",
    ),
    _doubt(
        "drifting",
        "The throughput of the second half of the window differs from that of the first by more than a fifth.",
        "Measure longer (--duration), or warm up longer (--warmup).",
        "A pool that still opens connections serves more from second to second.",
        weighs=True,
    ),
    _doubt(
        "wide-interval",
        "The 95 % interval of the throughput is wider than ±10 %.",
        "Use more boots and rounds, a longer --duration or a quieter machine.",
        "302 requests/s, 210 to 430: a difference of a fifth would not be seen.",
        weighs=True,
    ),
    _doubt(
        "cpu-unaccounted",
        "Processes of the run used CPU that no role reports.",
        "Do not rely on the CPU of this row. Run it again while the machine does less else.",
        "A child process that ended before it was read.",
        weighs=True,
    ),
    _doubt(
        "littles-law",
        "Clients ÷ mean latency is not the throughput. One of the two figures is of something else.",
        "Look at failed requests and at the timeline. Measure longer (--duration).",
        "8 clients at 50 ms are 160/s, but 120/s were served.",
        weighs=True,
    ),
    _doubt(
        "not-all-ok",
        "Requests failed, got a wrong reply or were lost. The figures include good replies only.",
        "Look at the table of errors.",
        "12 of 1,500 requests timed out.",
        weighs=True,
    ),
    _doubt(
        "duplicated",
        "Workers executed some requests more than once.",
        "Look for redelivery: visibility timeout, late acks, a lost worker.",
        "A task longer than the visibility timeout is delivered again.",
        weighs=True,
    ),
    _doubt(
        "floor",
        "A no-op alone takes more than a fifth of this latency: it shows the contender's own cost, not the work.",
        "Treat it as overhead, or measure longer tasks.",
        "A task of 5 ms on a contender that needs 4 ms for a no-op.",
    ),
    _doubt(
        "several-tasks",
        "A request is several Celery tasks, each of which takes a slot. On asyncio it takes one slot.",
        "Compare at as many slots as tasks run at once, and look at the table of stages.",
        "comment_tree is a chord of many tasks.",
        weighs=True,
    ),
    _doubt(
        "tuned-alone",
        "One side of the table is tuned and the other is not.",
        "Show both sides untuned (NAME) and tuned (NAME+tuned).",
        "celery-prefork+tuned beside asyncio.",
        weighs=True,
    ),
    _doubt(
        "settings-differ",
        "A contender reports settings other than those requested.",
        "Look for CELERY_… variables, a configuration file of the worker, or an older worker.",
        "worker_prefetch_multiplier = 4 was requested, and the worker reports 1.",
        weighs=True,
    ),
    _doubt(
        "older-celery",
        "The workers run a Celery before 5.7: a result may be seen up to 2 seconds late, and threads may wait as long.",
        "Trust execution times more than latencies, and than rates of threads; or measure with Celery 5.7.",
        "Celery 5.5 in the environment of a job of your own.",
    ),
    _doubt(
        "clock-not-comparable",
        "Workers and driver ran under different kernels or time namespaces: their clocks give durations only.",
        "Run the workers on the driver's machine to see queue wait and return separately.",
        "A worker on another host: queue wait and return are one stage, transport.",
    ),
    _doubt(
        "wall-clocks-differ",
        "Wall clocks differ by more than 500 ms: what has an eta, a countdown or an expiry is early or late by that.",
        "Set the clocks by NTP.",
        "A worker whose clock is 10 s ahead executes a task with a countdown of 5 s at once.",
    ),
    _doubt(
        "profiled",
        "Its stacks were sampled while it ran, which costs CPU: the row shows where CPU goes, not how fast it is. "
        "It is compared with nothing.",
        "Compare the rows that were measured without it.",
        "workbench run -w noop -c celery-threads:16 --profile",
        weighs=True,
    ),
    _doubt(
        "profile-incomplete",
        "A role has no samples, or more or fewer than its threads ran or waited for a core.",
        "Measure again on a quieter machine, or for longer (--duration).",
        "A worker that ended its child processes within the window.",
        weighs=True,
    ),
    _doubt(
        "pause-did-not-hold",
        "Workers began on a backlog before all of it was published: publish rate and drain rate are mixed.",
        "Check the worker's log, and whether anything else consumes from that queue.",
        "A second worker listens on the same queue.",
        weighs=True,
    ),
)
"""In the order in which a first screen names them: what explains others comes before what it explains."""
WEIGHING = frozenset(word.name for word in DOUBTS if word.weighs)
"""Kinds with which a row is told wherever it is used, and with which a ratio is drawn in grey."""
ORDER = {word.name: place for place, word in enumerate(DOUBTS)}
BY_KIND = {word.name: word for word in DOUBTS}
