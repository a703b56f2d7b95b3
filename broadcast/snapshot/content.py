"""Render a file's content for a target: templates and replacements, for mappings that ask for them (pure).

`survey` returns what a file's content depends on: it is rendered once for all targets with the same values.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from broadcast.compose.header import with_header
from broadcast.config.delimiters import DEFAULT, Delimiters
from broadcast.config.values import Value, texts_in

if TYPE_CHECKING:
    from broadcast.snapshot.templates import TemplateError

MAX_EXPRESSION = 21_000  # characters that GitHub reads of one
MAX_LOOKING = 100_000_000  # characters
_BINARY = 8 * 1024  # bytes in which git, too, looks for a NUL
_PRIVATE = (range(0xE000, 0xF900), range(0xF0000, 0xFFFFE))  # characters that stand for others while Jinja works
# GitHub's own: up to a }} that isn't in a string of its, or to the first where its quotes don't match.
_GITHUB = re.compile(r"\$\{\{(?:'[^'\n]*'|[^'])*?\}\}|\$\{\{.*?\}\}", re.DOTALL)


class Trouble(NamedTuple):
    """Why a text can't be rendered."""

    reason: str
    line: int = 0  # from 1; 0 for the text as a whole
    column: int = 0  # from 1
    remedy: str = ""
    unknown: str = ""  # the name that has no value


class RenderError(Exception):
    """A text can't be rendered."""

    def __init__(self, trouble: Trouble) -> None:
        at = f"{trouble.line}:{trouble.column}: " if trouble.line else ""
        super().__init__(f"{at}{trouble.reason}")
        self.trouble = trouble


class Recipe(NamedTuple):
    """The values that a text is rendered with, only those that it uses; hashable."""

    template: tuple[tuple[str, Value], ...] | None = None  # None: no template; facts are named target.owner and so on
    replacements: tuple[tuple[str, str], ...] = ()  # exactly this → that
    delimiters: Delimiters = DEFAULT
    header: tuple[str, str] | None = None  # the text of the first line, and the path whose kind says how it is written


class Survey(NamedTuple):
    """What a file's content depends on."""

    names: frozenset[str] = frozenset()  # that its template uses, facts as target.owner
    trouble: Trouble | None = None  # why its template can't be read
    tokens: frozenset[str] = frozenset()  # of those looked for, what is in it
    is_text: bool = True  # else it is never touched
    certain: tuple[
        Trouble, ...
    ] = ()  # for names that are read whatever the values are, what there is if they have none


def survey(content: bytes, tokens: Iterable[str], *, template: bool, delimiters: Delimiters = DEFAULT) -> Survey:
    """What a file's content depends on: names in its template, and those of `tokens` in its text."""
    text = _text(content)
    if text is None:
        return Survey(is_text=False)
    if text.count("${{") * min(len(text), MAX_EXPRESSION) > MAX_LOOKING:  # each looks for its end
        return Survey(trouble=Trouble("it has too many ${{ for its size"))
    ours = _pattern(tokens)
    found = frozenset(token for piece, is_githubs in _pieces(text) if not is_githubs for token in ours.findall(piece))
    try:
        names, certain = _Template.of(text, Recipe(delimiters=delimiters)).used() if template else (frozenset(), ())
    except RenderError as error:
        return Survey(trouble=error.trouble, tokens=found)
    return Survey(names, tokens=found, certain=certain)


def tokens_of(variable: str) -> tuple[str, str]:
    """The two spellings of a variable in go-broadcast."""
    return f"{{{{{variable}}}}}", f"${{{variable}}}"


def render(content: bytes, recipe: Recipe) -> bytes:
    """The rendered content. Raises RenderError."""
    text = _text(content)
    if text is None or recipe == Recipe():
        return content
    if recipe.template is None:
        made = _replaced(text, dict(recipe.replacements)).encode()
    else:
        made = _Template.of(text, recipe).filled(recipe).encode()
    return with_header(made, *recipe.header) if recipe.header else made


