"""Takes the pictures of the docs from the pages of the kept examples: `make pictures` (needs Chromium).

Each picture is put into the page that uses it, once its document is kept (docs/show_examples.py).
"""

import base64
import re
import shutil
import sys
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURES = Path(__file__).with_name("pictures")
sys.path.insert(0, str(REPOSITORY))

from docs.show_examples import EXAMPLES, document  # noqa: E402  # found by the line above
from harness import registry  # noqa: E402  # found by the line above

WIDTH = 1120
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-lcd-text")
PIXELS = """async (packed) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0))]));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    let text = "";
    for (const value of context.getImageData(0, 0, image.width, image.height).data) text += String.fromCharCode(value);
    return btoa(text);
}"""
"""A picture's pixels, red, green, blue and alpha of each."""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


class Picture(NamedTuple):
    """The top of an example's page, and where it is used."""

    name: str
    """Of the file, and of the marks in the page: `<!-- picture: NAME -->`."""
    example: str
    until: str
    """The element with which it ends, as a CSS selector."""
    page: str
    alt: str


SHOWN = (
    Picture("card", "http", "#card .scroll", "README.md", "The card of a decision: advice, then both sides' figures"),
    Picture("quick", "quick", "main > .notes", "docs/questions.md", "The first screen of the plan quick"),
    Picture(
        "crashes",
        "crashes",
        "main > .matrices + .about",
        "docs/crashes.md",
        "What the plan crashes says at first sight",
    ),
    Picture("doubts", "busy", "main > .notes", "docs/troubleshooting.md", "A run on a busy machine: what it doubts"),
)


def main() -> None:
    """Take each picture whose document is kept, and put it into its page."""
    place = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if place is None:
        raise SystemExit("no Chromium on PATH (on Debian: apt-get install chromium)")
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=list(ARGUMENTS))
        for picture in SHOWN:
            if (EXAMPLES / f"{picture.example}.json.gz").exists():
                take(browser, picture)
                put(picture)
        browser.close()


def take(browser: Browser, picture: Picture) -> None:
    """The page's first screen as a file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(registry.load("format", "html").render(document(picture.example)), "utf-8")
        tab = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        tab.goto(file.as_uri())
        last = tab.locator(picture.until).first.bounding_box()
        height = last["y"] + last["height"] + 12 if last else 600
        tab.set_viewport_size({"width": WIDTH, "height": max(900, int(height) + 1)})
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": height}
        taken = tab.screenshot(clip=clip)  # type: ignore[arg-type]
        (PICTURES / f"{picture.name}.png").write_bytes(smaller(tab, taken))
        tab.close()


def smaller(tab: Page, png: bytes) -> bytes:
    """The same picture with a palette of its 256 most frequent colours, each other one as the nearest of them."""
    width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
    pixels = np.frombuffer(base64.b64decode(tab.evaluate(PIXELS, base64.b64encode(png).decode())), np.uint8)
    colours, at, counts = np.unique(pixels.reshape(-1, 4)[:, :3], axis=0, return_inverse=True, return_counts=True)
    palette = colours[np.argsort(-counts)[:256]]
    distances = ((colours[:, None, :].astype(int) - palette[None].astype(int)) ** 2).sum(axis=2)
    indexes = distances.argmin(axis=1).astype(np.uint8)[at.reshape(-1)].reshape(height, width)
    rows = np.insert(indexes, 0, 0, axis=1)  # each row begins with its filter: none
    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 3, 0, 0, 0])
    chunks = {b"IHDR": head, b"PLTE": palette.tobytes(), b"IDAT": zlib.compress(rows.tobytes(), 9), b"IEND": b""}
    return png[:8] + b"".join(
        len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4) for kind, data in chunks.items()
    )


def put(picture: Picture) -> None:
    """Show it between its marks."""
    page = REPOSITORY / picture.page
    prefix = "docs/" if picture.page == "README.md" else ""
    shown = f"![{picture.alt}]({prefix}pictures/{picture.name}.png)"
    begin, end = f"<!-- picture: {picture.name} -->", "<!-- end of the picture -->"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    text, found = pattern.subn(f"{begin}\n{shown}\n{end}", page.read_text("utf-8"))
    if found != 1:
        raise SystemExit(f"{page}: {begin} … {end} stands there {found} times")
    page.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
