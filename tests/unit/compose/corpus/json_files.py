"""JSON documents: package.json, tsconfig.json, renovate.json5 and the like, in the layouts that people use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

# What a file says; the layouts come from `_plain`.
VALUES: dict[str, object] = {
    "package.json": {
        "name": "@acme/site",
        "version": "1.10.0",
        "private": True,
        "scripts": {"build": "tsc -p .", "test": "vitest run --coverage", "lint": 'eslint "src/**/*.ts"'},
        "files": ["dist", "README.md"],
        "dependencies": {"react": "^18.2.0", "zod": "~3.22.4"},
        "devDependencies": {"typescript": "5.4.2"},
        "engines": {"node": ">=20"},
    },
    "lerna.json": {
        "version": "independent",
        "packages": ["packages/*"],
        "command": {"publish": {"conventionalCommits": True}},
    },
    "composer.json": {
        "name": "acme/shop",
        "require": {"php": "^8.2", "ext-json": "*"},
        "autoload": {"psr-4": {"Acme\\Shop\\": "src/"}},
        "minimum-stability": "stable",
        "config": {"sort-packages": True, "platform": {}},
    },
    ".eslintrc": {
        "root": True,
        "extends": ["eslint:recommended", "plugin:@typescript-eslint/recommended"],
        "rules": {"no-console": ["error", {"allow": ["warn"]}], "max-len": [1, 120], "semi": 0},
        "overrides": [{"files": ["*.test.ts"], "env": {"jest": True}}, {"files": ["*.js"], "rules": {}}],
    },
    "angular.json": {
        "$schema": "./node_modules/@angular/cli/lib/config/schema.json",
        "version": 1,
        "projects": {
            "app": {
                "projectType": "application",
                "architect": {
                    "build": {"options": {"assets": ["src/favicon.ico", "src/assets"], "scripts": []}},
                    "budgets": [{"type": "initial", "maximumWarning": "500kb"}],
                },
            }
        },
        "cli": {"analytics": False},
    },
    "settings.json": {
        "editor.tabSize": 2,
        "editor.rulers": [80, 120],
        "files.exclude": {"**/.git": True, "**/node_modules": True},
        "[python]": {"editor.formatOnSave": True},
        "workbench.colorTheme": None,
    },
    "renovate.json": {
        "$schema": "https://docs.renovatebot.com/renovate-schema.json",
        "extends": ["config:recommended"],
        "packageRules": [
            {"name": "minor", "matchUpdateTypes": ["minor"], "automerge": True},
            {"name": "eslint", "matchPackagePatterns": ["^eslint"], "groupName": "eslint"},
        ],
        "prHourlyLimit": 0,
    },
    "manifest.json": {
        "name": "Söme Äpp 😀",
        "short_name": "App",
        "icons": [{"src": "/a.png", "sizes": "192x192"}],
        "display": "standalone",
    },
    "tsconfig.json": {
        "compilerOptions": {
            "target": "ES2022",
            "strict": True,
            "lib": ["ES2022", "DOM"],
            "paths": {"@/*": ["./src/*"]},
        },
        "include": ["src"],
        "references": [{"path": "./a"}, {"path": "./b"}],
    },
    "global.json": {"sdk": {"version": "8.0.100", "rollForward": "latestFeature"}},
    "appsettings.json": {
        "Logging": {"LogLevel": {"Default": "Information"}},
        "AllowedHosts": "*",
        "Retry": {"Delay": 1.5, "Max": 3},
    },
    "vcpkg.json": {
        "name": "lib",
        "version-string": "0.1",
        "dependencies": ["fmt", {"name": "boost-asio", "version>=": "1.80.0"}],
    },
    "devcontainer.json": {
        "image": "mcr.microsoft.com/devcontainers/base",
        "features": {},
        "forwardPorts": [3000],
        "customizations": {"vscode": {"extensions": []}},
    },
    "nest-cli.json": {"collection": "@nestjs/schematics", "sourceRoot": "src"},
    "turbo.json": {
        "pipeline": {"build": {"dependsOn": ["^build"], "outputs": ["dist/**"]}, "lint": {}},
        "globalEnv": ["CI"],
    },
    "deep.json": {"a": {"b": {"c": {"d": {"e": [[1, 2], [3]], "f": "x"}}}}, "list": [[], [{}]]},
}

# Documents whose layout is their point: comments, commas, quotes, mixed lines.
SHAPES: dict[str, str] = {
    "tsconfig with comments": """{
  // See https://www.typescriptlang.org/tsconfig
  "compilerOptions": {
    /* Language */
    "target": "es2022", // what we ship
    // "lib": [],
    "strict": true /* all of it */,

    /* Modules
       and paths */
    "module": "commonjs",
    "rootDirs": [
      "src", // ours
      "gen" // generated
    ]
    // "allowJs": true
  },
  "include": ["src/**/*"], // sources
  "exclude": []
}
""",
    "settings with trailing commas": """// VS Code
{
    // Editor
    "editor.formatOnSave": true,
    "editor.rulers": [
        80,
        120, // wide
    ],

    "files.associations": {
        "*.foo": "json",
    },
    /* last */
}
""",
    "renovate.json5": """// Renovate
{
  $schema: 'https://docs.renovatebot.com/renovate-schema.json',
  extends: ['config:recommended', ':semanticCommits'],
  packageRules: [
    {
      name: 'minor', // daily
      matchUpdateTypes: ['minor', 'patch'],
      automerge: true,
    },
    // the others
    { name: 'major', enabled: false },
  ],
  'lock-file': {enabled: true},
}
""",
    "json5 numbers": "{\n\thex: 0xFF,\n\thalf: .5,\n\tfive: 5.,\n\tplus: +1,\n\tmost: Infinity,\n\tnone: NaN,\n\tline: 'it\\'s \\\nlong',\n}\n",
    "numbers": """{
  "money": 1.10,
  "huge": 1e400,
  "tiny": -0.0E-5,
  "id": 12345678901234567890,
  "list": [1.0, 1, 100000000000000000000.10]
}
""",
    "escapes": '{\n  "tab": "a\\tb",\n  "slash": "a\\/b",\n  "face": "\\ud83d\\ude00",\n  "raw": "é😀",\n  "k\\u0065y": "\\"",\n  "lone": "\\ud83d"\n}\n',
    "mixed lines": """{ "name": "x",
  "version": "1.0.0", "private": true,
  "one": { "a": 1, "b": [ 1, 2 ] }, "two": {"c":3},
  "files": ["a",
            "b"]
}
""",
    "comma first": """{
  "a": 1
, "b": 2 // two
, "c": { "d": 4
       , "e": 5
       }
}
""",
    "aligned": """{
    "name"    : "aligned",
    "version" : "1.0",
    "scripts" : {
        "a"   : "x",
        "bcd" : "y"
    }
}
""",
    "blank lines": """

