"""What is published names no machine, path, address or person, whatever the document holds."""

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness import registry
from harness.report.board.anonymous import anonymised
from harness.report.board.verifying import published
from harness.report.board.vocabulary import RULES, planned, platform, processor
from harness.results.model import Results
from tests.harness.report.board.typed import filled

NAMES = st.from_regex("[a-z][a-z0-9_-]{3,20}", fullmatch=True)
HOSTS = st.lists(NAMES, min_size=2, max_size=4).map(".".join)
ADDRESSES = st.ip_addresses().map(str)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
URLS = st.tuples(st.sampled_from(["redis", "amqp", "http"]), NAMES, NAMES, HOSTS).map(
    lambda parts: "{}://{}:{}@{}:6379/0".format(*parts)
)
WORDS = frozenset(
    [
        *msgspec.json.encode(anonymised(filled("\N{SNOWMAN}"))).decode().split('"'),
        *planned(),
        *(name for kind in ("contender", "workload", "load") for name in registry.shipped(kind)),
    ]
)
"""What a document holds that says nothing, and the workbench's own words: whoever is called so is not named by it."""


def texts(document: Results) -> str:
    """Everything in it."""
    return msgspec.json.encode(document).decode()


@settings(max_examples=30, deadline=None)
@given(st.one_of(HOSTS, ADDRESSES, PATHS, URLS, NAMES))
def test_no_name_path_or_address_survives_in_any_text_of_any_type(text: str) -> None:
    """A field that a later version adds is covered: the document is made from the types."""
    assume(not any(text in word for word in WORDS) and not any(rule(text) for rule in RULES.values()))
    assert text not in texts(anonymised(filled(text)))


@settings(max_examples=30, deadline=None)
@given(st.one_of(HOSTS, ADDRESSES, PATHS, URLS))
def test_what_names_a_host_a_path_or_an_address_is_kept_by_no_rule(text: str) -> None:
    """Neither as a version, nor as a commit, nor as a word of a processor."""
    assert not any(rule(text) for rule in RULES.values())
    assert text not in platform(f"Linux-6.1-{text}-x86_64")
    assert text not in (processor(f"AMD EPYC {text}") or "")


def test_what_a_real_run_says_of_its_machine_is_not_published(measured: Results, entry: Results) -> None:
    """Names of hosts and folders, ports, boots and builds of kernels."""
    hidden = [measured.run.id, measured.environment.origin, measured.environment.boot_id, measured.environment.platform]
    hidden += [broker.url for broker in measured.environment.brokers]
    hidden += [worker.name for cell in measured.cells for worker in cell.workers]
    for text in filter(None, hidden):
        assert text in texts(measured)
        assert text not in texts(entry)


def test_publishing_what_is_published_changes_nothing(entry: Results) -> None:
    """So the board shows what `submit` wrote."""
    assert published(entry) == entry


def test_figures_and_verdicts_are_those_of_the_run(measured: Results, entry: Results) -> None:
    """What rows show together is computed again, to the same."""
    assert [cell.summary and cell.summary.throughput_per_s for cell in entry.cells] == [
        cell.summary and cell.summary.throughput_per_s for cell in measured.cells
    ]
    assert entry.comparisons == measured.comparisons


def test_a_platform_is_its_system_and_its_architecture() -> None:
    """Builds of kernels are named by whoever builds them."""
    assert platform("Linux-6.18.44-fc-v782-x86_64-with-glibc2.36") == "Linux-6.18-x86_64"
    assert platform("macOS-15.1-arm64-arm-64bit") == "macOS-15.1-arm64"
    assert platform("alice's computer") == ""
    assert processor("Intel(R) Xeon(R) CPU E5-2673 v4 @ 2.30GHz") == "Intel Xeon CPU E5-2673 v4 @ 2.30GHz"
