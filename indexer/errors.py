"""Every error that Backfile raises on purpose.

    BackfileError                  reason: the thing and what is wrong; hint: the next command; exit status 1
    ├── UsageError                 the command was called wrongly; exit status 2
    ├── SettingError               a setting has an impossible value; exit status 2
    ├── SourceError                an archive cannot be read
    │   └── IncompleteSourceError  ... cannot be read to its end; what came before is good (``--partial`` keeps it)
    └── IndexStoreError            the index directory cannot be used
        ├── NoIndexError           nothing was indexed yet
        ├── SchemaVersionError     another version of Backfile wrote the index
        ├── CorruptIndexError      a file of the index is missing, short or altered
        ├── IndexLockedError       another run is writing
        └── StorageError           the disk refused (full, read-only, quota)

Whoever raises one writes it for the person at the terminal; the command line and the web app each turn the tree into an exit
status or an HTTP status in one place. Anything else that escapes is a bug. What is stored of an error (`SourceReport.incomplete`)
is the reason alone: the hint is for who ran the command.
"""


class BackfileError(Exception):
    """Base of all. ``reason`` and ``hint`` are whole sentences, "" for no hint; the text of the error is both.

    ``exit_status`` is what the command line ends with.
    """

    exit_status = 1

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason, hint)
        self.reason, self.hint = reason, hint

    def __str__(self) -> str:
        return f"{self.reason} {self.hint}".rstrip()


class UsageError(BackfileError):
    """The command was called wrongly."""

    exit_status = 2


class SettingError(BackfileError):
    """A setting has an impossible value."""

    exit_status = 2


class SourceError(BackfileError):
    """An archive cannot be read."""


class IncompleteSourceError(SourceError):
    """An archive cannot be read to its end; the items yielded before this error are good."""


class IndexStoreError(BackfileError):
    """The index directory cannot be used."""


class NoIndexError(IndexStoreError):
    """Nothing was indexed yet."""


class SchemaVersionError(IndexStoreError):
    """Another version of Backfile wrote the index."""


class CorruptIndexError(IndexStoreError):
    """A file of the index is missing, short or altered."""


class IndexLockedError(IndexStoreError):
    """Another run is writing this index."""


class StorageError(IndexStoreError):
    """The disk refused: full, read-only or over quota."""