{

  "a": 1,


  "b": {

    "c": 2

  },

  "d": []

}


""",
    "empty": "{}\n",
    "empty lines": "{\n}\n",
    "only a comment": "{\n  // nothing yet\n}\n",
    "compact lists": """{
  "matrix": [
    [1, 2, 3],
    [4, 5, 6]
  ],
  "people": [{ "name": "a", "age": 1 }, { "name": "b", "age": 2 }],
  "hugged": [{
    "name": "c"
  }, {
    "name": "d"
  }]
}
""",
    "brace on its line": """{
  "a":
  {
    "b": 1
  },
  "c":
  [
    1,
    2
  ]
}
""",
    "license": """/**
 * Copyright
 */

{ "a": 1, /* between */ "b": 2, "c": { /* inside */ } } // after
""",
}

LAYOUTS: dict[str, dict[str, Any]] = {
    "two spaces": {"indent": 2},
    "four spaces": {"indent": 4},
    "tabs": {"indent": "\t"},
    "minified": {"separators": (",", ":")},
    "one line": {},
    "escaped": {"indent": 2, "ensure_ascii": True},
}
ENDINGS = {
    "": lambda text: text,
    "no final line break": lambda text: text.rstrip("\r\n"),
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "bom": lambda text: "\ufeff" + text,
}


def _texts() -> Iterator[tuple[str, str]]:
    for name, value in VALUES.items():
        for layout, options in LAYOUTS.items():
            text = json.dumps(value, **{"ensure_ascii": False, **options}) + "\n"
            endings = ENDINGS if layout in ("two spaces", "four spaces", "tabs") else {"": ENDINGS[""]}
            yield from ((f"{name}, {layout}, {ending}", change(text)) for ending, change in endings.items())
    for name, text in SHAPES.items():
        yield from ((f"{name}, {ending}", change(text)) for ending, change in ENDINGS.items())


FILES = dict(_texts())
