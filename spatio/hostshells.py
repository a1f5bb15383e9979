"""Completion in bash, zsh and fish: the scripts, and the answers to what they ask (`--complete`).

A script hands on the line up to the cursor and the last word as its shell cuts it; the answer is a
word a line, ready to be put in its place. Nothing that goes wrong is ever shown while somebody types.
"""

from __future__ import annotations

from collections.abc import Sequence

from commands.command import Failure
from commands.render.fds import FdSink
from commands.stream import ReaderGone
from spatio.completing import Candidate, offer, typed
from spatio.start import VERBS, Misuse, read_words
from spatio.unfinished import Unfinished, unfinished
from spatio.workspace import open_workspace
from vfs.drive import drive
from vfs.errors import VfsError

BASH = r"""# completion of spatio for bash: source <(spatio completion bash)
_spatio_complete() {
    local line cut word
    COMPREPLY=()
    word="${COMP_WORDS[COMP_CWORD]}"
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <("${COMP_WORDS[0]}" --complete bash "${COMP_LINE:0:COMP_POINT}" "$word" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace
    fi
}
complete -o nosort -F _spatio_complete spatio
"""

ZSH = r"""#compdef spatio
# completion of spatio for zsh: source <(spatio completion zsh), after compinit
_spatio() {
    local -a folders others
    local line
    while IFS= read -r line; do
        case $line in
            (*[/=]) folders+=("$line") ;;
            (*) others+=("$line") ;;
        esac
    done < <("${words[1]}" --complete zsh "${(j: :)words[1,CURRENT]}" "${words[CURRENT]}" 2>/dev/null)
    (( ${#folders} )) && compadd -Q -U -S '' -- "${folders[@]}"
    (( ${#others} )) && compadd -Q -U -- "${others[@]}"
    return 0
}
compdef _spatio spatio
"""

FISH = r"""# completion of spatio for fish: spatio completion fish | source
complete -c spatio -f -k -a '(spatio --complete fish (commandline -cp) (commandline -ct) 2>/dev/null)'
"""

SCRIPTS = {"bash": BASH, "fish": FISH, "zsh": ZSH}


def completion_script(shell: str) -> str:
    """The script for a shell. Raises Failure for one that is not known."""
    if shell not in SCRIPTS:
        raise Failure(f"there is no completion for {shell}", status=2, hint="try: bash, zsh or fish")
    return SCRIPTS[shell]


GLOBALS = (
    Candidate("--debug", "tracebacks where something in Spatio goes wrong"),
    Candidate("--help", "how to call spatio"),
    Candidate("--home=", "the workspace's folder", open=True),
    Candidate("--objects=", "where large contents lie, for this run", open=True),
    Candidate("--store=", "the store for this run", open=True),
    Candidate("--version", "print the version"),
    Candidate("-c", "run one line"),
)


def answer(words: Sequence[str]) -> int:
    """Prints what may stand at the end of a host shell's line: `words` are SHELL, LINE, LAST WORD."""
    if len(words) != 3 or words[0] not in SCRIPTS:
        return 2
    shell, line, last = words
    here = unfinished(line)
    try:
        found = drive(_found(here))
        lines = [_shown(shell, one, here, line, last) for one in found if one.word.isprintable()]
        drive(FdSink(1).text("".join(f"{one}\n" for one in lines)))
    except (VfsError, Failure, Misuse, ReaderGone):
        return 1
    return 0


async def _found(here: Unfinished) -> list[Candidate]:
    if here.redirected:
        return []
    begun = read_words(here.words[1:])
    words = begun.words[1:] if begun.words[:1] == ("demo",) else begun.words
    if not words:
        found = [one for one in GLOBALS if one.word.startswith(here.word) and here.word.startswith("-")]
        found += [Candidate(verb) for verb in VERBS if verb.startswith(here.word)]
        if here.word.startswith("-"):
            return found
    elif words[0] == "completion":
        return [Candidate(shell) for shell in SCRIPTS if shell.startswith(here.word)]
    elif words[0] in (*VERBS, "-c"):
        return []
    else:
        found = []
    workspace = open_workspace(begun.home, address=begun.store, objects=begun.objects, reach="offline")
    try:
        found += await offer(workspace.session(), here._replace(words=words, variable=False))
    finally:
        await workspace.aclose()
    return found


def _shown(shell: str, one: Candidate, here: Unfinished, line: str, last: str) -> str:
    if shell == "fish":
        return f"{one.word}\t{one.about}" if one.about else one.word
    if shell == "zsh":
        return typed(one, here.quote)
    raw = line[here.start :]
    word = one.word if here.quote else typed(one, "")
    # bash cuts words at = and : as well, and replaces only what comes after.
    cut = raw[: len(raw) - len(last)] if last not in ("=", ":") and raw.endswith(last) else raw
    return word.removeprefix(cut) if cut != raw or last in ("=", ":") else word
