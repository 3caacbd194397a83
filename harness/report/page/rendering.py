"""Renders pages from templates: one self-contained file each.

All text from results is escaped; `safe` in a template marks our own style and scripts, and what `data` has made.
"""

import base64
import gzip
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup, escape

from harness.report.chart import theme
from harness.report.charts.of_section import charts
from harness.report.page.flame import flame
from harness.report.page.forest import forest
from harness.report.page.templates import Templates
from harness.report.table import Report
from harness.report.words.glossary import TOOLTIPS, pieces, used_in
from harness.report.words.word import Word
from harness.report.wrapping import BESIDE_A_UNIT
from harness.results.encoding import encoded
from harness.results.text import readable

HERE = files(__package__)
VENDOR = ("vega.min.js", "vega-lite.min.js", "vega-interpreter.js")


Links = Sequence[tuple[str, str]]
"""Addresses and what they are called, for the head of a page that is served."""


class EmbeddedFile(NamedTuple):
    """A file within the page, which a button saves; `packed` is gzip in base64."""

    id: str
    name: str
    packed: str


def embedded(name: str, data: bytes) -> EmbeddedFile:
    """A file for the page to carry; the same bytes whenever it is made."""
    packed = base64.b64encode(gzip.compress(data, 6, mtime=0)).decode()
    return EmbeddedFile(f"file-{name.replace('.', '-')}", name, packed)


class Explained:
    """Text for a page, in which each word is explained where it first stands: to a pointer, and to the keyboard."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, text: str) -> Markup:
        """Escaped, numbers kept beside their units."""
        return Markup().join(self._piece(*each) for each in pieces(BESIDE_A_UNIT.sub("\u00a0", readable(text))))

    def _piece(self, text: str, word: Word | None) -> Markup:
        if word is None or word.name in self._said:
            return escape(text)
        self._said.add(word.name)
        return Markup('<dfn tabindex="0" data-means="{}">{}</dfn>').format(word.means, text)


def report_page(
    report: Report, embedded_files: list[EmbeddedFile], command: str | None, *, when: str = "", links: Links = ()
) -> str:
    """A report as a page: the answer, tables, charts, files to save, and the command that makes it again."""
    sections = [(section, list(charts(section))) for section in report.sections]
    drawn = any(of_section for _, of_section in sections)
    return page(
        "report.html",
        [*(VENDOR if drawn else ()), "page.js"],
        title=f"Celery or asyncio? {report.title}",
        report=report,
        when=when,
        forest=forest(report.first.overview),
        words=TOOLTIPS,
        explained=Explained(),
        glossary=used_in(report),
        sections=sections,
        embedded_files=embedded_files,
        command=command,
        links=links,
        themes={"light": theme(dark=False), "dark": theme(dark=True)},
    )


def page(template: str, scripts: list[str], *, connect: str = "'none'", **values: Any) -> str:
    """A template with the style and these scripts, under a policy that lets nothing else run or load."""
    texts = [_text(name) for name in scripts]
    return (
        _environment()
        .get_template(template)
        .render(
            css=_text("page.css"),
            scripts=texts,
            policy=policy(texts, connect),
            **values,
        )
    )


def policy(scripts: list[str], connect: str = "'none'") -> str:
    """A content security policy: these scripts by their hashes, styles within the page, nothing from anywhere."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        f"img-src data:; connect-src {connect}; base-uri 'none'; form-action 'self'"
    )


def data(value: Any) -> str:
    """A value as JSON that cannot end the script element it stands in."""
    text = encoded(value).decode()
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def _text(name: str) -> str:
    place = HERE / "vendor" / name if name in VENDOR else HERE / name
    return place.read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=Templates(),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: readable(value) if type(value) is str else value,  # our own scripts are marked as safe
    )
    environment.filters["data"] = data
    environment.filters["flame"] = flame
    environment.filters["units"] = lambda text: BESIDE_A_UNIT.sub("\u00a0", text)
    return environment
