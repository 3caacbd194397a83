"""The pages of a folder's runs: that folder and nothing else."""

import gzip
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from harness import registry
from harness.errors import UsageError
from harness.machine.held import hold
from harness.progress.journal import Journal
from harness.report.report import build
from harness.report.run_list import ListedRun, listed
from harness.report.serve import application, index_page, serve
from harness.results import store
from harness.results.model import Results
from tests.builders import document_of, results_of

Client = TestClient[web.Request, web.Application]
EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "example" / "quick.json.gz"
HOSTILE = "<script>alert(1)</script>"


def put(
    folder: Path, name: str, document: Results, started: str = "2026-01-01T00:00:00+00:00", status: str = "done"
) -> None:
    """A run in the folder."""
    (folder / name).mkdir(parents=True)
    run = msgspec.structs.replace(document.run, id=name, started=started, status=status)
    store.write(folder / name / store.DOCUMENT, msgspec.structs.replace(document, run=run))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Three runs, one of them going on; a document that cannot be read; something that is none of its business."""
    runs = tmp_path / "runs"
    put(runs, "old", document_of("quick"), "2026-01-01T00:00:00+00:00")
    put(runs, "new", document_of("quick"), "2026-03-01T00:00:00+00:00")
    put(runs, "group/going", results_of(), "2026-02-01T00:00:00+00:00", "running")
    descriptor = hold(runs / "group/going")
    (runs / "broken").mkdir()
    (runs / "broken" / store.DOCUMENT).write_text('{"schema": ' + f'"{HOSTILE}"')
    (runs / "old" / "secret.txt").write_text("secret")
    put(tmp_path, "outside", document_of("quick"))
    (runs / "link").symlink_to(tmp_path / "outside")
    yield runs
    os.close(descriptor)


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    """A browser that shows nothing."""
    async with TestClient(TestServer(application(folder))) as made:
        yield made


def test_runs_are_listed_the_newest_first(folder: Path) -> None:
    """Those that cannot be read last, with the reason; links that lead out not at all."""
    found = listed(folder.resolve())
    assert [one.id for one in found] == ["new", "group/going", "old", "broken"]
    assert found[-1].error
    assert found[0].headline == build(document_of("quick")).first.headline
    assert (found[0].name, found[0].machine) == ("quick", "2 CPUs, Python 3.11.0")


def test_a_document_is_read_again_once_it_has_changed(folder: Path) -> None:
    """The list has the headline of what lies there now."""
    (before,) = [run.headline for run in listed(folder.resolve()) if run.id == "old"]
    store.write(folder / "old" / store.DOCUMENT, results_of([]))
    (after,) = [run.headline for run in listed(folder.resolve()) if run.id == "old"]
    assert before != after == "No figures yet."


async def test_the_list_shows_every_run_and_escapes_what_they_say(client: Client) -> None:
    """With its links."""
    answer = await client.get("/")
    text = await answer.text()
    assert answer.status == 200
    assert text.index(">new<") < text.index(">group/going<") < text.index(">old<")
    assert HOSTILE not in text
    assert "/runs/group/going/" in text


async def test_two_runs_that_can_be_compared_are_proposed(client: Client, folder: Path) -> None:
    """The newest and one before it that measured some of the same; else none, with the reason."""
    chosen = re.compile(r'name="(base|new)" value="([^"]*)"[^>]* checked')
    put(folder, "crashes", document_of("crashes"), "2026-02-15T00:00:00+00:00")
    assert chosen.findall(await (await client.get("/")).text()) == [("new", "new"), ("base", "old")]
    shutil.rmtree(folder / "new")
    text = await (await client.get("/")).text()
    assert chosen.findall(text) == []
    assert "No two of these runs have a row in common" in text


async def test_each_run_says_which_rows_it_measured(client: Client, folder: Path) -> None:
    """By numbers of this page, so that it grows with the runs, and not with their pairs; of what can be read."""
    text = await (await client.get("/")).text()
    rows = dict(re.findall(r'name="base" value="([^"]*)"[^>]*data-rows="([^"]*)"', text))
    assert list(rows) == ["new", "group/going", "old"]
    assert rows["new"] == rows["old"] == " ".join(map(str, range(len(rows["new"].split()))))
    assert rows["group/going"] == ""


def test_a_run_whose_document_was_not_read_may_have_any_row(folder: Path) -> None:
    """Beyond the newest, so many are listed alone."""
    text = index_page(folder, [ListedRun("far", "/runs/far/")])
    assert 'value="far"' in text
    assert "data-rows" not in text


async def test_every_answer_has_its_headers_and_no_cookie(client: Client) -> None:
    """Pages under a policy that runs their own scripts alone; the rest under one that runs nothing."""
    for path in ("/", "/runs/old/", "/runs/old/results.json", "/nowhere", "/runs/nope/", "/compare?base=old&new=new"):
        answer = await client.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "Set-Cookie" not in answer.headers


async def test_a_run_is_its_report_and_its_files(client: Client, folder: Path) -> None:
    """As `workbench report` makes them."""
    document = store.read(folder / "old")
    page = await (await client.get("/runs/old/")).text()
    assert "All runs" in page
    assert document.run.command in page
    for file, kind in (("results.json", "json"), ("trials.csv", "csv"), ("report.md", "markdown")):
        answer = await client.get(f"/runs/old/{file}")
        assert (await answer.read()).decode() == registry.load("format", kind).render(document)


async def test_a_run_that_goes_on_is_shown_live(client: Client) -> None:
    """May ask its own server for events, and nobody else; the report so far is a link away."""
    answer = await client.get("/runs/group/going/")
    text = await answer.text()
    assert "is running" in text
    assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "connect-src 'none'" in (await client.get("/runs/group/going/?report")).headers["Content-Security-Policy"]


async def test_events_go_on_where_the_connection_broke(client: Client, folder: Path) -> None:
    """By the id of the last one that came."""
    journal = Journal(folder / "old" / store.JOURNAL)
    journal.step(HOSTILE)
    journal.step("second")
    journal.end()
    answer = await client.get("/runs/old/events")
    assert answer.content_type == "text/event-stream"
    first, second, end = (await answer.text()).strip().split("\n\n")
    identity = first.split("\n")[0].removeprefix("id: ")
    again = await (await client.get("/runs/old/events", headers={"Last-Event-ID": identity})).text()
    assert again.strip().split("\n\n") == [second, end]
    assert (await client.get("/runs/nope/events")).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/runs/../outside/",
        "/runs/..%2foutside/",
        "/runs/%2e%2e%2foutside/results.json",
        "/runs/old/..%2f..%2foutside/results.json",
        "/runs/link/",
        "/runs/link/results.json",
        "/runs/old/secret.txt",
        "/runs/old/logs/",
        "/runs/./",
        "/runs/%00/",
        "/compare?base=../outside&new=old",
        "/compare?base=link&new=old",
        "/compare",
    ],
)
async def test_what_lies_elsewhere_is_not_found(client: Client, path: str) -> None:
    """However it is written."""
    answer = await client.get(URL(path, encoded=True))
    assert answer.status == 404
    assert re.fullmatch("404: Not Found|no run '[^']*' in this folder", await answer.text())


async def test_a_document_that_cannot_be_read_is_no_crash(client: Client) -> None:
    """It says what is wrong, as text."""
    answer = await client.get("/runs/broken/")
    assert answer.status == 404
    assert answer.content_type == "text/plain"


async def test_any_two_runs_are_compared(client: Client) -> None:
    """What differs otherwise is told."""
    text = await (await client.get("/compare?base=old&new=new")).text()
    assert "No difference" in text
    unlike = await (await client.get("/compare?base=old&new=group/going")).text()
    assert "What differs" in unlike


async def test_nothing_can_be_changed(client: Client) -> None:
    """Only read."""
    assert (await client.post("/")).status == 405
    assert (await client.delete("/runs/old/")).status == 405


async def test_the_board_shows_what_verifies_and_lists_the_rest(client: Client, folder: Path) -> None:
    """Made-up figures do not; hostile documents are unreadable there too; nothing of them is markup."""
    (folder / "deep").mkdir()
    (folder / "deep" / store.DOCUMENT).write_text('{"schema": "workbench/1.0", "run": ' + "[" * 100_000)
    (folder / "real").mkdir()
    (folder / "real" / store.DOCUMENT).write_bytes(gzip.decompress(EXAMPLE.read_bytes()))
    assert '<a href="/board">' in await (await client.get("/")).text()
    text = await (await client.get("/board")).text()
    assert "1 run, 5 left out" in text
    assert "the run is running" in text
    assert re.search(r"\d\.\d ±\d+(\.\d)? %", text)
    assert len(set(re.findall('unreadable: [^<"]*', text))) == 2
    assert HOSTILE not in text


@pytest.mark.parametrize("host", ["a..b", "x" * 64, "no such host"])
async def test_a_host_that_is_no_name_is_bad_usage(tmp_path: Path, host: str) -> None:
    """Whichever error the system has for it."""
    with pytest.raises(UsageError, match=f"--host '{host}': this machine knows no such host"):
        await serve(tmp_path, host, 0, print)


async def test_an_address_of_another_machine_is_bad_usage(tmp_path: Path) -> None:
    """It is the address that is wrong, not the port."""
    with pytest.raises(UsageError, match=r"cannot listen on 192\.0\.2\.1:0: .* Choose another address with --host"):
        await serve(tmp_path, "192.0.2.1", 0, print)


@pytest.mark.parametrize("name", ["", "*", "http://bench", "bench:80", "a b", "bench/"])
async def test_a_name_that_no_request_asks_for_is_bad_usage(tmp_path: Path, name: str) -> None:
    """It would be allowed in vain."""
    with pytest.raises(UsageError, match=r"--allow-host .* expected the name of a host"):
        await serve(tmp_path, "127.0.0.1", 0, print, [name])


def test_a_folder_that_is_none_is_bad_usage(tmp_path: Path) -> None:
    """With what is expected."""
    with pytest.raises(UsageError, match="is not a folder"):
        application(tmp_path / "nowhere")


async def test_the_live_page_asks_for_the_verdict_so_far(client: Client) -> None:
    """It has it from the start; of a run that is not there, there is none."""
    answer = await client.get("/runs/group/going/so-far")
    assert answer.status == 200
    said = await answer.json()
    assert said["headline"].endswith("a verdict would need 5.")
    page = await (await client.get("/runs/group/going/")).text()
    assert f">{said['headline']}</p>" in page
    assert all(f"<strong>{question}:</strong> {text}." in page for question, text in said["certainty"])
    assert (await client.get("/runs/nothing/so-far")).status == 404
