"""Backfile beside other engines: the same made-up blog, the same eleven queries, in one run (``make bench``).

blog.py           a blog of any size: a WordPress export, its documents as JSON lines, the queries
rows.py           those lines as rows for engines that read no export
engines.py        what an engine has to do, and which there are:
                  own.py · stock_whoosh.py · sqlite_fts5.py · rust_tantivy.py
measuring.py      one engine measured in a process of its own
site.py           `backfile index` of the export, the page of results, HTTP requests to `backfile serve`
timing.py         seconds;  memory.py  bytes
results.py        what was measured
targets.py        what was hoped for
report.py         tables for the terminal, Markdown, JSON
screenshots.py    (not a benchmark) pictures for the documentation
"""


class BenchmarkError(Exception):
    """What is wrong, and what to do: one line for the person at the terminal."""
