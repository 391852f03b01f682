"""Every setting of Backfile, in one table: the fields of `Settings`.

A value comes, strongest first, from a command-line flag, from the environment (``BACKFILE_INDEX_DIR``), from
``backfile.toml`` in the working directory (or the file that ``BACKFILE_CONFIG`` names), or from the default here.
"""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from indexer.errors import SettingError

CONFIG_FILE = "backfile.toml"
PREFIX = "BACKFILE_"
# Languages whose words Backfile can reduce to a stem, by the names of Snowball's algorithms, and their BCP 47 tags.
LANGUAGE_TAGS = dict(
    pair.split("=")
    for pair in (
        "arabic=ar armenian=hy basque=eu catalan=ca danish=da dutch=nl english=en esperanto=eo estonian=et finnish=fi "
        "french=fr german=de greek=el hindi=hi hungarian=hu indonesian=id irish=ga italian=it lithuanian=lt nepali=ne "
        "norwegian=no portuguese=pt romanian=ro russian=ru serbian=sr spanish=es swedish=sv tamil=ta turkish=tr yiddish=yi"
    ).split()
)
LANGUAGES = tuple(LANGUAGE_TAGS)
# Of an archive that does not say its language.
DEFAULT_LANGUAGE = "english"
# How else archives call one: Norwegian's two written forms, and codes of before BCP 47.
_BY_TAG = {tag: name for name, tag in LANGUAGE_TAGS.items()} | {
    "nb": "norwegian", "nn": "norwegian", "in": "indonesian", "ji": "yiddish",
}  # fmt: skip

# Languages of the pages: those of webapp/translations, and English.
INTERFACES = ("auto", "en", "fr")
# The boxes beside the results, most used first.
FACETS = ("kind", "category", "year", "month", "post_author", "comment_author", "tag", "site")
LOGO_TYPES = {
    ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
}  # fmt: skip

DEFAULT_MEMORY_MB = 512


def _setting(default: Any, help: str, least: int | None = None, most: int | None = None) -> Any:
    return field(default=default, metadata={"help": help, "least": least, "most": most})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. Build one with `load`; tests pass fields directly."""

    index_dir: Path = _setting(Path("index_data"), "Directory of the index.")
    language: str = _setting(
        "", "Language of the blog, for stemming (read by `index`); empty: the one the archive says, else English."
    )
    blog_name: str = _setting("", "Name on every page; empty: the name found in the archive.")
    blog_description: str = _setting("", "Line under the name; empty: the one found in the archive.")
    blog_url: str = _setting("", "Address of the original blog; empty: the one found in the archive.")
    host: str = _setting("127.0.0.1", "Address that `serve` listens on.")
    port: int = _setting(8000, "Port that `serve` listens on.", 1, 65535)
    workers: int = _setting(0, "Worker processes of `serve`; 0: one per processor core.", 0, 256)
    jobs: int = _setting(0, "Worker processes of `index`; 0: one per processor core, at most 4; 1: none.", 0, 256)
    memory_mb: int = _setting(
        DEFAULT_MEMORY_MB,
        "Megabytes that `index` takes before it writes what it has; more is a little faster.",
        256,
        65536,
    )
    interface: str = _setting("auto", "Language of the pages: en, fr, or auto for what the browser asks for.")
    accent: str = _setting("", "Colour of links and buttons, as #rrggbb; made readable on light and on dark paper.")
    logo: str = _setting("", "Picture beside the name: an SVG, PNG, JPEG or WebP file.")
    facets: tuple[str, ...] = _setting(FACETS, "Filters beside the results, in their order.")
    redactions: Path = _setting(
        Path("redactions.toml"), "File that says what to leave out or replace (read by `index` and `update`)."
    )
    page_size: int = _setting(10, "Results per page.", 1, 100)
    images: bool = _setting(False, "Show the images of archived posts, loaded from where the blog had them.")
    query_seconds: int = _setting(5, "Time after which a search stops and shows what it found, in seconds.", 1, 60)


def load(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from flags (``overrides``; None values count as not given), environment, file and defaults.

    Raises `SettingError`, naming the setting and where its value came from.
    """
    env = os.environ if environ is None else environ
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    path = Path(env.get(PREFIX + "CONFIG", CONFIG_FILE))
    for name, value in _read_file(path, required=PREFIX + "CONFIG" in env).items():
        if name not in known:
            raise SettingError(f"{path}: there is no setting {name!r}. Settings: {', '.join(known)}.")
        values[name] = _convert(known[name], value, str(path))
    for name, f in known.items():
        if text := env.get(PREFIX + name.upper()):  # empty counts as not set
            values[name] = _convert(f, text, PREFIX + name.upper())
    for name, value in (overrides or {}).items():
        if value is not None:
            values[name] = _convert(known[name], value, f"--{name.replace('_', '-')}")
    return Settings(**values)


