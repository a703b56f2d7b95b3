"""YAML texts as people write them: shapes of well-known files, each in several stylings."""

import re
from collections.abc import Callable

SHAPES = {
    "workflow": """\
# The main checks.
name: CI  # shown in the list

on:
  push:
    branches: [main, 'release/**']
  pull_request:
  schedule:
    - cron: '0 4 * * 1' # Mondays

permissions: {}
env:
  PYTHON: 3.10
  FLAG: yes
concurrency: {group: "${{ github.ref }}", cancel-in-progress: true}

jobs:
  test:
    runs-on: ${{ matrix.os }}
    strategy:
      fail-fast: false
      matrix:
        os: [ubuntu-latest,
          windows-latest]   # two of them
        include:
          - os: macos-latest
            extra: true
    steps:
      # The source.
      - uses: actions/checkout@v4 # v4.2.2
        with:
          fetch-depth: 0

      - name: Test
        run: |
          # not a comment: a line of the script
          make test

          make lint   # slow
      - run: >-
          one
          two
    # - run: later

  # Only on main.
  publish:
    needs: test
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    steps: []
# The end.
""",
    "workflow unindented": """\
on:
- push
- pull_request
# jobs below
jobs:
  a:
    steps:
    - uses: a@v1
    # about b
    - uses: b@v1
      with: {x: 1,
             y: "2"}
    timeout-minutes: 0o17
""",
    "dependabot": """\
version: 2
updates:
  - package-ecosystem: "github-actions"
    directory: "/"
    schedule:
      interval: "weekly" # quiet
    groups:
      actions:
        patterns: ["*"]
  # Python
  - package-ecosystem: pip
    directory: /
    schedule: {interval: daily, time: "06:00"}
    ignore:
    - dependency-name: "x"
      versions: [1.x, ">= 2"]
""",
    "pre-commit": """\
# See https://pre-commit.com
default_language_version:
    python: python3.11
exclude: |
    (?x)^(
        docs/.*|
        vendor/.*
    )$
repos:
-   repo: https://github.com/pre-commit/pre-commit-hooks
    rev: v4.5.0  # keep
    hooks:
    -   id: trailing-whitespace
    -   id: check-yaml
        args: [--allow-multiple-documents, --unsafe]

-   repo: local
    hooks:
    -   id: lint
        entry: make lint
        language: system
        files: \\.py$
""",
    "compose": """\
version: "3.8"
x-logging: &logging
  driver: json-file
  options: {max-size: 10m}
x-env: &env
  TZ: UTC
  DEBUG: "false"
services:
  web:
    image: nginx:1.25
    logging: *logging
    environment:
      <<: *env
      PORT: 80
    ports:
      - "80:80"
      - 443:443
  worker:
    <<: [*logging]
    image: worker
    command: ["run", "--all"]
volumes:
  data:
  cache: ~
""",
    "mkdocs": """\
site_name: Docs
theme:
  name: material
  features: [navigation.tabs, search.highlight]
markdown_extensions:
  - toc:
      permalink: true
  - pymdownx.superfences:
      custom_fences:
        - name: mermaid
          format: !!python/name:pymdownx.superfences.fence_code_format
  - pymdownx.emoji:
      emoji_index: !!python/name:material.extensions.emoji.twemoji
nav:
- Home: index.md
- Guide:
  - Start: guide/start.md
  - 'More: so': guide/more.md
extra: !ENV [EXTRA, 'none']
""",
    "citation": """\
cff-version: 1.2.0
message: "If you use this software,
  please cite it as below."
authors:
  - family-names: O'Neil
    given-names: "Zo\\u00eb"
    orcid: https://orcid.org/0000-0000-0000-0001
title: A long title
  over two lines
version: 1.10
date-released: 2024-01-31
""",
    "kubernetes": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, "app.kubernetes.io/part-of": shop}
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: web
        image: "web:1.0"
        args:
        - --port
        - "80"
        resources:
          limits: {cpu: 500m, memory: 1Gi}
        env:
        - {name: A, value: "1"}
        - name: B
          valueFrom:
            secretKeyRef:
              name: s
              key: k
status: null
""",
    "openapi": """\
openapi: 3.0.3
info: {title: API, version: '1.0'}
paths:
  /pets/{id}:
    get:
      parameters:
        - name: id
          in: path
          required: true
      responses:
        '200':
          description: >
            All is well,
            mostly.

        404: {description: none}
        default:
          $ref: '#/components/responses/Error'
components: {}
""",
    "gitlab": """\
stages: [build, test]
.setup:
  script: &setup
    - echo setup
