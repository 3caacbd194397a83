"""`workbench submit`: writes a run's document as it may be published, for a pull request into `boards/`."""

from pathlib import Path
from typing import Annotated

import typer


def submit(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, or its results.json.")],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Folder of the board, in which the run gets one of its own."
        ),
    ] = Path("boards"),
) -> None:
    """Write a run's document without names of machines, paths, addresses and people, for the board of measurements."""
    from harness.report.board.disturbed import disturbed
    from harness.report.board.verifying import NotPublished, published
    from harness.results import store

    try:
        document = published(store.read(run_folder))
    except NotPublished as error:
        raise NotPublished(f"{run_folder} would be left out of the board: {error} (docs/board.md).") from None
    path = store.publish(output / f"{document.run.plan}-{document.run.id}", document)
    doubted = disturbed(document)
    for cell in document.cells:
        if cell.id in doubted:
            print(f"{cell.workload}, {cell.label}, {cell.load.text}: {doubted[cell.id]}: no figure on the board.")
    print(f"{path}: read it, and open a pull request that adds it.")
