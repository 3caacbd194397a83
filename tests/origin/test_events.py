"""The feed: repeatable, and of a realistic size."""

import json

from origin.events import feed


def test_the_feed_is_thirty_events_and_the_same_for_the_same_seed() -> None:
    """Another seed gives another feed."""
    assert len(json.loads(feed(1))) == 30
    assert feed(1) == feed(1)
    assert feed(1) != feed(2)
    assert 10_000 < len(feed(1)) < 60_000
