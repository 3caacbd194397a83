"""The page as text; what it does in a browser is in tests/browser."""

import base64
import gzip
import re

import pytest

from harness import registry
from harness.report.page.rendering import HERE, VENDOR, data, policy
from harness.results.model import Failure
from tests.builders import cell_of, document_of, results_of, summarised, trial_of

HOSTILE = "</script><script>alert('x')</script><img src=x onerror=alert(1)>"


def page_of_hostile_names() -> str:
    """Every text that a result may bring is markup."""
    trials = [
        trial_of(1, failures=[Failure(kind=HOSTILE, count=1, example=HOSTILE)]),
        trial_of(2, status="failed", error=HOSTILE),
    ]
    cell = summarised(
        cell_of(HOSTILE, id="a", workload=HOSTILE, params={HOSTILE: HOSTILE}, trials=trials, reason=HOSTILE)
    )
    results = results_of([cell])
    return str(registry.load("format", "html").render(results))


def test_text_from_results_is_text() -> None:
    """No element comes from a name, an error or a parameter."""
    text = page_of_hostile_names()
    assert "<img" not in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert text.count("<script>") == len(VENDOR) + 1


def test_data_cannot_end_the_element_it_stands_in() -> None:
    """JSON with its < written otherwise."""
    assert "<" not in data({"a": HOSTILE})


def test_nothing_is_loaded_from_anywhere() -> None:
    """No address in an attribute; a policy that forbids it; each script by its hash."""
    text = page_of_hostile_names()
    assert not re.search(
        r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    )
    (told,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert "default-src &#39;none&#39;" in told
    assert "unsafe-eval" not in told
    assert "script-src &#39;sha256-" in told
    scripts = re.findall(r"<script>(.*?)</script>\n", text, re.DOTALL)
    assert policy(scripts) == told.replace("&#39;", "'")


def test_the_document_and_the_trials_lie_in_the_page() -> None:
    """To be downloaded without a server."""
    document = document_of("quick")
    text = registry.load("format", "html").render(document)
    for name, kind in (("file-results-json", "json"), ("file-trials-csv", "csv")):
        (packed,) = re.findall(f'<script type="text/plain" id="{name}">([^<]*)</script>', text)
        assert gzip.decompress(base64.b64decode(packed)).decode() == registry.load("format", kind).render(document)


@pytest.mark.parametrize(("plan", "megabytes"), [("full", 3.0), ("quick", 1.2)])
def test_the_page_is_small_enough_to_be_sent_around(plan: str, megabytes: float) -> None:
    """Charts, scripts and files to download included."""
    assert len(registry.load("format", "html").render(document_of(plan)).encode()) < megabytes * 1e6


def test_the_same_document_makes_the_same_page() -> None:
    """Byte for byte: nothing of the time or the machine is in it."""
    document = document_of("latency")
    assert registry.load("format", "html").render(document) == registry.load("format", "html").render(document)


def test_what_the_page_carries_is_licensed() -> None:
    """Each script's licence lies beside it."""
    told = (HERE / "vendor" / "README.md").read_text("utf-8")
    assert all(name in told for name in VENDOR)
    for name in ("LICENSE.vega", "LICENSE.vega-lite", "LICENSE.vega-interpreter"):
        assert "Interactive Data Lab" in (HERE / "vendor" / name).read_text("utf-8")
