"""The language is the archive's; what its readers type is found, with accents and without, with elided articles and without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indexer import engine, pipeline
from indexer.engine.analysis import Analyzer
from indexer.engine.generations import Generations
from indexer.engine.languages import ELISIONS, ENDINGS
from indexer.engine.port import Searcher, SearchRequest
from indexer.errors import SettingError
from indexer.settings import LANGUAGES, Settings, language_of
from tests import corpus
from tests.corpus import BREAD, renamed
from tests.test_pipeline import export, item, write


def marked(searcher: Searcher, query: str) -> list[tuple[str, list[str], list[tuple[str, tuple[str, ...]]]]]:
    """Of each hit the id, the words marked in its snippet, and why it is there."""
    hits = searcher.search(SearchRequest(text=query, sort="oldest")).hits
    return [
        (hit.id, [text for text, is_match in hit.snippet.fragments if is_match], [(w.text, w.places) for w in hit.why])
        for hit in hits
    ]


@pytest.fixture
def french(tmp_path: Path) -> Iterator[Searcher]:
    texts = [
        "Ma chanson préférée de l'été.",
        "Mes photos préférées : la plage d’été.",
        "Un prefere, une photo, cet été-là",
    ]
    posts = [renamed(BREAD, f"f{n}", title="", text=text, categories=(), tags=()) for n, text in enumerate(texts)]
    corpus.build(tmp_path / "ix", posts, "french")
    with closing(engine.open_searcher(Settings(index_dir=tmp_path / "ix"))) as searcher:
        yield searcher


@pytest.mark.parametrize("query", ["préféré", "préférée", "preferee", "préférés", "prefere", "PRÉFÉRÉES"])
def test_french_forms_are_one_word_with_accents_and_without(french: Searcher, query: str) -> None:
    assert [hit for hit, _, _ in marked(french, query)] == ["f0", "f1", "f2"]


def test_french_plurals_in_os_are_their_singulars(french: Searcher) -> None:
    assert [id for id, _, _ in marked(french, "photo")] == [id for id, _, _ in marked(french, "photos")] == ["f1", "f2"]


@pytest.mark.parametrize("query", ["été", "l'été", "L’ete", "qu'été", "d'l'été"])
def test_an_elided_article_is_not_asked_for(french: Searcher, query: str) -> None:
    typed = query.replace("’", "'").rpartition("'")[2].lower()
    why = [(typed, ("text",))]
    assert marked(french, query) == [("f0", ["été"], why), ("f1", ["été"], why), ("f2", ["été"], why)]


def test_quotes_ask_for_the_article_too(french: Searcher) -> None:
    assert [(id, marks) for id, marks, _ in marked(french, '"plage d\'été"')] == [("f1", ["plage d’été"])]
    assert marked(french, "« l’été »")[0][:2] == ("f0", ["l'été"])
    assert french.highlighter("l'été").spans("à l’été") == [(4, 7)]


@pytest.mark.parametrize(
    ("language", "query", "asked"),
    [
        ("french", "jusqu’à title:l'eau -d'Orbe l'ét*", "à title:eau -Orbe ét*"),
        ("french", "aujourd'hui t-shirt l' L'OR l'or", "aujourd'hui t-shirt l' L'OR or"),
        ("italian", "l'acqua dell’anno un'altra", "acqua anno altra"),
        ("catalan", "l'aigua d’hivern", "aigua hivern"),
        ("irish", "d'athair b'fhearr", "athair fhearr"),
        ("english", "l'eau don't", "l'eau don't"),
    ],
)
def test_articles_of_a_query(language: str, query: str, asked: str) -> None:
    assert Analyzer(language).without_elisions(query) == asked


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("french", "préféré préférée préférés préférées"), ("french", "premier première premières"),
        ("french", "vidéo vidéos"), ("french", "active activité"), ("portuguese", "informação informações"),
        ("portuguese", "habilitação habilitar"), ("catalan", "informació informacions"), ("spanish", "información informaciones"),
        ("romanian", "informație informații informației"), ("russian", "новый новая новые новой"),
        ("german", "Buch Bücher"), ("italian", "città città"),
    ],
)  # fmt: skip
def test_forms_of_a_word_have_one_stem(language: str, forms: str) -> None:
    assert len(set(Analyzer(language).stems(forms))) == 1


def test_tables_are_of_languages_there_are() -> None:
    assert {*ENDINGS, *ELISIONS} <= set(LANGUAGES)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr-FR", "french"), ("pt_BR", "portuguese"), ("nb", "norwegian"), (" EN ", "english"), ("French", "french"),
        ("de_CH.UTF-8", "german"), ("zh-Hans", ""), ("", ""), ("-", ""),
    ],
)  # fmt: skip
def test_tags_of_languages(tag: str, language: str) -> None:
    assert language_of(tag) == language


def wxr(folder: Path, name: str, language: str) -> Path:
    text = export(item(1, f"http://b.example/{name}/", "Il parlait"))
    return write(folder / f"{name}.xml", text.replace("<wp:wxr", f"<language>{language}</language><wp:wxr", 1))


def test_the_language_is_the_first_that_a_source_says(tmp_path: Path) -> None:
    index = Settings(index_dir=tmp_path / "ix")
    unknown, french, german = (wxr(tmp_path, *pair) for pair in (("a", "tlh"), ("b", "fr-FR"), ("c", "de")))
    for sources, setting, expected in [
        ([unknown], "", "english"),
        ([unknown, french, german], "", "french"),
        ([french, german], "german", "german"),
    ]:
        report = pipeline.build(sources, replace(index, language=setting))
        assert report.payload()["language"] == Generations(index.index_dir).current().manifest.language == expected
    pipeline.build([french], index)
    with closing(engine.open_searcher(index)) as searcher:
        assert searcher.count(SearchRequest(text="parlait")) == searcher.count(SearchRequest(text="parler")) == 1


def test_of_pages_it_is_the_most_common_language(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for name, tag in (("1", "en"), ("2", "fr"), ("3", "fr-CA"), ("4", "")):
        html = (
            f'<html lang="{tag}"><body class="single"><article class="hentry post"><h1 class="entry-title">T{name}</h1>'
        )
        write(
            pages / f"{name}.html",
            f'{html}<div class="entry-content"><p>Texte {name} ici.</p></div></article></body></html>',
        )
    assert pipeline.build([pages], Settings(index_dir=tmp_path / "ix"), format_name="savedpage").language == "french"


def test_an_index_keeps_its_language_and_is_unchanged_in_it(tmp_path: Path) -> None:
    index = Settings(index_dir=tmp_path / "ix")
    french = wxr(tmp_path, "a", "fr")
    pipeline.build([french], index)
    assert pipeline.update([wxr(tmp_path, "b", "de")], index).language == "french"
    assert pipeline.unchanged([french, tmp_path / "b.xml"], index)
    assert pipeline.unchanged([french, tmp_path / "b.xml"], replace(index, language="german")) is None
    with pytest.raises(SettingError):
        pipeline.update([], replace(index, language="german"))


def test_an_export_of_ours_hands_its_language_on(tmp_path: Path) -> None:
    header = '{"type":"backfile","version":1,"created":"2024-05-06T07:08:09+00:00","language":"french"}'
    source = tmp_path / "a.jsonl"
    source.write_text(f'{header}\n{{"type":"post","id":"1","text":"nous mangeons"}}\n', encoding="utf-8")
    assert pipeline.build([source], Settings(index_dir=tmp_path / "ix")).language == "french"
