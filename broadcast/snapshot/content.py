"""Render a file's content for a target: templates and replacements, for mappings that ask for them (pure).

`survey` returns what a file's content depends on: it is rendered once for all targets with the same values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from jinja2 import nodes

    from broadcast.snapshot.sandbox import Sandbox

MAX_EXPRESSION = 21_000  # characters that GitHub reads of one
MAX_LOOKING = 100_000_000  # characters
_BINARY = 8 * 1024  # bytes in which git, too, looks for a NUL
_PRIVATE = range(0xE000, 0xF900)  # characters, one of which replaces \r, as Jinja would change it to \n
# GitHub's own: up to a }} that isn't in a string of its, or to the first where its quotes don't match.
_GITHUB = re.compile(r"\$\{\{(?:'[^'\n]*'|[^'])*?\}\}|\$\{\{.*?\}\}", re.DOTALL)

# What templates know besides the vars.
FACTS = {
    "target": ("owner", "name", "full_name", "default_branch", "base", "topics"),
    "source": ("owner", "name", "full_name"),
}


class RenderError(Exception):
    """A text can't be rendered; the message has the line and the reason."""

    def __init__(self, message: str, unknown: str = "") -> None:
        super().__init__(message)
        self.unknown = unknown  # the name that has no value


class Recipe(NamedTuple):
    """The values that a text is rendered with, only those that it uses; hashable."""

    template: tuple[tuple[str, Any], ...] | None = None  # None: no template; facts are named target.owner and so on
    replacements: tuple[tuple[str, str], ...] = ()  # exactly this → that


class Survey(NamedTuple):
    """What a file's content depends on."""

    names: frozenset[str] = frozenset()  # that its template uses, facts as target.owner
    problem: str = ""  # why its template can't be read
    tokens: frozenset[str] = frozenset()  # of those looked for, what is in it
    is_text: bool = True  # else it is never touched


def survey(content: bytes, tokens: Iterable[str], *, template: bool) -> Survey:
    """What a file's content depends on: names in its template, and those of `tokens` in its text."""
    text = _text(content)
    if text is None:
        return Survey(is_text=False)
    if text.count("${{") * min(len(text), MAX_EXPRESSION) > MAX_LOOKING:  # each looks for its end
        return Survey(problem="it has too many ${{ for its size")
    ours = _pattern(tokens)
    found = frozenset(token for piece, is_githubs in _pieces(text) if not is_githubs for token in ours.findall(piece))
    try:
        return Survey(_names(text) if template else frozenset(), tokens=found)
    except RenderError as error:
        return Survey(problem=str(error), tokens=found)


def tokens_of(variable: str) -> tuple[str, str]:
    """The two spellings of a variable in go-broadcast."""
    return f"{{{{{variable}}}}}", f"${{{variable}}}"


def render(content: bytes, recipe: Recipe) -> bytes:
    """The rendered content. Raises RenderError."""
    text = _text(content)
    if text is None or recipe == Recipe():
        return content
    new = dict(recipe.replacements)
    if recipe.template is None:
        return _replaced(text, new).encode()
    # In this order: values of templates must not be replaced.
    plain = {old: re.sub(r"\[[\[%]", r"[[ '\g<0>' ]]", value) for old, value in new.items()}
    return _filled(_replaced(text, plain), dict(recipe.template)).encode()


def _text(content: bytes) -> str | None:
    if b"\0" in content[:_BINARY]:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _replaced(text: str, new: Mapping[str, str]) -> str:
    """Replace all tokens in one pass; leave GitHub's `${{ … }}` alone."""
    ours = _pattern(new)
    return "".join(
        piece if is_githubs else ours.sub(lambda match: new[match[0]], piece) for piece, is_githubs in _pieces(text)
    )


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """(piece, whether it is a `${{ … }}` of GitHub)."""
    start_of_piece = looked = 0
    while (start := text.find("${{", looked)) >= 0:
        looked = start + 1
        if found := _GITHUB.match(text, start, start + MAX_EXPRESSION):
            yield text[start_of_piece:start], False
            yield found[0], True
            start_of_piece = looked = found.end()
    yield text[start_of_piece:], False


