"""What the app holds: its settings, its searcher, and how the site is called."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask, current_app

from indexer.engine.port import About, Searcher
from indexer.errors import BackfileError
from indexer.settings import DEFAULT_LANGUAGE, LANGUAGE_TAGS, Settings

_KEY = "backfile"


@dataclass(frozen=True, slots=True)
class Site:
    """What the frame of every page shows.

    ``language`` is the archive's BCP 47 tag (the interface has its own), ``url`` "" or the original blog's http(s) address;
    ``pages``: the archive has pages beside its posts.
    """

    name: str
    description: str
    url: str
    language: str
    pages: bool


@dataclass(slots=True)
class State:
    """One per app. ``site`` is the last one known, so that an error page needs no index."""

    settings: Settings
    searcher: Searcher
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        self.site = site(self.settings, None)

    def refresh(self) -> Site:
        """The site as the index knows it now; without an index what was last known."""
        try:
            about = self.searcher.about()
        except BackfileError:
            return self.site
        self.site = site(self.settings, about)
        return self.site


def site(settings: Settings, about: About | None) -> Site:
    """The owner's settings first, then what the archive says; None where there is no index."""
    address = settings.blog_url or (about.blog_url if about else "")
    language = about.language if about else settings.language or DEFAULT_LANGUAGE
    return Site(
        name=settings.blog_name or (about.blog_name if about else ""),
        description=settings.blog_description or (about.blog_description if about else ""),
        url=address if address.startswith(("http://", "https://")) else "",
        language=LANGUAGE_TAGS.get(language, language),
        pages=bool(about and about.counts.get("pages")),
    )


def install(app: Flask, settings: Settings, searcher: Searcher) -> None:
    """Give the app its state."""
    app.extensions[_KEY] = State(settings, searcher)


def state() -> State:
    """The state of the app that serves the current request."""
    found: State = current_app.extensions[_KEY]
    return found
