"""What waits for runs outlives its broker."""

from unittest.mock import MagicMock

from harness.contenders.celery.fleet.returning import Returning


def test_a_channel_that_has_messages_to_give_back_does_not_end_the_worker() -> None:
    """Kombu has let go of its connection, with the broker."""
    channel = MagicMock()
    channel.close.side_effect = AttributeError("'NoneType' object has no attribute 'hostname'")
    with Returning("memory://") as connection:
        connection.maybe_close_channel(channel)
    assert channel.close.called
