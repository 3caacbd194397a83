"""Calls are followed into the user's other modules, by their files: nothing is imported, and nobody else's is read."""

import textwrap
from pathlib import Path

import pytest

from harness.results.model import Side
from harness.spoilers.own_code import OwnCode
from harness.spoilers.rule import found_in
from harness.spoilers.source import DEPTH_MOST, source_at

BLOCKS = "import requests\nSESSION = requests.Session()\ndef get(u):\n    return SESSION.get(u)\n"


def found(folder: Path, files: dict[str, str], side: Side = "asyncio") -> list[tuple[str, str]]:
    """Kind and place of each spoiler of `shop.job:work`, whose package has these files."""
    package = folder / "shop"
    package.mkdir()
    (package / "__init__.py").touch()
    for name, text in files.items():
        path = package.joinpath(*name.split("__in__")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))
    lines = (package / "job.py").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "def work(" in text)
    source = source_at(side, f"{package / 'job.py'}:{line}", "shop.job:work")
    assert source is not None
    places = [(each.kind, Path(each.place).relative_to(package)) for each in found_in([source], 32)]
    return sorted((kind, str(place)) for kind, place in places)


@pytest.mark.parametrize(
    "text",
    [
        "from shop.http import get\nasync def work(u):\n    return get(u)\n",
        "from .http import get as fetch\nasync def work(u):\n    return fetch(u)\n",
        "from . import http\nasync def work(u):\n    return http.get(u)\n",
        "import shop.http\nasync def work(u):\n    return shop.http.get(u)\n",
    ],
)
def test_a_call_into_another_module_is_followed(tmp_path: Path, text: str) -> None:
    """However it is imported; the place is there."""
    assert found(tmp_path, {"job": text, "http": BLOCKS}) == [("blocking-call", "http.py:4")]


def test_a_client_of_another_module_is_known_by_what_made_it(tmp_path: Path) -> None:
    """Where it is called is where it blocks."""
    text = "from shop.http import SESSION\nasync def work(u):\n    return SESSION.get(u)\n"
    assert found(tmp_path, {"job": text, "http": BLOCKS}) == [("blocking-call", "job.py:3")]


def test_methods_of_own_classes_are_followed(tmp_path: Path) -> None:
    """Of an instance of the module, of `self`, and of what an attribute of it was made by."""
    client = """
    import requests
    class Client:
        def __init__(self):
            self.session = requests.Session()
        def fetch(self, u):
            return self.again(u)
        def again(self, u):
            return self.session.get(u)
    CLIENT = Client()
    """
    text = "from shop.client import CLIENT\nasync def work(u):\n    return CLIENT.fetch(u)\n"
    assert found(tmp_path, {"job": text, "client": client}) == [("blocking-call", "client.py:9")]


def test_a_package_may_pass_a_name_on(tmp_path: Path) -> None:
    """As its `__init__` does."""
    files = {"net__in____init__": "from .real import get\n", "net__in__real": BLOCKS}
    text = "from shop.net import get\nasync def work(u):\n    return get(u)\n"
    assert found(tmp_path, files | {"job": text}) == [("blocking-call", "net/real.py:4")]


def test_what_another_module_makes_for_each_call_is_named_there(tmp_path: Path) -> None:
    """On the Celery side too; what a cache keeps is left alone."""
    http = "import functools, requests\ndef made():\n    return requests.Session()\n"
    text = "from shop.http import made\ndef work(u):\n    return made().get(u)\n"
    assert found(tmp_path, {"job": text, "http": http}, "celery") == [("client-per-call", "http.py:3")]


def test_what_a_cache_of_another_module_keeps_is_left_alone(tmp_path: Path) -> None:
    """It is made once."""
    http = "import functools, requests\n@functools.cache\ndef made():\n    return requests.Session()\n"
    text = "from shop.http import made\ndef work(u):\n    return made().get(u)\n"
    assert found(tmp_path, {"job": text, "http": http}, "celery") == []


def test_a_pool_of_another_module_is_seen_where_the_job_uses_it(tmp_path: Path) -> None:
    """And not in a module of which it uses nothing."""
    files = {
        "db": "import asyncio\nGATE = asyncio.Semaphore(4)\n",
        "other": "import asyncio\nX = asyncio.Semaphore(2)\n",
    }
    text = "import shop.other\nfrom shop.db import GATE\nasync def work(u):\n    async with GATE: ...\n"
    assert found(tmp_path, files | {"job": text}) == [("small-pool", "db.py:2")]


def test_calls_in_a_circle_and_far_down_end(tmp_path: Path) -> None:
    """Nothing is looked at twice, nor deeper than a bound."""
    deep = "import time\n" + "".join(f"def f{n}():\n    f{n + 1}()\n" for n in range(DEPTH_MOST + 2))
    text = "from shop.a import one\nfrom shop.deep import f0\nasync def work(u):\n    one()\n    f0()\n"
    files = {
        "a": "from shop.b import two\ndef one():\n    two()\n",
        "b": "from shop.a import one\ndef two():\n    one()\n",
        "deep": f"{deep}def f{DEPTH_MOST + 2}():\n    time.sleep(1)\n",
    }
    assert found(tmp_path, files | {"job": text}) == []


def test_of_installed_packages_only_the_jobs_own_is_read(tmp_path: Path) -> None:
    """Others may do as they like."""
    for name in ("shop", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(BLOCKS)
    code = OwnCode(tmp_path, "shop")
    assert code.function_at("shop.get") is not None
    assert code.function_at("theirs.get") is None
