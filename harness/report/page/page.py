"""Pages: one file each, without a network; all text from results is escaped."""

import base64
import gzip
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import jinja2
import msgspec
from markupsafe import Markup

from harness.report.chart import theme
from harness.report.charts.section import charts
from harness.report.table import Report

HERE = files(__package__)
VENDOR = ("vega.min.js", "vega-lite.min.js", "vega-interpreter.js")


Links = Sequence[tuple[str, str]]
"""Addresses and what they are called, for the head of a page that is served."""


class Download(NamedTuple):
    """A file that the page carries, packed."""

    id: str
    name: str
    packed: str


def packed(name: str, data: bytes) -> Download:
    """A file for the page to carry: gzip, base64."""
    return Download(f"file-{name.replace('.', '-')}", name, base64.b64encode(gzip.compress(data, 6, mtime=0)).decode())


def report_page(report: Report, downloads: list[Download], command: str | None, *, links: Links = ()) -> str:
    """A report as a page: the answer, tables, charts, downloads, and the command that makes it again."""
    sections = [(section, list(charts(section))) for section in report.sections]
    drawn = any(found for _, found in sections)
    return page(
        "report.html",
        [*(VENDOR if drawn else ()), "page.js"],
        title=f"Celery or asyncio? {report.title}",
        report=report,
        sections=sections,
        downloads=downloads,
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
            css=Markup(_text("page.css")),  # ours
            scripts=[Markup(text) for text in texts],  # ours
            policy=policy(texts, connect),
            **values,
        )
    )


def policy(scripts: list[str], connect: str = "'none'") -> str:
    """A content security policy: these scripts by their hashes, styles within the page, nothing from anywhere."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts)
    return (
        f"default-src 'none'; script-src {hashes or chr(39) + 'none' + chr(39)}; style-src 'unsafe-inline'; "
        f"img-src data:; connect-src {connect}; base-uri 'none'; form-action 'self'"
    )


def data(value: Any) -> Markup:
    """A value as JSON that cannot end the script element it stands in."""
    text = msgspec.json.encode(value).decode()
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


@cache
def _text(name: str) -> str:
    place = HERE / "vendor" / name if name in VENDOR else HERE / name
    return place.read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: _text(name)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data"] = data
    return environment
