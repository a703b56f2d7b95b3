"""The mark of EJS for a value without escapes, which Jinja has for a block whose space is trimmed (pure)."""

from __future__ import annotations

import re

_TAGS = (
    "if|elif|else|endif|for|endfor|set|endset|raw|endraw|with|endwith|filter|endfilter|macro|endmacro|call|endcall|block"
    "|endblock|autoescape|endautoescape|print|include|extends|import|from|do|break|continue"
)


def unescaped(variable: str, block: str) -> re.Pattern[str] | None:
    """What `<%-` before a value is, beside `<%=` for values and `<%` for blocks; None for other marks."""
    if len(variable) != len(block) + 1 or not variable.startswith(block) or variable.endswith("-"):
        return None
    return re.compile(rf"{re.escape(block)}-(?!\s*(?:{_TAGS})\b)(?=\s*[A-Za-z_])")
