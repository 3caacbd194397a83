"""Settings reach the application."""

import pytest
from celery import Celery

from harness.contenders.celery.config import RESULTS_S, change, connections
from harness.contenders.celery.own.replacing import replacing
from harness.services.brokers.broker import RPC, BrokerPlace, broker_url

REDIS = broker_url("redis://127.0.0.1:1/0")


def test_a_table_is_merged_into_what_the_application_has_of_it() -> None:
    """Which may be nothing, or no setting that Celery knows."""
    app = Celery("x", set_as_current=False, fixups=[])
    app.conf.broker_transport_options = {"a": 1}
    change(app, {"broker_transport_options": {"b": 2}, "task_annotations": {"*": {"expires": 2}}, "own": {"c": 3}})
    assert app.conf.broker_transport_options == {"a": 1, "b": 2}
    assert (app.conf.task_annotations, app.conf["own"]) == ({"*": {"expires": 2}}, {"c": 3})


@pytest.mark.parametrize(
    ("place", "expires"),
    [
        (BrokerPlace(REDIS, REDIS, "workbench:run:00beef:"), RESULTS_S),
        (BrokerPlace(broker_url("amqp://127.0.0.1:1//"), RPC), RESULTS_S),
        (BrokerPlace(REDIS, REDIS), None),
    ],
)
def test_results_that_nobody_has_read_expire_where_others_are(place: BrokerPlace, expires: int | None) -> None:
    """A server of the run's own goes with the run."""
    assert connections(place).get("result_expires") == expires


def test_with_tls_the_certificate_has_to_be_that_of_the_host() -> None:
    """Of the run's RabbitMQ, also where an application has options of TLS for another broker."""
    place = BrokerPlace(broker_url("amqps://h//"), RPC)
    app = Celery("x", set_as_current=False, fixups=[])
    app.conf.broker_use_ssl = {"server_hostname": "another"}
    for settings in (connections(place), replacing(app, place, "q")):
        assert settings["broker_use_ssl"] == {"server_hostname": "h"}
    assert not connections(BrokerPlace(REDIS, REDIS))["broker_use_ssl"]
