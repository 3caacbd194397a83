"""`python -m origin`."""

import gc


def main() -> None:
    """Imported without garbage collection: what is imported stays, and to look through it takes a third of the CPU."""
    gc.disable()
    from origin.serving import main as serve

    gc.freeze()
    gc.enable()
    serve()


if __name__ == "__main__":
    main()
