"""Flask's own pattern for Celery: a factory, and a module for `celery -A`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("flask", reason="Flask is not installed")
REPOSITORY = Path(__file__).resolve().parents[5]
FILES = {
    "shop/__init__.py": """
from celery import Celery, Task
from flask import Flask
def create_app():
    app = Flask(__name__)
    app.config.from_mapping(FACTOR=3, CELERY={"broker_url": "redis://nowhere.invalid", "task_ignore_result": True})
    class FlaskTask(Task):
        def __call__(self, *args, **kwargs):
            with app.app_context():
                return self.run(*args, **kwargs)
    celery_app = Celery(app.name, task_cls=FlaskTask)
    celery_app.config_from_object(app.config["CELERY"])
    celery_app.set_default()
    app.extensions["celery"] = celery_app
    return app
""",
    "shop/tasks.py": """
from celery import shared_task
from flask import current_app
@shared_task(ignore_result=False)
def times(n):
    return n * current_app.config["FACTOR"]
""",
    "make_celery.py": """
from shop import create_app
flask_app = create_app()
celery_app = flask_app.extensions["celery"]
""",
    "wsgi.py": "from make_celery import flask_app as app\n",
    "hiding.py": """
from make_celery import celery_app, flask_app as app
app.extensions.pop("celery")
""",
}
APPS = {
    "make_celery": "",
    "make_celery.celery_app": "",
    "make_celery:celery_app": "",
    "make_celery:flask_app": "",
    "wsgi": "",
    "shop:create_app()": "",
    "shop:create_app": "If create_app makes it: Job(app='shop:create_app()').",
    "hiding": "There is one in it: Job(app='hiding:celery_app').",
}
SCRIPT = """
import json, os, sys
import flask
from harness.contenders.celery.own.looking import look
from harness.jobs.looking import looked_at
from harness.jobs.spec import JobSpec
for app in json.loads(sys.argv[1]):
    if (child := os.fork()) == 0:
        parts = {"task": "shop.tasks:times", "app": app, "payloads": [7]}
        looked = looked_at(look, JobSpec(given="the job", parts=parts, path=[os.getcwd()]), 1)
        print(json.dumps([looked.fault, looked.called and looked.called[0].reply]), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
"""Prints fault and reply for each application, found in a process of its own."""


def test_its_application_is_found_as_celery_finds_it(tmp_path: Path) -> None:
    """And its tasks run in the application's context."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-P", "-c", SCRIPT, json.dumps(list(APPS))]
    env = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"}
    printed = subprocess.check_output(command, env=env, cwd=tmp_path, text=True, timeout=60)
    for (app, message), line in zip(APPS.items(), printed.splitlines(), strict=True):
        fault, reply = json.loads(line)
        assert message in (fault or ""), app
        assert reply == ([] if message else 21), (app, fault)
