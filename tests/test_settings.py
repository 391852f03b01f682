"""Settings: the table, and where values come from."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from indexer.engine.port import FACET_FIELDS
from indexer.errors import SettingError
from indexer.settings import FACETS, INTERFACES, Settings, load
from webapp import i18n

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "backfile.toml"
    path.write_text('blog_name = "From the file"\nport = 9000\nimages = true\n')
    return path


def test_flags_beat_the_environment_beats_the_file_beats_defaults(config: Path) -> None:
    env = {"BACKFILE_CONFIG": str(config), "BACKFILE_PORT": "9001", "BACKFILE_WORKERS": "3"}
    assert load({"workers": 5, "host": None}, env) == Settings(
        blog_name="From the file", port=9001, workers=5, images=True
    )


def test_without_anything_there_are_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({}, {}) == Settings()


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"BACKFILE_PORT": "many"}, "BACKFILE_PORT: port must be a number from 1 to 65535, not 'many'"),
        ({"BACKFILE_PORT": "70000"}, "port must be a number from 1 to 65535"),
        ({"BACKFILE_IMAGES": "maybe"}, "images must be true or false"),
        ({"BACKFILE_LANGUAGE": "klingon"}, "no stemmer for language 'klingon'"),
        ({"BACKFILE_INTERFACE": "de"}, "interface must be one of auto, en, fr, not 'de'"),
        ({"BACKFILE_ACCENT": "red"}, "accent must be a colour like #86261f, not 'red'"),
        ({"BACKFILE_ACCENT": "#12345\n"}, "accent must be a colour"),
        ({"BACKFILE_LOGO": "logo.gif"}, "logo must be a file of one of the types .svg, .png, .jpg, .jpeg, .webp, not"),
        ({"BACKFILE_LOGO": "no-such.svg"}, "there is no file 'no-such.svg' for the logo"),
        ({"BACKFILE_FACETS": "kind, mood"}, "there is no facet 'mood'"),
        ({"BACKFILE_FACETS": "kind,kind"}, "facets names one of them twice"),
        ({"BACKFILE_CONFIG": "no-such.toml"}, "There is no no-such.toml"),
    ],
)
def test_an_impossible_value_names_the_setting_and_its_origin(env: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        load({}, env)


@pytest.mark.parametrize(
    ("text", "message"), [("colour = 1", "there is no setting 'colour'"), ("= 3", "is not valid TOML")]
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "wrong.toml").write_text(text)
    with pytest.raises(SettingError, match=message):
        load({}, {"BACKFILE_CONFIG": str(tmp_path / "wrong.toml")})


def test_a_list_is_one_in_the_file_and_has_commas_in_the_environment(tmp_path: Path) -> None:
    (tmp_path / "b.toml").write_text('facets = ["year", "tag"]')
    env = {"BACKFILE_CONFIG": str(tmp_path / "b.toml")}
    assert load({}, env).facets == ("year", "tag")
    assert load({}, {**env, "BACKFILE_FACETS": " kind,site "}).facets == ("kind", "site")
    (tmp_path / "b.toml").write_text("facets = [1]")
    with pytest.raises(SettingError, match="facets must be a list of names"):
        load({}, env)


def test_settings_and_the_app_agree_on_languages_and_facets() -> None:
    assert sorted(INTERFACES) == sorted(("auto", *i18n.LANGUAGES))
    assert set(FACETS) < set(FACET_FIELDS)


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [f.name for f in fields(Settings) if f"`{f.name}`" not in readme] == []
