"""Backfile's indexer: an archive goes in, an index comes out, and one port answers for it.

    cli -> pipeline -> sources, clean, engine -> settings -> archive, errors

``sources`` read archive formats and yield the items of `indexer.archive`; ``clean`` turns their HTML into text;
``engine`` holds documents and answers searches; ``pipeline`` is the only module that knows all three.
"""
