"""The embedded engine: `indexer.engine.port` on Whoosh. Nothing outside this folder imports whoosh.

writer.py      documents -> Whoosh segments
fields.py      the field table as a Whoosh schema
translate.py   query tree -> Whoosh query
facts.py       what of each document is held in memory as arrays: thread, kind, date, facet values
counting.py    facet counts over those arrays
spelling.py    "did you mean" from the index's own vocabulary
searcher.py    a SearchRequest -> SearchResults
"""
