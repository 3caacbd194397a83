"""Options without which workers talk to each other, which only costs time: there are no others."""

from importlib.metadata import version

ALWAYS = ("--without-gossip", "--without-mingle")
HEARTBEAT = "--without-heartbeat"
WAKES = (5, 7)
"""From this kombu on, what a thread of a pool hands to the worker's event loop wakes it."""


def quiet(kombu: str | None = None) -> list[str]:
    """Those for that kombu; default: the one that is installed.

    In older ones, acknowledgements of the threads pool wait for the loop's next timer, while nothing new is fetched for
    as long as all that may be prefetched is unacknowledged. The heartbeat's timer, every 2 s, then is what ends that.
    """
    numbers = [int(number) for number in (kombu or version("kombu")).split(".")[:2]]
    return [*ALWAYS, HEARTBEAT] if tuple(numbers) >= WAKES else [*ALWAYS]
