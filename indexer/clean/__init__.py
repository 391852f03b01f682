"""Cleaning: archived HTML to text, to safe HTML, and the small values around it. Imports nothing else of Backfile
but `indexer.permalinks`.

    text.extract          a body       -> Text: the author's words, the quoted ones, the domains linked to; for the index
    safe.safe_html        a body       -> HTML that the reading view may show
    plain.plain           a title      -> one line of text
    characters.lines      ┐
    shortcodes.expand     ├ what they share: text to tidy lines, WordPress's brackets and its newlines to HTML,
    autop.autop           │ bodies that need no parser
    simple.pieces         ┘

    plain -> text -> simple, shortcodes, autop, characters
    safe  -> text (which elements are no text), simple, shortcodes, autop, characters

All are pure functions of strings. The input is hostile: none raises, recurses, or takes more than linear time.
"""