class _Template(NamedTuple):
    """A text that Jinja changes only where it has tags of its own."""

    text: str  # without \r
    shield: Mapping[int, str]  # characters that could begin a tag, and what stands for them
    is_crlf: bool
    delimiters: Delimiters

    @classmethod
    def of(cls, text: str, recipe: Recipe) -> _Template:
        """Read a text that is to be filled in by a recipe."""
        shield = _shield(recipe, text)
        returns = text.count("\r\n")
        is_crlf = returns > 0 and returns == text.count("\n") == text.count("\r")
        plain = text.replace("\r\n", "\n") if is_crlf else text.replace("\r", shield[ord("\r")])
        return cls(plain, shield, is_crlf, recipe.delimiters)

    def used(self) -> tuple[frozenset[str], tuple[Trouble, ...]]:
        """The names that it uses, and what there is if those that are always read have no value. Raises RenderError."""
        from broadcast.snapshot import templates

        try:
            used = templates.used(self._replaced({}), self.delimiters)
        except templates.TemplateError as error:
            raise RenderError(_trouble(error, error.place, self._starts())) from error
        starts = self._starts()
        lacks = (templates.TemplateError(f"{name!r} is undefined", place, unknown=name) for place, name in used.certain)
        return used.names, tuple(_trouble(one, one.place, starts) for one in lacks)

    def filled(self, recipe: Recipe) -> str:
        """The rendered text. Raises RenderError."""
        from broadcast.snapshot import templates
        from broadcast.snapshot.scalars import thawed

        # In this order: values of templates must not be replaced. And what is replaced must not be a template.
        new = {old: value.translate(self.shield) for old, value in recipe.replacements}
        try:
            values = {name: thawed(value) for name, value in recipe.template or ()}
            made = templates.fill(self._replaced(new), values, self.delimiters)
        except templates.TemplateError as error:
            place = _origin(self.text, new, error.place)
            raise RenderError(_trouble(error, place, self._starts())) from error
        made = made.translate({ord(mark): chr(code) for code, mark in self.shield.items()})
        return re.sub("\r?\n", "\r\n", made) if self.is_crlf else made

    def _replaced(self, new: Mapping[str, str]) -> str:
        """The text with replacements, in which GitHub's expressions are no tags."""
        return _replaced(self.text, new, self.shield if self.delimiters.takes_githubs else {})

    def _starts(self) -> list[int]:
        """The places at which its lines start."""
        return [0, *(match.end() for match in re.finditer("\n", self.text))]


def _trouble(error: TemplateError, place: int, starts: list[int]) -> Trouble:
    if place < 0:
        return Trouble(error.reason, remedy=error.remedy)
    line = bisect_right(starts, place)
    return Trouble(error.reason, line, place - starts[line - 1] + 1, error.remedy, error.unknown)


def _shield(recipe: Recipe, text: str) -> dict[int, str]:
    """A private character for each that could begin a tag, and for \r, as Jinja would change it to \n."""
    values = (*(value for _, value in recipe.template or ()), *(value for _, value in recipe.replacements))
    seen = set(text).union(*map(texts_in, values), *recipe.delimiters.marks)
    special = sorted({"\r", *(letter for opening, _ in recipe.delimiters.pairs for letter in opening)})
    free = (chr(code) for codes in _PRIVATE for code in codes if chr(code) not in seen)
    made = {ord(one): mark for one, mark in zip(special, free, strict=False)}
    if len(made) < len(special):
        raise RenderError(Trouble("it uses every character that Unicode has for private use"))
    return made


def _text(content: bytes) -> str | None:
    if b"\0" in content[:_BINARY]:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _replaced(text: str, new: Mapping[str, str], githubs: Mapping[int, str] = {}) -> str:
    """Replace all tokens in one pass; in GitHub's `${{ … }}` only the characters in `githubs`."""
    ours = _pattern(new)
    return "".join(
        piece.translate(githubs) if is_githubs else ours.sub(lambda match: new[match[0]], piece)
        for piece, is_githubs in _pieces(text)
    )


def _origin(text: str, new: Mapping[str, str], place: int) -> int:
    """The place in `text` of what is at `place` once it is replaced."""
    ours, start, shift = _pattern(new), 0, 0
    for piece, is_githubs in _pieces(text):
        for match in () if is_githubs else ours.finditer(piece):
            if start + match.start() + shift >= place:
                return place - shift
            shift += len(new[match[0]]) - len(match[0])
        start += len(piece)
    return place - shift


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