def _pattern(tokens: Iterable[str]) -> re.Pattern[str]:
    """A pattern of all tokens."""
    return re.compile("|".join(_bounded(old) for old in sorted(tokens, key=len, reverse=True)) or "(?!)")


def _bounded(old: str) -> str:
    if old.endswith("}"):  # {{NAME}} or ${NAME}
        return re.escape(old)
    # A name or an address, not a part of a longer one: acme/templates.git is one, acme/templates-old is not.
    return rf"(?<![\w.+@-]){re.escape(old)}(?![\w-]|\.+(?!git(?![\w-]))[\w-])"


# Templates


def _names(text: str) -> frozenset[str]:
    from jinja2 import meta

    tree = _parsed(text)
    try:
        found = set(meta.find_undeclared_variables(tree))
    except Exception as error:  # what it can't make sense of: a filter that doesn't exist, too many brackets
        raise RenderError(_message(error, getattr(error, "lineno", 0))) from error
    asked = [fact for subject in FACTS.keys() & found for fact in _facts(tree, subject)]
    return frozenset({*found, *asked} - FACTS.keys())


def _facts(tree: nodes.Template, subject: str) -> Iterable[str]:
    """Facts read as `subject.name` or `subject['name']`; all of them if `subject` is used as a whole."""
    from jinja2 import nodes

    asked: dict[nodes.Node, object] = {node.node: node.attr for node in tree.find_all(nodes.Getattr)}
    asked |= {node.node: node.arg.value for node in tree.find_all(nodes.Getitem) if isinstance(node.arg, nodes.Const)}
    for node in tree.find_all(nodes.Name):
        if node.name == subject:
            names = [asked[node]] if node in asked else FACTS[subject]
            if names[0] not in FACTS[subject]:
                raise RenderError(f"line {node.lineno}: {subject} has {', '.join(FACTS[subject])}, but no {names[0]}")
            yield from (f"{subject}.{name}" for name in names)


def _parsed(text: str) -> nodes.Template:
    from jinja2 import TemplateSyntaxError

    try:
        return _parser().parse(text)
    except TemplateSyntaxError as error:
        raise RenderError(f"line {error.lineno}: {error.message}") from error
    except (RecursionError, ValueError) as error:
        raise RenderError(_message(error, 0)) from error


def _message(error: Exception, line: int) -> str:
    what = "it is nested too deeply" if isinstance(error, RecursionError) else getattr(error, "message", None)
    said = str(what or error).partition("\n")[0]
    return f"line {line}: {said}" if line else said


def _filled(text: str, values: Mapping[str, Any]) -> str:
    given: dict[str, Any] = {subject: {} for subject in FACTS}
    for name, value in values.items():
        subject, dot, attribute = name.partition(".")
        (given[subject] if dot else given)[attribute if dot else name] = value
    returns = text.count("\r\n")
    if returns and returns == text.count("\n") == text.count("\r"):
        return re.sub("\r?\n", "\r\n", _generated(text.replace("\r\n", "\n"), given))
    mark = next(chr(code) for code in _PRIVATE if chr(code) not in f"{text}{values}")
    return _generated(text.replace("\r", mark), given).replace(mark, "\r")


def _generated(text: str, given: Mapping[str, Any]) -> str:
    from broadcast.snapshot.sandbox import MAX_CHARACTERS, Sandbox, UnknownNameError

    _parsed(text)
    pieces, size = [], 0
    try:
        for piece in Sandbox().from_string(text).generate(given):
            size += len(piece)
            if size > MAX_CHARACTERS:
                raise OverflowError("the rendered text is far too large")
            pieces.append(piece)
    except Exception as error:  # whatever a template's own expressions come to
        unknown = error.name if isinstance(error, UnknownNameError) else ""
        raise RenderError(_message(error, _line(error)), unknown) from error
    return "".join(pieces)


def _line(error: BaseException) -> int:
    """The line of the template in a traceback; Jinja maps them."""
    trace, line = error.__traceback__, 0
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


@cache
def _parser() -> Sandbox:
    from broadcast.snapshot.sandbox import Sandbox

    return Sandbox()
