"""The interface's languages: every text is translated, and each request gets its own."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from indexer.engine.port import NOTICES, Notice, SearchRequest, SearchResults, Total
from indexer.settings import Settings
from webapp import i18n, wording

ROOT = Path(__file__).resolve().parents[1] / "webapp"
# The same as in `make messages`.
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_noop": None, "ngettext_noop": (1, 2)}
OPTIONS = {"**/templates/**.html": {"trimmed": "true"}}


def messages() -> list[str | tuple[str, ...]]:
    found = extract_from_dir(ROOT, METHODS, OPTIONS, KEYWORDS)
    return [message for _, _, message, _, _ in found]


@pytest.fixture
def app() -> Flask:
    return app_with("auto")


def app_with(interface: str) -> Flask:
    app = Flask("webapp")
    i18n.install(app, Settings(interface=interface))
    app.add_url_rule("/", "here", lambda: i18n.gettext("Not found"))
    app.add_url_rule("/plain", "plain", lambda: "no text")
    return app


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("name", i18n.LANGUAGES[1:])
def test_every_text_is_translated_with_the_same_placeholders(name: str) -> None:
    with (i18n.FOLDER / f"{name}.po").open("rb") as file:
        catalogue = read_po(file, locale=name)
    wrong = []
    for message in messages():
        forms = (message,) if isinstance(message, str) else message
        entry = catalogue.get(forms[0])
        translated = (entry.string,) if entry and isinstance(entry.string, str) else entry.string if entry else ()
        wanted = placeholders(forms[-1])
        if not translated or not all(translated) or any(placeholders(said) != wanted for said in translated):
            wrong.append(message)
    assert not wrong, "run `make messages` and translate these"


def test_markup_of_a_message_is_in_its_translation() -> None:
    with (i18n.FOLDER / "fr.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    for entry in catalogue:
        if isinstance(entry.id, str) and entry.id:
            tags = [re.findall(r"<[^>]+>", said) for said in (entry.id, str(entry.string))]
            assert sorted(tags[0]) == sorted(tags[1]), entry.id


@pytest.mark.parametrize(
    ("interface", "browser", "said"),
    [
        ("auto", "fr-CH, fr;q=0.9, en;q=0.8", "Introuvable"),
        ("auto", "en-US,en;q=0.9,fr;q=0.5", "Not found"),
        ("auto", "de, fr;q=0.5", "Introuvable"),
        ("auto", "de", "Not found"),
        ("auto", "", "Not found"),
        ("auto", ";;q=x,\x7f", "Not found"),
        ("fr", "en", "Introuvable"),
        ("en", "fr", "Not found"),
    ],
)
def test_the_setting_or_the_browser_chooses(interface: str, browser: str, said: str) -> None:
    answer = app_with(interface).test_client().get("/", headers={"Accept-Language": browser})
    assert answer.text == said
    assert ("Accept-Language" in answer.vary) == (interface == "auto")


def test_what_has_no_text_does_not_vary(app: Flask) -> None:
    assert not app.test_client().get("/plain").vary


def test_numbers_dates_and_plurals_are_the_languages_own(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert wording.number(1234567) == "1\u202f234\u202f567"
        assert wording.day(date(2008, 8, 4)) == "4 août 2008"
        assert wording.month(date(2008, 8, 1)) == "août 2008"
        assert wording.facet_label("month", "2008-02") == "février 2008"
        assert wording.count(0, "post") == "0 billet"  # French counts nothing in the singular
        assert wording.count(1234, "post") == "1\u202f234 billets"
        assert wording.FACET_TITLES["post_author"] == "Auteur"
        found = SearchResults(request=SearchRequest(text="x"), total=Total(12, 5, 14), listed=12, hits=(), facets={})
        assert wording.summary(found) == "12 fils\xa0: 5 billets et 14 commentaires correspondent"
    assert wording.number(1234567) == "1,234,567"
    assert wording.FACET_TITLES["post_author"] == "Author"


def test_a_notice_is_said_in_the_readers_language(app: Flask) -> None:
    assert {code: wording.NOTICES[code] for code in wording.NOTICES} == NOTICES
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        said = [wording.notice_text(notice) for notice in (Notice("characters", 1000), Notice("group", text="in:x"))]
    assert said == [
        "Seuls les 1\u202f000 premiers caractères de la requête ont été lus.",
        "in:x a été cherché comme des mots\xa0: il existe in:posts, in:comments, in:own et in:quotes.",
    ]


def test_templates_escape_values_and_not_messages(app: Flask) -> None:
    template = app.jinja_env.from_string(
        """{{ _('Results for %(query)s', query=q) }} {{ ngettext("%(num)s post", "%(num)s posts", 1234) }}"""
    )
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert template.render(q="<b>") == "Résultats pour &lt;b&gt; 1\u202f234 billets"


def test_every_noun_that_is_counted_is_a_message() -> None:
    assert set(wording.NOUNS) <= set(filter(lambda message: isinstance(message, tuple), messages()))
