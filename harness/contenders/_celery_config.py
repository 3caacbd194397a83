"""Points the Celery application at a run's broker: the one place where a URL and a key prefix are set."""

from celery import Celery

from celery_side.app import app

RESULT_KEYS = "celery-task-meta-"


def configure(broker_url: str, key_prefix: str, queue: str) -> Celery:
    """The application, set to this run's broker, with every key of its own under `key_prefix`."""
    app.conf.update(
        broker_url=broker_url,
        result_backend=broker_url,
        broker_transport_options={"global_keyprefix": key_prefix},
        result_backend_transport_options={"global_keyprefix": key_prefix},
        task_default_queue=queue,
    )
    return app
