"""Options in messages: each command's own, and what a message says where the command does not have what it names."""

import re


def _named(text: str) -> frozenset[str]:
    return frozenset(f"--{name}" for name in text.split())


DECIDE = _named(
    "allow-remote at-most coroutine json no-crashes output p99 path payloads pool profile quiet rate repeats seed set "
    "slots task time timeout yes"
)
LADDER = _named("boots duration json max-time output quiet repeats rounds seed verbose")
AB = _named("fail-on output pairs rounds seed")
SIZE = _named("cpu job json output p99 path pool price quiet rate seed service set utilisation verify")
OPTIONS = {"decide": DECIDE, "size": SIZE, "ladder": LADDER, "ab": AB}
"""Of the commands that measure and have not all options of `workbench run`; a test holds them against the commands."""
INSTEAD = {
    "size": {"--rounds": "workbench decide, which has several"},
    "decide": {"--duration": "--time", "--rounds": "--time, which leaves time for more rounds"},
}
"""What does the same there."""
SHORT = {"decide": {"-w": "JOB"}, "size": {"-w": "--job"}}
"""Short options, and what stands for them there."""
NAMED = re.compile(r"(?<![\w-])(--[a-z][a-z0-9-]*)((?:[ =](?:[A-Z]+\b|[0-9]\S*|'[^']*'))?(?: or more)?)")
OWNED = re.compile(r"(workbench [a-z]+|docker run|python -m \w+|initdb|redis-server)[^.;,)]*$")
"""Before an option: whose it is, in the same clause."""


def said_for(command: str, text: str) -> str:
    """A message as that command says it: an option that it does not have is named as that of `workbench run`."""
    own = OPTIONS.get(command)
    if own is None:
        return text
    instead = INSTEAD.get(command, {})

    def written(match: "re.Match[str]") -> str:
        name, value = match[1], match[2]
        if name in own or OWNED.search(text[: match.start()]):
            return match[0]
        return instead.get(name, f"{name}{value} of workbench run")

    text = NAMED.sub(written, text)
    for short, word in SHORT.get(command, {}).items():
        text = re.sub(rf"(?<![\w-]){short}(?= )", word, text)
    return text


def command_of(line: str) -> str:
    """The command of a command line, such as `workbench decide my_job.py`; empty if it is none."""
    words = line.split()
    return words[1] if words[:1] == ["workbench"] and len(words) > 1 else ""
