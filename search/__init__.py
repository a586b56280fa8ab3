"""Finding: text from files, the index, queries. All of it derived: it may be dropped and built again."""
