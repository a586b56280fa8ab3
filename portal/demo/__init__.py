"""The demo organisation: people, classes and several hundred invented records, made from a seed.

`items.records(seed)` describes the records; `paper` makes their files; `loading.load` puts them in through the archive's own verbs.
Every name, number and text is invented; check characters are right, so that forms and search treat them as real.
"""
