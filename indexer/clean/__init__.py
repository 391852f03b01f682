"""Cleaning: archived HTML to text, to safe HTML, and the small values around it. Imports nothing else of Backfile."""
