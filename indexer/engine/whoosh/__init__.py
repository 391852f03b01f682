"""The embedded engine: `indexer.engine.port` on Whoosh, by the array. Nothing outside this folder imports whoosh.

arrayfile.py    flat arrays in one mapped file
postings.py     the postings of a field as arrays
stored.py       stored fields in compressed blocks; records.py what a document is in them
codec.py        these files as a codec of Whoosh
fields.py       the field table as a Whoosh schema
preparing.py    documents -> batches, in any process
inversion.py    batches -> postings, by sorting; merging.py  several files of postings -> one
writer.py       documents -> a Whoosh segment
segments.py     the open segments of an index
facts.py        thread, kind, date and facet values of every document, as arrays
translate.py    query tree -> Whoosh query; queries.py  the two query types that Whoosh lacks
evaluation.py   Whoosh query -> documents and scores; matches.py  what it hands about in between
facets.py       filters and counts; order.py  the best of many
spelling.py     near words, "did you mean"
searcher.py     a SearchRequest -> SearchResults
"""
