"""The interface's language: messages of the source, in English, to what the reader reads.

Templates say ``{{ _("Newest") }}`` and ``{{ ngettext("%(num)s post", "%(num)s posts", n) }}``, Python the same with the functions
here. The texts stand in one file per language, ``translations/<language>.po``.
"""

from __future__ import annotations

from flask import Flask


def gettext(message: str, **values: object) -> str:
    """The message in the reader's language, with ``%(name)s`` replaced by ``values``."""
    return message % values if values else message


def ngettext(singular: str, plural: str, num: int, **values: object) -> str:
    """The same of a message that depends on a number, which is ``%(num)s`` in it."""
    return (singular if num == 1 else plural) % {"num": num, **values}


def install(app: Flask) -> None:
    """Give the templates ``_`` and ``ngettext``, which escape the values they are given."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