def language_of(tag: str) -> str:
    """The language of `LANGUAGES` that a tag names (``fr``, ``fr-FR``, ``pt_BR``), or its own name; "" for any other."""
    first = re.split(r"[-_.@]", tag.strip().lower())[0]
    return first if first in LANGUAGE_TAGS else _BY_TAG.get(first, "")


def index_flag(index_dir: Path) -> str:
    """What a command that a message gives needs to mean this index: `` --index DIR``, "" for the default."""
    return "" if index_dir == Settings().index_dir else f" --index {shlex.quote(str(index_dir))}"


def _read_file(path: Path, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise SettingError(f"There is no {path}, which {PREFIX}CONFIG names.") from None
        return {}
    except OSError as error:
        raise SettingError(f"Cannot read {path}: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"{path} is not valid TOML: {error}.") from error


def _convert(setting: Field[Any], value: Any, origin: str) -> Any:
    """``value`` as the setting's type; text is accepted for all, as the environment has nothing else."""
    kind: type = type(cast(Any, setting.default))
    try:
        if kind is bool:
            return _BOOLEANS[str(value).lower()]
        if kind is int:
            number = int(str(value))
            least, most = setting.metadata["least"], setting.metadata["most"]
            if not least <= number <= most:
                raise ValueError
            return number
    except (KeyError, ValueError):
        wanted = (
            "true or false"
            if kind is bool
            else f"a number from {setting.metadata['least']} to {setting.metadata['most']}"
        )
        raise SettingError(f"{origin}: {setting.name} must be {wanted}, not {value!r}.") from None
    if kind is tuple:
        value = _names(value)
    elif not isinstance(value, str | Path):
        raise SettingError(f"{origin}: {setting.name} must be text, not {value!r}.")
    if (check := _CHECKS.get(setting.name)) and (complaint := check(value)):
        raise SettingError(f"{origin}: {complaint}.")
    return kind(value)


def _names(value: Any) -> Any:
    """A list of names: TOML has lists, the environment separates them by commas."""
    return tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value


def _language(value: str) -> str:
    return (
        "" if not value or value in LANGUAGES else f"no stemmer for language {value!r}. Known: {', '.join(LANGUAGES)}"
    )


def _interface(value: str) -> str:
    return "" if value in INTERFACES else f"interface must be one of {', '.join(INTERFACES)}, not {value!r}"


def _accent(value: str) -> str:
    return (
        "" if re.fullmatch(r"(?:#[0-9a-fA-F]{6})?", value) else f"accent must be a colour like #86261f, not {value!r}"
    )


def _logo(value: str) -> str:
    if value and Path(value).suffix.lower() not in LOGO_TYPES:
        return f"logo must be a file of one of the types {', '.join(LOGO_TYPES)}, not {value!r}"
    return f"there is no file {value!r} for the logo" if value and not Path(value).is_file() else ""


def _facets(value: Any) -> str:
    if not isinstance(value, list | tuple) or any(not isinstance(name, str) for name in value):
        return f"facets must be a list of names, not {value!r}"
    if wrong := [name for name in value if name not in FACETS]:
        return f"there is no facet {wrong[0]!r}. Facets: {', '.join(FACETS)}"
    return "facets names one of them twice" if len(set(value)) < len(value) else ""


# What is wrong with a value, "" when nothing is.
_CHECKS: dict[str, Callable[[Any], str]] = {
    "language": _language,
    "interface": _interface,
    "accent": _accent,
    "logo": _logo,
    "facets": _facets,
}
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