include:
  - local: '/a.yml'
default:
  image: "python:3.12"
build:
  stage: build
  script:
    - !reference [.setup, script]
    - echo "a: b"
  rules:
    - if: $CI_COMMIT_BRANCH == "main"
      when: always
    - {when: never}
  only: !reference [.setup, only]
test:
  script: *setup
  variables: {A: "1", B: two}
""",
    "cloudformation": """\
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      Name: !Sub "${Stack}-b"
      Tags: !If [IsProd, !Ref A, !Ref B]
      Policy: !GetAtt Other.Arn # long
      Code: !Base64 |
        #!/bin/sh
        run
      Map: !Map
        a: 1
""",
    "renovate": """\
{
  "extends": ["config:base", "group:all"],
  # which
  "labels": [
    "deps",
    "bot", # us
  ],
  "packageRules": [
    {"matchPackageNames": ["a"], "enabled": false},
    {
      "matchManagers": ["pip"],
      "automerge": true
    }
  ]
}
""",
    "codecov": """\
coverage:
  precision: 2
  status:
    project:
      default:
        target: auto
        threshold: 1%
    patch: off

comment:
  layout: "diff, files"   # two parts

  behavior: default
ignore:

  - "tests/**"   # ours

  - setup.py
""",
    "issue form": """\
name: Bug
description: |
  Tell us.

labels: [bug]
body:
  - type: markdown
    attributes:
      value: |-
        ## Thanks

          indented
  - type: input
    id: version
    attributes:
      label: "Version?"
      placeholder: 'it''s 1.0'
    validations: {required: true}
  - type: dropdown
    id: os
    attributes:
      options:
        - Linux
        - "Windows"
""",
    "scalars": """\
"quoted key": 'a'
'single': "b\\tc"
? explicit
: value
int: 0x1F
big: 12345678901234567890
float: 1e3
nan: .nan
inf: -.inf
thousand: 1_000
sexagesimal: 12:30:45
null1:
null2: ~
bool: True
1: one
3.10: version
date: 2001-01-01
url: http://example.com/#a
text: it's # comment
unicode: "\\u263a ☺ 😀"
empty: ''
tagged: !!str 12
binary: !!binary aGVsbG8=
tabs: a	# after a tab
multi: "one
  two

  three"
""",
    "blocks": """\
literal: |
  a
   b

folded: >
  a
  b

  c
strip: |-
  x
keep: |+
  y

indented: |2
    z
   w
list:
  - |
    item
  - >-
    folded
    item
last: |
  end
""",
    "nested lists": """\
matrix:
  - - a
    - b
  -
    - c
    # d is late
    - d
  - [e, [f, g]]
  -
    k: v
    l: w
  -
  - {}
deep: {a: {b: {c: [1, 2, {d: e}]}}}
""",
    "comments": """\
#!/usr/bin/env x
# yaml-language-server: $schema=x

# about a
a: 1

# about b
#
# at length
b:
  # first
  c: 1   # one
  # between

  # second
  d: 2
  # last of b
# about e
e:   # the list
  # before
  - 1
  # after

f: # nothing yet
  # really
g: |  # a header
  text
# end
""",
}


def _shifted(text: str) -> str:
    """With indentation twice as deep."""
    return re.sub("(?m)^ *(?:- +)*", lambda found: re.sub("[- ]", lambda one: one[0] + " ", found[0]), text)


STYLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "a byte order mark": lambda text: "\ufeff" + text,
    "no final newline": lambda text: text.rstrip("\n"),
    "twice as deep": _shifted,
    "a document start": lambda text: f"# Licence\n---\n{text}",
    "a document end": lambda text: f"---\n{text}...\n# over\n",
    "a directive": lambda text: f"%YAML 1.2\n---\n{text}",
    "blank lines": lambda text: f"\n\n{text}\n\n",
    "comments at the end": lambda text: f"{text}\n# one\n\n  # two\n",
    "comments between": lambda text: re.sub(r"(?m)^(?=[\w.]+:)", "# about it\n", text),
    "blanks at the ends": lambda text: re.sub(r"(?m)(?<=[\w\]}])$", "  ", text),
}


def _is_valid(shape: str, styling: str) -> bool:
    """Whether a styling keeps a shape a document: deeper ones have other indentation indicators."""
    return not (styling in {"twice as deep", "blanks at the ends"} and shape == "blocks")


TEXTS = {
    f"{shape}, {styling}": style(text)
    for shape, text in SHAPES.items()
    for styling, style in STYLINGS.items()
    if _is_valid(shape, styling)
}
