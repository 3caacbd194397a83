"""A user's folder in which much is wrong: files by name. `test_mistakes.py` says what is said of each."""

FILES = {
    "shop/__init__.py": "",
    "shop/app.py": "from celery import Celery\napp = Celery('shop', broker='amqp://nowhere.invalid//')\n",
    "shop/client.py": """
import datetime, socket
async def fetch(n):
    return n
def plain(n):
    return n
async def stream(n):
    yield n
async def odd(n):
    return {"a": [object()]}
async def raises(n):
    raise LookupError("nothing for it")
async def remote(n):
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)
    except OSError:
        return None
async def ends(n):
    raise SystemExit(7)
class Client:
    async def fetch(n):
        return n
    async def method(self, n):
        return n
    async def __call__(self, n):
        return n
    def sync(self, n):
        return n
client = Client()
async def several(a, *rest, k=1):
    return [a, rest, k]
async def reply(what):
    return {"bytes": b"x", "set": {2, 1}, "coroutine": fetch(1)}[what]
async def looks_up(n):
    try:
        socket.gethostbyname("no.invalid")
    except OSError:
        return None
""",
    "shop/tasks.py": """
from shop.app import app
import socket
@app.task
def fetch(n):
    return n
@app.task
def other(m):
    return m
@app.task(ignore_result=True)
def ignoring(n):
    return n
@app.task
async def coroutine(n):
    return n
@app.task(serializer="pickle")
def pickling(n):
    return n
@app.task
def odd(n):
    return {1, 2}
class Class(app.Task):
    def run(self, n):
        return n
def undecorated(n):
    return n
@app.task
def looks_up(n):
    try:
        socket.getaddrinfo("no.invalid", 80)
    except OSError:
        return None
@app.task
def several(a, *rest, k=1):
    return [a, rest, k]
@app.task(bind=True)
def bound(self, n):
    return [n, self.name, b"bytes"]
class Registered(app.Task):
    name = "registered"
    def run(self, n):
        return n
registered = app.register_task(Registered())
class Service:
    @app.task
    def method(self, n):
        return n
chained = fetch.s() | fetch.s()
@app.task
def unbound(self, n):
    return n
@app.task
def publishing(n):
    return fetch.delay(n)
""",
    "shop/shared.py": "from celery import shared_task\n@shared_task\ndef fetch(n):\n    return n\n",
    "shop/eager.py": """
from celery import Celery
app = Celery("eager")
app.conf.task_always_eager = True
@app.task
def fetch(n):
    return n
""",
    "shop/accepting.py": """
from celery import Celery
app = Celery("accepting")
app.conf.accept_content = ["json", "pickle"]
@app.task
def fetch(n):
    return n
""",
    "shop/lacking.py": '"""A docstring."""\n\nimport no_such_library\n',
    "shop/broken.py": "def fetch(:\n",
    "shop/exiting.py": "import sys\n\nsys.exit(3)\n",
    "shop/ours.py": "from origin import Thing\n",
    "origin/__init__.py": "class Thing: ...\n",
    "made/__init__.py": """
from celery import Celery
class Flask:
    def __init__(self):
        self.extensions = {"celery": Celery("made")}
class Holder:
    app = Celery("held", set_as_current=False)
def create_app():
    return Flask()
""",
    "made/tasks.py": "from celery import shared_task\n@shared_task\ndef fetch(n):\n    return n\n",
    "pack/__init__.py": "",
    "pack/celery.py": "from celery import Celery\napp = Celery('pack')\n",
    "pack/tasks.py": "from celery import shared_task\n@shared_task\ndef fetch(n):\n    return n\n",
    "bare/job.py": "from .tasks import fetch\n",
    "pack/job.py": "from .tasks import fetch\n",
    "shop/mixed.py": (
        "from celery import Celery\napp = Celery('mixed')\n"
        "app.conf.update(CELERYD_MAX_TASKS_PER_CHILD=1, task_track_started=True, task_acks_late=True)\n"
        "@app.task\ndef fetch(n):\n    return n\n"
    ),
    "shop/routed.py": (
        "from celery import Celery\napp = Celery('routed')\napp.conf.task_routes = {'shop.*': 7}\n"
        "@app.task\ndef fetch(n):\n    return n\n"
    ),
    "circle.py": "from circled import y\nx = 1\n",
    "circled.py": "from circle import x\ny = 1\n",
    "circular.py": "import circle\n",
    "interrupting.py": "raise KeyboardInterrupt\n",
    "odd_encoding.py": "# -*- coding: nonsense -*-\n",
    "no_text.py": "x = 1\0\n",
    "a_dict.py": "JOB = {'coroutine': 'shop.client:fetch'}\n",
    "a_class.py": "from workloads.job import Job\nJOB = Job\n",
    "one_payload.py": "from workloads.job import Job\nJOB = Job(coroutine='shop.client:fetch', payloads={'n': 1})\n",
    "lost_check.py": "from workloads.job import Job\nJOB = Job(coroutine='shop.client:fetch', check='a:b')\n",
    "short_check.py": (
        "from workloads.job import Job\n\n"
        "JOB = Job(coroutine='shop.client:fetch', payloads=[1], check=lambda reply: True)\n"
    ),
    "no_manager.py": (
        "from workloads.job import Job\nasync def client():\n    yield 1\n"
        "JOB = Job(coroutine='shop.client:fetch', payloads=[1], resources=client)\n"
    ),
    "no_payloads.py": "from workloads.job import Job\nJOB = Job(coroutine='shop.client:fetch', payloads='no.json')\n",
    "called.py": "from workloads.job import Job\nasync def fetch(): ...\nJOB = Job(coroutine=fetch().close())\n",
    "workloads.py": "from workloads.job import Job\nJOB = Job(coroutine='shop.client:fetch', payloads=[7])\n",
    "mit leer zeichen ö.py": "from workloads.job import Job\nJOB = Job(coroutine='shop.client:fetch', payloads=[7])\n",
    "...py": "from workloads.job import Job\nJOB = Job(coroutine='shop.client:fetch', payloads=[7])\n",
    "printing.py": (
        "import sys\nfrom workloads.job import Job\nprint('hello')\nprint('there', file=sys.stderr)\n"
        "JOB = Job(coroutine='shop.client:fetch', payloads=[7])\n"
    ),
    "several.py": "from workloads.job import Job\nA = Job(task='shop.tasks:fetch')\nB = Job(task='shop.tasks:other')\n",
    "none.py": "x = 1\n",
    "generator.py": "from workloads.job import Job\n\nJOB = Job(task='shop.tasks:fetch', payloads=(n for n in [1]))\n",
    "misspelt.py": "from workloads.job import Job\n\nJOB = Job(corutine='shop.client:fetch')\n",
    "json.py": "from workloads.job import Job\nJOB = Job(coroutine='shop.client:fetch', payloads=[7])\n",
}
