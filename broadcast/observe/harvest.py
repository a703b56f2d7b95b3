"""What people improved in targets' files: read, compared with our versions, and carried back to the source's file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain

from broadcast.compose import blocks, carried, documents
from broadcast.compose.carried import Versions
from broadcast.compose.composition import block_identity, keys_identity
from broadcast.compose.header import without_header
from broadcast.compose.parts import Block, Keys, Merge, Unmergeable
from broadcast.config.targets import Target
from broadcast.errors import Failure, FileUnavailable
from broadcast.git.objects import blob_id
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Question
from broadcast.github.validation import Malformed, reading
from broadcast.observe.bases import MAX_RENDERED, Bases, Past
from broadcast.observe.contents import Contents, by_target, select_blobs
from broadcast.observe.finds import Find, Improvement, Unable
from broadcast.observe.history import History
from broadcast.observe.object_cache import ObjectCache
from broadcast.observe.touches import Touch, people_since, read_touches, select_touches
from broadcast.snapshot.content import Recipe, RenderError, render, survey
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import pair
from broadcast.snapshot.time_limit import Check, TimeLimit

PATHS_A_QUESTION = 10
_HISTORY = "the source's history can't be read, so this may be an older version"


class Harvester:
    """Reads and carries back what was found in the fleet."""

    def __init__(
        self, renderer: Renderer, past: History, objects: ObjectCache, *, ours: str, time_limit: TimeLimit
    ) -> None:
        self._time_limit = time_limit
        self._renderer, self._past, self._ours = renderer, past, frozenset({ours})
        self._contents = Contents(objects)
        self._bases = Bases(past.versions, self._contents)
        self._touches: dict[Find, tuple[Touch, ...]] = {}
        self._scope = Scope("harvest")

    def harvest(self, found: Iterable[tuple[GitHub, Sequence[Find]]]) -> Iterable[Improvement | Unable]:
        """What becomes of each find that is no older version; every blob is read once."""
        by_client = [(github, list(those)) for github, those in found]
        self._learn_source(list(chain.from_iterable(those for _, those in by_client)))
        for github, those in by_client:
            open_ = [one for one in those if not self._is_older(one, one.theirs)]
            self._ask(github, open_)
            self._read_bases(open_)
            for one in open_:
                if made := self._in_time(one):
                    yield made

    def _learn_source(self, found: Sequence[Find]) -> None:
        """What the source once had, and the texts of it that ids don't tell apart."""
        self._past.learn({one.sent.source for one in found}, self._scope)
        sources = {one.sent.source for one in found if one.needs_texts}
        oids = [oid for path in sorted(sources) for oid in self._past.versions.get(path, ())[:MAX_RENDERED]]
        self._past.read(oids, self._contents, self._scope)

    def _is_older(self, one: Find, theirs: bytes | None) -> bool:
        """Whether the target has an older version of ours, as far as that is known now."""
        if one.is_as_written:
            return one.entry.oid in self._past.versions.get(one.sent.source, ())
        if one.part is None:
            return one.entry.oid in {blob_id(text) for text in self._older(one)}
        return isinstance(one.part, Block) and theirs is not None and self._is_older_block(one, one.part, theirs)

    def _is_older_block(self, one: Find, part: Block, theirs: bytes) -> bool:
        try:
            had = blocks.present(theirs, part.id, one.path, part.comment)
            return had in {blocks.normalised(text) for text in self._older(one)}
        except Unmergeable:
            return False

    def _older(self, one: Find) -> list[bytes]:
        """What the target would have got of each older version, the newest first."""
        made = []
        for oid in self._past.versions.get(one.sent.source, ())[:MAX_RENDERED]:
            content = self._contents.get(oid)
            text = _rendered(content.data, one.sent.recipe) if content and content.data is not None else None
            made += [] if text is None else [text]
        return made

    def _ask(self, github: GitHub, found: Sequence[Find]) -> None:
        """Read what targets have, each blob once, and who changed it."""
        grouped: dict[Target, list[Find]] = defaultdict(list)
        owners: dict[str, Target] = {}
        for one in found:
            grouped[one.target].append(one)
            if one.theirs is None and self._contents.get(one.entry.oid) is None:
                owners.setdefault(one.entry.oid, one.target)
        touched = [
            (those[start:][:PATHS_A_QUESTION], target)
            for target, those in grouped.items()
            for start in range(0, len(those), PATHS_A_QUESTION)
        ]
        blobs = list(by_target(owners))
        questions = [_touches(target, those) for those, target in touched]
        questions += [select_blobs(target.owner, target.name, oids) for target, oids in blobs]
        replies = batch.ask(github, questions, self._scope) if questions else []
        for (those, _), reply in zip(touched, replies, strict=False):
            self._take_touches(those, reply.data or {})
        for (target, oids), reply in zip(blobs, replies[len(touched) :], strict=True):
            self._take_blobs(github, target, oids, reply.data or {})

    def _take_touches(self, found: Sequence[Find], data: Mapping[str, object]) -> None:
        try:
            with reading():
                by_path = read_touches(data, [one.path for one in found])
        except Malformed:
            return
        self._touches |= {one: by_path.get(one.path, ()) for one in found}

    def _take_blobs(self, github: GitHub, target: Target, oids: Sequence[str], data: Mapping[str, object]) -> None:
        with suppress(Failure), reading():  # what isn't known then is listed as such
            self._contents.learn(data)
            for oid in filter(self._contents.is_by_rest, oids):
                self._contents.read(github, target.full_name, oid, self._scope)

    def _read_bases(self, found: Sequence[Find]) -> None:
        """The texts of bases that ids have named."""
        texts = frozenset[str]().union(*(self._base(one)[1] for one in found if one.part is None and not one.is_new))
        self._past.read(texts, self._contents, self._scope)

    def _base(self, one: Find) -> tuple[tuple[str, bytes | None], frozenset[str]]:
        """The version of a whole file that the target had last, as blob and text; else what has to be read first."""
        had = {one.path: tuple(touch.oid for touch in self._touches.get(one, ()) if touch.oid)}
        past = Past(one.seen.state.merged, had)
        found = self._bases.of(one.path, one.sent, one.entry, past)
        return (found.oid, found.content), found.needs.texts

    def _in_time(self, one: Find) -> Improvement | Unable | None:
        """What becomes of it; a target with texts that take too long delays no other."""

        def work(check: Check) -> Improvement | Unable | None:
            check()
            return self._made(one)

        made = self._time_limit.attempt(one.target, work)
        if isinstance(made, Failure):
            return Unable(one.target.label, one.path, one.sent.source, "the target's files take too long to compare")
        return made

    def _made(self, one: Find) -> Improvement | Unable | None:
        try:
            return self._carried(one)
        except Unmergeable as error:
            where = f"line {error.line}: " if error.line else ""
            return Unable(one.target.label, one.path, one.sent.source, f"{where}{error.reason}; {error.remedy}")
        except (Failure, RenderError) as error:
            return Unable(one.target.label, one.path, one.sent.source, str(error))
        except Exception as error:  # a bug of ours with a stranger's file must not hide the other edits
            why = f"unexpected {type(error).__name__}: {error}; please report this, with the file"
            return Unable(one.target.label, one.path, one.sent.source, why)

    def _carried(self, one: Find) -> Improvement | None:
        """The source's file with the edit; None where there is none. Raises Unmergeable, Failure, RenderError."""
        if one.sent.mapping and one.sent.mapping.untracked:
            raise Unmergeable("the source's file is made by a build, not tracked by git", "change what it is made of")
        if one.is_new:
            return self._new(one)
        source, now = self._renderer.read(one.sent), self._renderer.contents(one.sent)
        theirs, (oid, base) = self._theirs(one), self._known_base(one)
        if isinstance(one.part, Merge) and base is None:
            return None
        if self._is_unknown(one):
            raise Unmergeable(_HISTORY, "give the token access to the source")
        versions = Versions(source, now, now if base is None else base, theirs)
        made = self._of_kind(one, versions, is_known=base is not None)
        if made is None or made == source:
            return None
        authors = people_since(self._touches.get(one, ()), oid, self._ours)
        return Improvement(
            one.target.label,
            one.path,
            one.sent.source,
            source,
            made,
            authors=authors,
            mode=one.sent.mode,
            is_foreign=base is None,
        )

    def _new(self, one: Find) -> Improvement:
        """A file that the source lacks. Raises Unmergeable, FileUnavailable."""
        content = self._theirs(one)
        kit = self._renderer.kit(one.target, one.sent.mapping, one.seen.state) if one.sent.mapping else None
        if kit:
            header = kit.header.replace("{path}", one.sent.source)
            content = without_header(content, header, one.path) if header else content
            found = survey(content, kit.tokens, template=kit.template, delimiters=kit.delimiters)
            if found.trouble or _rendered(content, kit.recipe(found)) != content:
                raise Unmergeable("the mapping would fill in something of it", "write it by hand, as a template")
        authors = people_since(self._touches.get(one, ()), "", self._ours)
        return Improvement(
            one.target.label, one.path, one.sent.source, b"", content, authors=authors, mode=one.entry.mode, is_new=True
        )

    def _of_kind(self, one: Find, versions: Versions, *, is_known: bool) -> bytes | None:
        recipe, part = one.sent.recipe, one.part
        if isinstance(part, Keys):
            older, again = self._older(one), partial(_rendered, recipe=recipe)
            return carried.keys(versions, older, part, one.path, again, is_known=is_known)
        if recipe.header:
            rest = (without_header(text, *recipe.header) for text in versions[1:])
            versions = Versions(versions.source, *rest)
        again = partial(_rendered, recipe=recipe._replace(header=None))
        return (
            carried.block(versions, part, one.path, again) if isinstance(part, Block) else carried.text(versions, again)
        )

    def _theirs(self, one: Find) -> bytes:
        """What the target has. Raises FileUnavailable."""
        if one.theirs is not None:
            return one.theirs
        found = self._contents.get(one.entry.oid)
        if found is None or found.data is None:
            raise FileUnavailable(f"the target's file {found.problem if found else 'is not in the answer of GitHub'}")
        return found.data

    def _known_base(self, one: Find) -> tuple[str, bytes | None]:
        """The version of ours that the target had last, with the blob that stood there if that is known."""
        if one.part is None:
            return self._base(one)[0]
        if isinstance(one.part, Merge):
            return "", one.base
        merged = one.seen.state.merged
        brought = {text: merged.get(pair(one.path, 0, _identity(one, text)), 0) for text in self._older(one)}
        last = max(brought, key=brought.__getitem__, default=None)
        return "", last if last is not None and brought[last] else None

    def _is_unknown(self, one: Find) -> bool:
        return bool(self._past.warnings) and not self._past.versions.get(one.sent.source)


def _identity(one: Find, text: bytes) -> str:
    """The identity of a block, or of keys, with this text."""
    if isinstance(one.part, Block):
        return block_identity(one.part.id, blocks.normalised(text))
    try:
        return keys_identity(documents.parsed(text.decode(), one.path), one.part) if isinstance(one.part, Keys) else ""
    except (Unmergeable, UnicodeDecodeError):
        return ""


def _rendered(content: bytes, recipe: Recipe) -> bytes | None:
    try:
        return render(content, recipe)
    except RenderError:
        return None


def _touches(target: Target, found: Sequence[Find]) -> Question:
    base = found[0].seen.state.base
    return select_touches(target.owner, target.name, base.head.oid if base else "", [one.path for one in found])
