"""Every kind of doubt: what it means, what to do, an example. A test holds them against the code."""

from harness.report.words.word import Word

NOT_RANKED = "The row is shown and not ranked."


def _doubt(name: str, means: str, do: str, example: str, *, weighs: bool = False) -> Word:
    return Word(name, "doubt", means, do, example, weighs)


DOUBTS = (
    _doubt(
        "foreign-work",
        "Workers executed tasks of others, or others' messages waited in the queue.",
        "Let no one else use them: workbench fleet shows who does.",
        "Another program publishes to the queue.",
        weighs=True,
    ),
    _doubt(
        "other-slots",
        "Workers came or went between trials: it had other slots than its row.",
        "Use workers that stay.",
        "The row says 64 slots, this trial had 48.",
        weighs=True,
    ),
    _doubt(
        "other-processors",
        "Workers ran on other processors than driver and asyncio.",
        "Compare rows of the same processors.",
        "A newer machine executes the same body faster.",
    ),
    _doubt(
        "other-system",
        "The system lacks something of Linux; the row says what, and what stood in for it.",
        "Compare rows of the same system, or measure in a container.",
        "macOS has no timerfd.",
    ),
    _doubt(
        "noisy-machine",
        "Other processes used more than 10 % of the machine, or the hypervisor more than 2 %.",
        "Stop them. Ratios suffer less than single figures.",
        "A build runs beside it.",
        weighs=True,
    ),
    _doubt(
        "frozen",
        "The machine, the driver or what answers it stood still for a good part of the window.",
        "Stop other processes; look for pauses of a virtual machine.",
        "A virtual machine paused for 300 ms.",
        weighs=True,
    ),
    _doubt(
        "process-lost",
        "A process of a worker's pool ended unasked: slots were missing until the worker replaced it.",
        "Find out what ended it; the worker's log says by which signal.",
        "An administrator's kill.",
        weighs=True,
    ),
    _doubt(
        "throttled",
        "A CPU quota was used up, and processes stood still until its period ended.",
        "Raise the quota (docker run --cpus, resources.limits.cpu).",
        "--cpus 1 and two busy workers.",
        weighs=True,
    ),
    _doubt(
        "out-of-memory",
        "Memory was used up, and the kernel killed processes.",
        "Raise the limit, or use fewer slots.",
        "64 prefork processes in 1 GB.",
        weighs=True,
    ),
    _doubt(
        "loop-blocked",
        "A call blocked the event loop: the row shows that call, not asyncio.",
        "Call it in a thread (asyncio.to_thread) or, if it computes, in a process.",
        "requests.get() in a coroutine.",
        weighs=True,
    ),
    _doubt(
        "debug-mode",
        "Python's development mode or asyncio's debug mode slowed both sides, unequally.",
        "Unset PYTHONDEVMODE and PYTHONASYNCIODEBUG.",
        "PYTHONASYNCIODEBUG=1",
        weighs=True,
    ),
    _doubt(
        "too-few-rounds",
        "With fewer than 5 rounds, figures are indicative, and there is no verdict.",
        "Use --rounds 5 or more.",
        "quick has 2 rounds.",
    ),
    _doubt(
        "one-boot",
        "Workers were started once: what varies between starts is in no interval.",
        "Use --boots 3 or more.",
        "A pool that was placed well.",
    ),
    _doubt(
        "short-window",
        "The window held fewer than 10 response times: a wave more or less changes the rate.",
        "Measure longer: --duration.",
        "400 ms in a window of 2 s.",
    ),
    _doubt(
        "not-stationary",
        f"The window opened before the load was at rest. {NOT_RANKED}",
        "Use a longer --timeout or warm-up, or a lower rate.",
        "A backlog from the ramp.",
        weighs=True,
    ),
    _doubt(
        "unsustainable",
        "Requests came faster than they were served: the backlog grew, and latency with it.",
        "Lower the rate; --find-rate looks for the highest one.",
        "open:400/s at 16 slots of 50 ms.",
        weighs=True,
    ),
    _doubt(
        "late-pacing",
        "The driver started requests late, by more than a tenth of the latency.",
        "Lower the rate, or use more --drivers.",
        "One driver at 5,000 requests/s.",
    ),
    _doubt(
        "machine-bound",
        "Nearly all cores were used: with more, rates would differ.",
        "Compare CPU per request, or use more cores.",
        "16 prefork processes on 2 cores.",
        weighs=True,
    ),
    _doubt(
        "driver-bound",
        "The driver used nearly all of its core, and may have been the limit.",
        "Compare CPU per request, or use more --drivers.",
        "No-ops on asyncio, which executes in it.",
        weighs=True,
    ),
    _doubt(
        "origin-bound",
        "The origin used nearly all of its cores, and may have been the limit.",
        "Use more --origin-processes, or less work for it.",
        "2,000 pages/s from one process.",
        weighs=True,
    ),
    _doubt(
        "driver-heavy",
        "The driver took more than half the CPU of the workers: the rate is that of both.",
        "Compare with +lean-producer, whose driver costs less.",
        "No-ops by apply_async.",
    ),
    _doubt(
        "drifting",
        "Throughput changed by more than a fifth between the halves of the window.",
        "Measure longer (--duration), or warm up longer (--warmup).",
        "A pool that still opens connections.",
        weighs=True,
    ),
    _doubt(
        "wide-interval",
        "The 95 % interval of the throughput is wider than ±10 %.",
        "Use more boots and rounds, or a longer --duration.",
        "302 requests/s, 210 to 430.",
        weighs=True,
    ),
    _doubt(
        "cpu-unaccounted",
        "Processes of the run used CPU that no role reports.",
        "Do not rely on this row's CPU.",
        "A child process that ended unread.",
        weighs=True,
    ),
    _doubt(
        "littles-law",
        "Clients ÷ mean latency is not the throughput: one of them is wrong.",
        "Look at failed requests and the timeline.",
        "8 clients at 50 ms are 160/s, but 120/s were served.",
        weighs=True,
    ),
    _doubt(
        "not-all-ok",
        "Requests failed, were lost or got a wrong reply; figures include good ones only.",
        "Look at the table of errors.",
        "12 of 1,500 timed out.",
        weighs=True,
    ),
    _doubt(
        "duplicated",
        "Workers executed some requests more than once.",
        "Look for redelivery: visibility timeout, late acks, a lost worker.",
        "A task longer than the visibility timeout.",
        weighs=True,
    ),
    _doubt(
        "floor",
        "A no-op alone takes more than a fifth of this latency: it shows the contender, not the work.",
        "Measure longer tasks.",
        "A task of 5 ms, a no-op of 4 ms.",
    ),
    _doubt(
        "several-tasks",
        "A request is several Celery tasks, each with a slot; on asyncio it takes one.",
        "Compare at as many slots as tasks run at once.",
        "comment_tree is a chord.",
        weighs=True,
    ),
    _doubt(
        "tuned-alone",
        "One side of the table is tuned and the other is not.",
        "Show both untuned (NAME) and tuned (NAME+tuned).",
        "celery-prefork+tuned beside asyncio.",
        weighs=True,
    ),
    _doubt(
        "settings-differ",
        "A contender reports settings other than those requested.",
        "Look for CELERY_… variables, a configuration file, an older worker.",
        "worker_prefetch_multiplier: 4 requested, 1 reported.",
        weighs=True,
    ),
    _doubt(
        "older-celery",
        "Before Celery 5.7, a result may be seen up to 2 seconds late, and threads may wait as long.",
        "Trust execution times more than latencies, or use Celery 5.7.",
        "A job with Celery 5.5.",
    ),
    _doubt(
        "clock-not-comparable",
        "Workers and driver ran under different kernels or time namespaces: clocks give durations only.",
        "Run them on one machine to see queue wait and return.",
        "A worker elsewhere: both are transport.",
    ),
    _doubt(
        "wall-clocks-differ",
        "Wall clocks differ by more than 500 ms: an eta, countdown or expiry is early or late by that.",
        "Set the clocks by NTP.",
        "A countdown of 5 s at 10 s ahead.",
    ),
    _doubt(
        "profiled",
        "Its stacks were sampled, which costs CPU: it shows where that goes, and is compared with nothing.",
        "Compare rows without it.",
        "workbench run -w noop -c celery-threads:16 --profile",
        weighs=True,
    ),
    _doubt(
        "profile-incomplete",
        "A role has no samples, or more or fewer than its threads ran or waited for a core.",
        "Measure longer (--duration).",
        "A worker that ended its children.",
        weighs=True,
    ),
    _doubt(
        "pause-did-not-hold",
        "Workers began before the whole backlog was published: publish and drain rates are mixed.",
        "Check what else consumes from that queue.",
        "A second worker on the queue.",
        weighs=True,
    ),
)
"""In the order in which a first screen names them: what explains others comes before what it explains."""
WEIGHING = frozenset(word.name for word in DOUBTS if word.weighs)
"""Kinds with which a row is told wherever it is used, and with which a ratio is drawn in grey."""
ORDER = {word.name: place for place, word in enumerate(DOUBTS)}
BY_KIND = {word.name: word for word in DOUBTS}
