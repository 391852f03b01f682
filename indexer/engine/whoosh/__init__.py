"""The embedded engine: `indexer.engine.port` on Whoosh, by the array. Nothing outside this folder imports whoosh.

arrayfile.py    flat arrays in one mapped file
postings.py     the postings of a field as arrays
stored.py       stored fields in compressed blocks; records.py what a document is in them
codec.py        these files as a codec of Whoosh
fields.py       the field table as a Whoosh schema
preparing.py    documents -> batches, in any process
inversion.py    batches -> postings, by sorting; merging.py  several files, without what is dropped -> one
writer.py       documents, and the index that is there -> one Whoosh segment; held.py  what was there, to compare with
segments.py     the open segments of an index
facts.py        thread, kind, date and facet values of every document, as arrays
gathering.py    documents -> columns of facts; columns.py  several -> one; factfile.py  one -> the file that facts.py reads
translate.py    query tree -> Whoosh query; queries.py  the two query types that Whoosh lacks
evaluation.py   Whoosh query -> documents and scores; matching.py  in one segment; matches.py  what it hands about in between
multiterm.py    queries that stand for many terms; phrases.py  words in a row; scoring.py  BM25F; clock.py  the time bound
facets.py       filters and counts; order.py  the best of many
spelling.py     near words, "did you mean"
streaming.py    all documents in order; damage.py  what reading raises where files are damaged
searcher.py     a SearchRequest -> SearchResults
"""
