"""What the bot and the desk say: catalogues of each language (zh_CN.po for chats, web_zh_CN.po
for pages), symbolic keys, ``{named}`` values."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("zh", "en")
_FILES = {"zh": ("zh_CN.po", "web_zh_CN.po"), "en": ("en.po", "web_en.po")}


@cache
def catalogue(lang: str) -> dict[str, str]:
    """Key -> words of ``lang``; any language that we do not speak reads Chinese."""
    words: dict[str, str] = {}
    for name in _FILES.get(lang, _FILES["zh"]):
        with (Path(__file__).parent / name).open("rb") as file:
            words |= {str(m.id): str(m.string) for m in read_po(file, charset="utf-8") if m.id}
    return words


def say(lang: str, key: str, /, **values: object) -> str:
    """The words for ``key``; KeyError when a catalogue lacks it (a test holds the two catalogues against each other)."""
    return catalogue(lang)[key].format(**values)


def map_language(tag: str) -> str:
    """A network's language tag to one of ours: ``zh-hans``, ``zh_TW`` -> zh; other languages -> en; unknown -> ""."""
    if not tag:
        return ""
    return "zh" if tag.lower().startswith(("zh", "yue", "cmn")) else "en"
