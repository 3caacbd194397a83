"""Settings reach the application."""

from celery import Celery

from harness.contenders.celery.config import change


def test_a_table_is_merged_into_what_the_application_has_of_it() -> None:
    """Which may be nothing, or no setting that Celery knows."""
    app = Celery("x", set_as_current=False, fixups=[])
    app.conf.broker_transport_options = {"a": 1}
    change(app, {"broker_transport_options": {"b": 2}, "task_annotations": {"*": {"expires": 2}}, "own": {"c": 3}})
    assert app.conf.broker_transport_options == {"a": 1, "b": 2}
    assert (app.conf.task_annotations, app.conf["own"]) == ({"*": {"expires": 2}}, {"c": 3})
