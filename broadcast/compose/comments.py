"""How a file's kind writes comments, by its name (pure)."""

from __future__ import annotations

import re
from itertools import pairwise

Comment = tuple[str, str]  # what begins and what ends one; many have no end but the line's

_SUFFIXES: dict[Comment, str] = {  # the last part of a name, or its last two
    ("#", ""): """
        awk bazel bzl cfg cmake coffee conf cr desktop dockerfile editorconfig env ex exs feature fish gd gemspec
        gitconfig gql graphql hcl jl just mailmap mak mk nim nix nomad org pl pm po podspec properties ps1 psd1 psm1 py
        pyi pyx r rake rb rego ru sed service sh bash zsh ksh socket star tcl tf tfvars timer toml yaml yml
    """,
    ("//", ""): """
        adoc asciidoc bicep c cc cjs cpp cs cts cue cxx dart fs fsx go gradle groovy h hh hpp hxx java js json5 jsonc
        jsonnet jsx kt kts less libsonnet mjs mm mts pas php proto rs sass scala scss sol styl swift thrift ts tsx zig
    """,
    ("<!--", "-->"): """
        astro axaml csproj fsproj htm html markdown md plist props qmd resx rmd storyboard svelte svg targets vbproj
        vcxproj vue xaml xhtml xib xml xsd xsl xslt
    """,
    ("--", ""): "adb ads dhall elm hs lua sql vhd vhdl",
    ("@rem", ""): "bat cmd",  # `::` breaks in parentheses, and a plain `rem` is printed
    (";;", ""): "clj cljc cljs edn el lisp rkt scm",
    ("/*", "*/"): "css pcss",
    ("@*", "*@"): "cshtml razor",
    ("<%#", "%>"): "ejs erb",
    ("%", ""): "erl hrl ltx sty tex",
    ("!", ""): "f90 f95 f03 f08",
    ("{{!--", "--}}"): "handlebars hbs",
    ("{#", "#}"): "j2 jinja jinja2 njk twig",
    ("(*", "*)"): "ml mli",
    ("'", ""): "vb vbs",
    (";", ""): "asm ini",
    ("{{--", "--}}"): "blade.php",
    ("<%--", "--%>"): "jsp",
    ("{/*", "*/}"): "mdx",
    ('"', ""): "vim",
}
_NAMES: dict[Comment, str] = {  # in lower case
    ("#", ""): """
        .ansible-lint .bash_profile .bashrc .bazelrc .browserslistrc .clang-format .clang-tidy .clangd .condarc
        .coveragerc .curlrc .envrc .flake8 .gemrc .git-blame-ignore-revs .gitattributes .gitmodules .htaccess .inputrc
        .npmrc .profile .pylintrc .shellcheckrc .tool-versions .wgetrc .yamllint .yarnrc .zprofile .zshenv .zshrc
        appfile berksfile brewfile build caddyfile capfile cmakelists.txt codeowners containerfile dangerfile dockerfile
        earthfile fastfile gemfile gnumakefile guardfile justfile kbuild kconfig makefile owners owners_aliases pipfile
        pkgbuild podfile pylintrc rakefile robots.txt snakefile tiltfile vagrantfile workspace
    """,
    ("//", ""): """
        .babelrc .devcontainer.json .eslintrc.json .jscsrc .jshintrc .jslintrc .swcrc api-extractor.json
        devcontainer.json go.mod go.work jenkinsfile jsconfig.json tsconfig.json tslint.json
    """,
    ('"', ""): ".gvimrc .vimrc",
    ("--", ""): ".luacheckrc",
}

# By the path, in lower case; the first that matches.
_PATHS: tuple[tuple[re.Pattern[str], Comment], ...] = (
    (re.compile(r"(?:.*/)?\.[a-z0-9_-]+ignore"), ("#", "")),
    (re.compile(r"(?:.*/)?(?:requirements|constraints)[^/]*\.(?:txt|in)"), ("#", "")),
    (re.compile(r"(?:.*/)?requirements/[^/]*\.(?:txt|in)"), ("#", "")),
    (re.compile(r"(?:.*/)?(?:dockerfile|containerfile|makefile|\.env)\.[^/]*"), ("#", "")),
    (re.compile(r"(?:.*/)?jenkinsfile\.[^/]*"), ("//", "")),
    (re.compile(r"(?:.*/)?\.(?:husky|githooks)/[a-z-]+"), ("#", "")),
    (re.compile(r"(?:.*/)?\.vscode/[^/]*\.json"), ("//", "")),
    (re.compile(r"(?:.*/)?tsconfig\.[^/]*\.json"), ("//", "")),
)
_BY_SUFFIX = {suffix: comment for comment, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_BY_NAME = {name: comment for comment, names in _NAMES.items() for name in names.split()}
_WRAPPER = re.compile(r"\.(?:dist|example|in|sample|template|tmpl)\Z")  # what stands before it is the kind


def comment_of(path: str) -> Comment | None:
    """What begins and ends a comment in a file of this name; None where its kind has none, or isn't known."""
    path = path.lower()
    while True:
        known = _BY_NAME.get(path.rpartition("/")[2]) or _by_path(path) or _by_suffix(path.rpartition("/")[2])
        shorter = _WRAPPER.sub("", path)
        if known or shorter == path:
            return known
        path = shorter


def harmless(text: str, comment: Comment) -> str:
    """One line of text that neither ends the comment it stands in, nor begins another, nor takes in the next line."""
    begin, end = comment
    text = " ".join(text.split())
    if not end:
        return text.rstrip("\\ ")  # in C and in make, a backslash continues the comment
    pairs = {begin[:2], end[:2]}
    apart = (f"{one} " if one + other in pairs else one for one, other in pairwise(text))
    return "".join(apart) + text[-1:]


def commented(text: str, comment: Comment) -> str:
    """A line of text as a comment, without its line end."""
    begin, end = comment
    return f"{begin} {harmless(text, comment)} {end}".replace("  ", " ").strip()


def _by_path(path: str) -> Comment | None:
    return next((comment for pattern, comment in _PATHS if pattern.fullmatch(path)), None)


def _by_suffix(name: str) -> Comment | None:
    parts = name.split(".")
    if len(parts) == 1:
        return None
    return _BY_SUFFIX.get(".".join(parts[-2:])) or _BY_SUFFIX.get(parts[-1])
