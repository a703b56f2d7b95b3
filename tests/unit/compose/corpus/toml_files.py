"""TOML documents: pyproject.toml, Cargo.toml, Pipfile and the like, in the layouts that people use."""

from __future__ import annotations

from collections.abc import Iterator

HEADS = {
    "pyproject": """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "acme" # the name
version = "1.10"
dependencies = [
  "httpx>=0.27", # HTTP
  "rich",
  # the last
  "typer>=0.12",
]

[project.scripts]
acme = "acme.cli:main"
""",
    "poetry": """[tool.poetry]
name = 'acme'
version = "0.1.0"
authors = ["A <a@example.com>"]

[tool.poetry.dependencies]
python = "^3.11"
requests = { version = "^2.31", extras = ["socks"] }
local = {path = "../local", develop = true}

[tool.poetry.group.dev.dependencies]
pytest = "*"
""",
    "cargo": """[package]
name = "acme"
version = "0.1.0"
edition = "2021"

[dependencies]
serde = { version = "1.0", features = ["derive"] }
tokio.version = "1"
tokio.features = ["full"]
anyhow = "1"

[profile.release]
lto = true
opt-level = 3

[[bin]]
name = "acme"
path = "src/main.rs"

[[bin]]
name = "tool"
path = "src/tool.rs"

[target.'cfg(unix)'.dependencies]
nix = "0.27"
""",
    "ruff": """line-length = 120
target-version = "py311"
exclude = [".venv", "build"]

[lint]
select = [
    "E",
    "F"
]
ignore = []

[lint.per-file-ignores]
"tests/*" = ["S101"]
""",
    "pipfile": """[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"

[packages]
django = "*"
celery = {version = ">=5", extras = ["redis"]}

[dev-packages]

[requires]
python_version = "3.11"
""",
    "rustfmt": """# Style
max_width = 100
hard_tabs = false # never
imports_granularity = "Crate"
""",
    "netlify": """[build]
  command = "npm run build"
  publish = "dist"

  [build.environment]
    NODE_VERSION = "20"

[[redirects]]
  from = "/old"
  to = "/new"
  status = 301

# the rest
[[redirects]]
  from = "/*"
  to = "/index.html"
  status = 200
  [redirects.headers]
    X-From = "Netlify"
""",
    "values": """int = 1_000
hex = 0xDEAD_beef
float = 1.10
big = 1e400
inf = -inf
nan = nan
when = 1979-05-27T07:32:00Z
local = 1979-05-27 07:32:00.5
day = 1979-05-27
hour = 07:32:00
long = \"\"\"
two
lines \\
  joined\"\"\"
path = 'C:\\dir'
raw = '''
a 'b' \\ c''' # raw
esc = "tab\\t \\u00e9 😀"
""",
    "dotted": """name = "x"
physical.color = "orange"
physical.shape = "round"
site."google.com" = true

[fruit]
apple.color = 1
apple.taste.sweet = true

[fruit.apple.texture]
smooth = true
""",
    "out of order": """[a]
x = 1

[b]
y = 2

[a.c]
z = 3

[b.d]
w = 4

[[l.m]]
n = 1

[a.e]

[[l.m]]
n = 2
""",
    "mypy": """[tool.mypy]
strict = true

[[tool.mypy.overrides]]
module = ["a.*", "b"]
ignore_missing_imports = true

[[tool.mypy.overrides]]
module = "c"

[tool.coverage.run]
branch = true
""",
    "hugo": """baseURL = "https://example.com"
title="No space"
languageCode   =   "en"

[params]
  [params.author]
    name = "A"
  [params.social]
    links = [{name = "x", url = "y"}, {name = "z", url = "w"}]

[menu]
  [[menu.main]]
    name = "Home"
    weight = 1
""",
    "spaced headers": """[ tool . other ]
line-length = 88

["quoted key"."a.b"]
"c d" = 1
'e' = { 'f' = 2, g.h = 3 }
""",
}
TAILS = {
    "": "",
    "black": '\n# Black\n[tool.black]\nline-length = 120 # wide\nskip = ["a"]\n',
    "pytest": '\n\n[tool.pytest.ini_options]\naddopts = [\n  "-ra", # all\n  "-q"\n]\nmarkers = []\n',
    "commented": "\n[extra]\n# nothing = 1\n\n# end\n",
    "items": '\n[[extra.items]]\nname = "a"\nport = 80\n[extra.items.sub]\nx = 1\n\n[[extra.items]]\nname = "b"\n',
}
ENDINGS = {
    "": lambda text: text,
    "no final line break": lambda text: text.rstrip("\r\n"),
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "bom": lambda text: "\ufeff" + text,
}


def _texts() -> Iterator[tuple[str, str]]:
    for head, first in HEADS.items():
        for tail, last in TAILS.items():
            for ending, change in ENDINGS.items():
                text = change(first + last)
                yield f"{head}, {tail}, {ending}", text
    yield "one table", "[a]"
    yield "one key", "a=1"
    yield "only comments", "# nothing\n\n# yet\n"


FILES = dict(_texts())
