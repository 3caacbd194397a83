"""What macOS and the BSDs say of their kernel by a name."""

import ctypes

_ask = getattr(ctypes.CDLL(None), "sysctlbyname", None)


def text(name: str) -> str | None:
    """A text; None where the system does not have it, or has no such names."""
    if _ask is None:
        return None
    size = ctypes.c_size_t(256)
    value = ctypes.create_string_buffer(size.value)
    if _ask(name.encode(), value, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        return None
    return value.value.decode("utf-8", "replace").strip() or None
