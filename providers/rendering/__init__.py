"""Rendering: what a person reads of a document, from its stored bytes.

A document is told by how it begins, never by its name: `kind.kind_of`. `renderer.Renderer` gives its
text, or None when it has none that can be had within bounds; nothing in a document makes it raise.
Spreadsheets (`xlsx`) and Word documents (`docx`) are read here, out of a `package.Package` that
limits what a file may unpack to; PDFs (`pdf`) by a process that can be ended (`pdfworker`); calendars
by `providers.calendar.text`.

Imports nothing: a reader is loaded by the first document of its kind.
"""
