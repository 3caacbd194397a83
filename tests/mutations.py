"""Mutates documents and plans as fingers, disks and strangers do: values of another kind, keys gone, bytes flipped."""

import copy
import json
import random
import re
from typing import Any

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 5, 10**18, -(10**18), 0.5, -0.5, 1e308, 1e-308),
    *("", "x", "[/s]", "[bold]", "\x1b[2J", "\u202e", "<b>", "é" * 300, "celery-prefork", "closed:4", "5%"),
    *([], [None], [5], [[]], ["x", "x"], {}, {"": None}, {"x": 5}, {"x": {"x": {}}}),
)
TOML = (
    *("5", "-5", "0", "0.5", "1e400", "nan", "inf", "true", '""', '"x"', "[]", "[5]", "[[]]", '["x"]', "{}", "{x=5}"),
    *("1979-05-27", "'''\n'''", '"\\u0000"', "9" * 5000, "[" * 3000, '["closed:4", 5]', '{sleep={seconds="x"}}'),
)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to everything in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, part in inner for path in places(part, (*at, key)))]


def mutated(document: Any, draw: random.Random) -> Any:
    """A copy with one to three parts replaced, removed, doubled or swapped with another's."""
    changed = copy.deepcopy(document)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        path = draw.choice(places(changed)[1:] or [()])
        if not path:
            return copy.deepcopy(draw.choice(VALUES))
        holder = changed
        for key in path[:-1]:
            holder = holder[key]
        key = path[-1]
        match draw.randrange(5):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
            case 2 if isinstance(holder, dict):
                holder[draw.choice(("x", "", str(key) + "s"))] = copy.deepcopy(holder[key])
            case 3 if isinstance(holder[key], (int, float)):
                holder[key] = draw.choice((-1, 0, 1e-300, 1e300, 1.0)) * holder[key]
            case _:
                holder[key] = copy.deepcopy(draw.choice(VALUES))  # else the next case would find it changed
    return changed


def mutated_bytes(data: bytes, draw: random.Random) -> bytes:
    """With a byte flipped, a part cut out, or the end cut off."""
    at = draw.randrange(len(data))
    match draw.randrange(4):
        case 0:
            return data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]
        case 1:
            return data[:at]
        case 2:
            return data[:at] + data[at + draw.randrange(1, 40) :]
        case _:
            return data[:at] + b"[" * 20_000 + data[at:]


def mutated_toml(text: str, draw: random.Random) -> str:
    """With lines dropped, doubled, moved or given another value."""
    lines = text.splitlines()
    for _ in range(draw.choice((1, 1, 2))):
        at = draw.randrange(len(lines))
        match draw.randrange(6):
            case 0:
                del lines[at : at + 1]
            case 1:
                lines.insert(draw.randrange(len(lines)), lines[at])
            case 2:
                lines[at] = re.sub(r"=.*", lambda _: f"= {draw.choice(TOML)}", lines[at])
            case 3:
                lines.insert(
                    at, f"{draw.choice(('x', 'view', 'rung', 'set', 'loads', 'rounds'))} = {draw.choice(TOML)}"
                )
            case 4:
                lines[at] = re.sub(
                    r'"[^"]*"', lambda _: json.dumps(draw.choice(("", "x", "closed:0", "9" * 30, "1e9s"))), lines[at]
                )
            case _:
                cut = draw.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + draw.choice(("", '"', "[", "=", "#", "\x00", "\ud800")) + lines[at][cut:]
        if not lines:
            return ""
    return "\n".join(lines)


SOURCES = (
    *(
        "None",
        "()",
        "[]",
        "''",
        "5",
        "-1",
        "lambda: 1",
        "yield",
        "await x",
        "return",
        "raise OSError",
        "async",
        "del n",
    ),
    *(
        "print('x')",
        "1 / 0",
        "import nothing",
        "from . import x",
        "class A: ...",
        "@app.task",
        "\t",
        "é",
        "\x00",
        "(((",
    ),
    *("exit()", "import sys; sys.exit(3)", "while True: break", "input()", "*args", "**more", "n=", "self", "app"),
)


def mutated_source(source: str, draw: random.Random) -> str:
    """With one to three of its lines or words removed, doubled, exchanged or replaced."""
    lines = source.splitlines()
    for _ in range(draw.choice((1, 1, 2, 3))):
        at = draw.randrange(len(lines))
        words = re.split(r"(\W+)", lines[at])
        word = draw.randrange(len(words))
        match draw.randrange(6):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                other = draw.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                words[word] = draw.choice(SOURCES)
                lines[at] = "".join(words)
            case 4:
                words[word] = draw.choice(re.split(r"\W+", source))
                lines[at] = "".join(words)
            case _:
                lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
    return "\n".join(lines) + "\n"
