"""The interface's language: messages of the source, in English, to what the reader reads.

Templates say ``{{ _("Newest") }}`` and ``{{ ngettext("%(num)s post", "%(num)s posts", n) }}``, Python the same with the functions
here, called while a request is answered. The texts stand in one file per language, ``translations/<language>.po``, which is
read when the app starts; ``make messages`` brings the files up to date with the source. Outside a request it is English.
"""

from __future__ import annotations

from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, Response, current_app, g, has_request_context, request
from markupsafe import Markup

from indexer.settings import Settings

FOLDER = Path(__file__).parent / "translations"
SOURCE = "en"
LANGUAGES = (SOURCE, *sorted(path.stem for path in FOLDER.glob("*.po")))
# English as it is written where the day comes before the month, as in the blog's addresses.
_CONVENTIONS = {SOURCE: "en_GB"}
_SETTING = "backfile.interface"


def language() -> str:
    """The language that the current request is answered in, one of `LANGUAGES`."""
    if not has_request_context():
        return SOURCE
    if "language" not in g:
        wanted: str = current_app.extensions.get(_SETTING, SOURCE)
        g.language = request.accept_languages.best_match(LANGUAGES, SOURCE) if wanted == "auto" else wanted
    chosen: str = g.language
    return chosen


def conventions() -> str:
    """Babel's name of the locale whose numbers and dates go with `language`."""
    return _CONVENTIONS.get(language(), language())


def gettext(message: str, **values: object) -> str:
    """The message in the reader's language, with ``%(name)s`` replaced by ``values``."""
    said = _catalogue(language()).gettext(message)
    return said % values if values else said


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """The same of a message that depends on a number, which is ``%(num)s`` in it and written as the language does."""
    return _catalogue(language()).ngettext(singular, plural, num) % {"num": decimal(num), **values}


def gettext_noop(message: str) -> str:
    """``message`` itself: marks a text for `make messages` that `gettext` is given later."""
    return message


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """The same for `ngettext`."""
    return singular, plural


def decimal(number: int) -> str:
    """1234 -> ``1,234`` in English, ``1 234`` in French."""
    return _decimal(number, conventions())


def install(app: Flask, settings: Settings) -> None:
    """Give the templates `language`, ``_`` and ``ngettext``, which escape the values they are given; read the catalogues."""
    app.extensions[_SETTING] = settings.interface
    for name in LANGUAGES:
        _catalogue(name)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.globals.update(_=_markup, gettext=_markup, ngettext=_nmarkup, language=language)

    @app.after_request
    def vary(response: Response) -> Response:
        if settings.interface == "auto" and "language" in g:
            response.vary.add("Accept-Language")
        return response


def _markup(message: str, **values: object) -> Markup:
    """A message is the source's or the catalogue's own and may hold HTML; values are escaped."""
    return Markup(_catalogue(language()).gettext(message)) % values


def _nmarkup(singular: str, plural: str, num: int, **values: object) -> Markup:
    return Markup(_catalogue(language()).ngettext(singular, plural, num)) % {"num": decimal(num), **values}


@cache
def _catalogue(name: str) -> NullTranslations:
    """The catalogue as the standard library's `gettext` has it, with the plural rule of its header."""
    if name == SOURCE:
        return NullTranslations()
    compiled = BytesIO()
    with (FOLDER / f"{name}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)


# A page writes some hundred numbers, most of them more than once in a while.
@lru_cache(maxsize=4096)
def _decimal(number: int, locale: str) -> str:
    return format_decimal(number, locale=locale)
