"""One file's bytes as one target should have them: templates and replacements, for what opts in (pure).

`survey` says once what a file's text could depend on, so that it is rendered once for all targets that agree on that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

MAX_CHARACTERS = 40 * 1024 * 1024  # of a rendered text
_BINARY = 8 * 1024  # bytes in which git, too, looks for a NUL
_CARRIAGE = "\ue00d"  # stands in for \r, which Jinja would make into \n

# What templates know besides the vars.
FACTS = {
    "target": ("owner", "name", "full_name", "default_branch", "base", "topics"),
    "source": ("owner", "name", "full_name"),
}


class RenderError(Exception):
    """A text that can't be rendered; says where and why."""


class Recipe(NamedTuple):
    """Everything that one text is rendered with; hashable, and only what the text really uses."""

    template: tuple[tuple[str, Any], ...] | None = None  # None: no template; facts are named target.owner and so on
    replacements: tuple[tuple[str, str], ...] = ()  # exactly this → that


class Survey(NamedTuple):
    """What a file's text could depend on."""

    names: frozenset[str] = frozenset()  # that its template uses, facts as target.owner
    problem: str = ""  # why its template can't be read
    tokens: frozenset[str] = frozenset()  # of those looked for, what is in it
    is_text: bool = True  # else it is never touched


def survey(content: bytes, tokens: Iterable[str], *, template: bool) -> Survey:
    """What the text of a file depends on, of templates and of what `tokens` would replace."""
    text = _text(content)
    if text is None:
        return Survey(is_text=False)
    found = frozenset(token for token in tokens if token in text)
    try:
        return Survey(_names(text) if template else frozenset(), tokens=found)
    except RenderError as error:
        return Survey(problem=str(error), tokens=found)


def tokens_of(variable: str) -> tuple[str, str]:
    """How go-broadcast writes a variable."""
    return f"{{{{{variable}}}}}", f"${{{variable}}}"


def render(content: bytes, recipe: Recipe) -> bytes:
    """The bytes that a target should have. Raises RenderError."""
    text = _text(content)
    if text is None or recipe == Recipe():
        return content
    if recipe.template is not None:
        text = _filled(text, dict(recipe.template))
    if recipe.replacements:
        text = _replaced(text, dict(recipe.replacements))
    return text.encode()


def _text(content: bytes) -> str | None:
    if b"\0" in content[:_BINARY]:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _replaced(text: str, new: Mapping[str, str]) -> str:
    """Everything at once, so that nothing is replaced twice; `${{ … }}` is GitHub's own and stays."""
    tokens = "|".join(_bounded(old) for old in sorted(new, key=len, reverse=True))
    pattern = re.compile(rf"(?P<github>\$\{{\{{.*?\}}\}})|(?P<ours>{tokens})", re.DOTALL)
    return pattern.sub(lambda match: new[match["ours"]] if match["ours"] is not None else match[0], text)


def _bounded(old: str) -> str:
    if old.endswith("}"):  # {{NAME}} or ${NAME}
        return re.escape(old)
    # A name or an address, not a part of a longer one: acme/templates.git is one, acme/templates-old is not.
    return rf"(?<![\w.+@-]){re.escape(old)}(?![\w-]|\.(?!git\b)[\w-])"


# Templates


def _names(text: str) -> frozenset[str]:
    from jinja2 import meta, nodes  # noqa: PLC0415  most configs have no templates

    tree = _parsed(text)
    found = set(meta.find_undeclared_variables(tree))
    for node in tree.find_all(nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name in FACTS:
            subject = node.node.name
            if node.attr not in FACTS[subject]:
                raise RenderError(f"line {node.lineno}: {subject} has {', '.join(FACTS[subject])}, but no {node.attr}")
            found.add(f"{subject}.{node.attr}")
    return frozenset(found - FACTS.keys())


def _parsed(text: str) -> Any:
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415

    try:
        return _environment().parse(text)
    except TemplateSyntaxError as error:
        raise RenderError(f"line {error.lineno}: {error.message}") from error
    except RecursionError as error:
        raise RenderError("the template is nested too deeply") from error


def _filled(text: str, values: Mapping[str, Any]) -> str:
    from jinja2 import UndefinedError  # noqa: PLC0415

    given: dict[str, Any] = {subject: {} for subject in FACTS}
    for name, value in values.items():
        subject, dot, attribute = name.partition(".")
        (given[subject] if dot else given)[attribute if dot else name] = value
    returns = text.count("\r\n")
    if returns and returns == text.count("\n"):
        return _filled(text.replace("\r\n", "\n"), values).replace("\n", "\r\n")
    mark = _CARRIAGE if _CARRIAGE not in text else ""
    if mark:
        text = text.replace("\r", mark)
    _parsed(text)
    try:
        template = _environment().from_string(text)
        pieces, size = [], 0
        for piece in template.generate(given):
            size += len(piece)
            if size > MAX_CHARACTERS:
                raise RenderError("the rendered text is far too large")
            pieces.append(piece)
    except UndefinedError as error:
        raise RenderError(f"line {_line(error)}: {error.message}") from error
    except RenderError:
        raise
    except Exception as error:  # whatever a template's own expressions come to
        raise RenderError(f"line {_line(error)}: {error}") from error
    rendered = "".join(pieces)
    return rendered.replace(mark, "\r") if mark else rendered


def _line(error: BaseException) -> int:
    """Jinja makes the lines of a template's traceback those of its text."""
    trace, line = error.__traceback__, 0
    while trace:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


@cache
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    class Environment(ImmutableSandboxedEnvironment):
        """`[[ name ]]`, for `{{ }}` and `${{ }}` belong to others; multiplication can't fill the memory."""

        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            sizes = [len(one) for one in (left, right) if isinstance(one, str | list | tuple)]
            numbers = [one for one in (left, right) if isinstance(one, int)]
            if operator == "**" and max(map(abs, numbers), default=0) > 1_000:
                raise RenderError("this power is far too large")
            if sizes and numbers and sizes[0] * numbers[0] > MAX_CHARACTERS:
                raise RenderError("this multiplication is far too large")
            return super().call_binop(context, operator, left, right)

    return Environment(
        block_start_string="[%", block_end_string="%]", variable_start_string="[[", variable_end_string="]]",
        comment_start_string="[%#", comment_end_string="#%]", undefined=StrictUndefined, autoescape=False,
        keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
